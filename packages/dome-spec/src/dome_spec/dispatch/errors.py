"""What dispatch refuses, as one class for each reason.

RunUnknown            no run of this id is kept
RunHeld               another process carries the run out
RunOver               the run was given up, and is not taken up again
PlanDiffers           the run was begun with another plan
PlanUnusable          the plan cannot be carried out as it stands
RepositoryDiffers     the plan is for another repository
RecordStale           somebody else has changed the queue meanwhile
RecordDamaged         what is kept of the run cannot be read
KeyTaken              the daemon has another request under the key of an attempt
"""

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.kernel import Refusal


class RunUnknown(Refusal):
    """No run of this id is kept."""

    code = "RUN_UNKNOWN"
    exit_code = Exit.NOT_FOUND

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"There is no run {run_id!r} here", hint="`dome plan status` lists the runs of this repository"
        )
        self.run_id = run_id


class RunHeld(Refusal):
    """Another process carries the run out."""

    code = "RUN_HELD"
    exit_code = Exit.TRY_AGAIN

    def __init__(self, run_id: str, holder: Effector | None, since: str) -> None:
        name = f"{holder.id} since {since}" if holder is not None else "another process"
        super().__init__(
            f"The run {run_id} is being carried out by {name}",
            hint=f"Wait for its end (`dome plan status {run_id}`), or interrupt it and resume the run",
        )
        self.run_id = run_id
        self.holder = holder


class RunOver(Refusal):
    """The run was given up."""

    code = "RUN_OVER"

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"The run {run_id} was given up, and is not taken up again", hint="Begin another one: `dome plan run PLAN`"
        )


class PlanDiffers(Refusal):
    """The run was begun with another plan."""

    code = "PLAN_DIFFERS"

    def __init__(self, run_id: str, *, begun_with: str, given: str) -> None:
        super().__init__(
            f"The run {run_id} was begun with another plan",
            why=f"it carries out {begun_with}, and this plan is {given}",
            hint=f"`dome plan resume {run_id}` goes on with its own plan; leave --run-id out for a run of this one",
        )


class PlanUnusable(Refusal):
    """The plan cannot be carried out as it stands."""

    code = "PLAN_UNUSABLE"
    exit_code = Exit.INVALID


class RepositoryDiffers(Refusal):
    """The plan is for another repository."""

    code = "REPOSITORY_DIFFERS"


class RecordStale(Refusal):
    """Somebody else has changed the queue meanwhile."""

    code = "RECORD_STALE"

    def __init__(self, run_id: str, *, read: int, found: int) -> None:
        super().__init__(
            f"The queue of {run_id} is at revision {found}, and this process has read {read}",
            why="somebody else has changed it meanwhile",
            hint=f"`dome plan resume {run_id}` goes on from what is kept",
        )


class RecordDamaged(Refusal):
    """What is kept of the run cannot be read."""

    code = "RECORD_DAMAGED"


class KeyTaken(Refusal):
    """The daemon has another request under the key of an attempt."""

    code = "KEY_TAKEN"

    def __init__(self, group_id: str, message: str) -> None:
        super().__init__(
            f"The daemon has another request under the key {group_id}",
            why=message,
            hint="Resume the run from the directory in which it was begun, or begin another run",
        )
