"""What dispatch refuses, as one class for each reason.

RunUnknown            no run of this id is kept
RunHeld               another process carries the run out
RunOver               the run was given up, and is not taken up again
PlanDiffers           the run was begun with another plan
PlanUnusable          the plan cannot be carried out as it stands
RepositoryDiffers     the plan is for another repository
RecordStale           somebody else has changed the queue meanwhile
RecordDamaged         what is kept of the run cannot be read
RecordUnwritable      what happens in the run cannot be kept
LeaseLost             the lease of the run is not this process's any more
WorktreeDirty         the work may only start in a working tree without changes
KeyTaken              the daemon has another request under the key of an attempt
"""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.kernel import Refusal

_PATHS_SHOWN_MAX: Final = 5
_OF_THE_DISK: Final = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC),
        *(errno.EEXIST, errno.EISDIR, errno.ENOTDIR),
    }
)
"""Why the operating system does not let something be kept."""


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


class RecordUnwritable(Refusal):
    """What happens in the run cannot be kept, so nothing more is done in it."""

    code = "RECORD_UNWRITABLE"

    def __init__(self, run_id: str, path: Path, error: OSError) -> None:
        super().__init__(
            f"What happens in {run_id} cannot be kept in {path}",
            why=error.strerror or str(error),
            hint=f"Make room, or let this user write there; then `dome plan resume {run_id}` goes on if it was begun",
        )
        self.run_id = run_id
        self.path = path


@contextmanager
def keeping(run_id: str, directory: Path) -> Iterator[None]:
    """Around what writes for a run. Raises RecordUnwritable where the operating system does not let it."""
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        path = Path(error.filename) if isinstance(error.filename, str) else directory
        raise RecordUnwritable(run_id, path, error) from error


class LeaseLost(Refusal):
    """The lease of the run is not this process's any more: somebody has taken its file away."""

    code = "LEASE_LOST"
    exit_code = Exit.TRY_AGAIN

    def __init__(self, run_id: str, path: Path) -> None:
        super().__init__(
            f"The run {run_id} is not this process's any more",
            why=f"{path} was removed or replaced while it was held",
            hint=f"See who carries it out (`dome plan status {run_id}`), then `dome plan resume {run_id}`",
        )
        self.run_id = run_id


class WorktreeDirty(Refusal):
    """The work may only start in a working tree without changes, and this one has some."""

    code = "WORKTREE_DIRTY"
    policy_reason_code = PolicyReason.REPOSITORY_DIRTY

    def __init__(self, changed: Sequence[str] | None) -> None:
        super().__init__(
            "The plan asks for a working tree without changes (`clean_tree_required`), and nothing was asked for",
            why="it is not known whether there are any: this is no git repository"
            if changed is None
            else _told(changed),
            hint="Commit or stash them, or make the plan without `clean_tree_required`",
        )
        self.changed = changed


def _told(changed: Sequence[str]) -> str:
    more = f" and {len(changed) - _PATHS_SHOWN_MAX} more" if len(changed) > _PATHS_SHOWN_MAX else ""
    shown = ", ".join(changed[:_PATHS_SHOWN_MAX]).encode("utf-8", errors="backslashreplace").decode()
    return f"changed are {shown}{more}"


class KeyTaken(Refusal):
    """The daemon has another request under the key of an attempt."""

    code = "KEY_TAKEN"

    def __init__(self, group_id: str, message: str) -> None:
        super().__init__(
            f"The daemon has another request under the key {group_id}",
            why=message,
            hint="Resume the run from the directory in which it was begun, or begin another run",
        )
