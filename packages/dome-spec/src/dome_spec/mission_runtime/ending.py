"""Giving a mission up, and taking it up again: whether that may be, and the fact that states it. Pure.

Both are for a person to decide. What the packages are is left as it stands: while a mission is given up nothing moves
them, and when it is taken up again they go on from there.
"""

from dome_contracts.schema.missions.status_event import MissionCanceled, MissionReopened
from dome_contracts.schema.shared.definitions import Accountable
from dome_spec.mission_runtime.refusals import RuntimeRefusal
from dome_spec.missions.status import Standing, TransitionRefused


class MissionEnded(RuntimeRefusal):
    """The mission has ended already."""

    code = "MISSION_ENDED"


class MissionGoesOn(RuntimeRefusal):
    """The mission has not ended."""

    code = "MISSION_GOES_ON"


def canceled(standing: Standing, accountable: Accountable, reason: str) -> MissionCanceled:
    """That a mission is given up. Raises MissionEnded, TransitionRefused."""
    slug, mission = standing.mission.slug, standing.snapshot.mission
    what = f"{slug} is not given up"
    if mission is not None and mission.is_canceled:
        hint = f"Take it up again: `dome mission reopen {slug} --reason TEXT`"
        raise MissionEnded(what, why="that was done already", hint=hint)
    if mission is not None and mission.receipt is not None:
        again = f"`dome mission reopen {slug} --reason TEXT`"
        hint = f"Revert it with git and begin another mission, or have it judged again: {again}"
        raise MissionEnded(what, why=f"it landed with {mission.receipt.commit[:12]}", hint=hint)
    _refuse_unsettled(standing, what, reason)
    return MissionCanceled(kind="mission_canceled", accountable=accountable, reason=reason)


def reopened(standing: Standing, accountable: Accountable, reason: str) -> MissionReopened:
    """That a mission which ended goes on. It has to be judged anew. Raises MissionGoesOn, TransitionRefused."""
    slug, mission = standing.mission.slug, standing.snapshot.mission
    what = f"{slug} is not taken up again"
    if mission is None or not (mission.is_canceled or mission.receipt is not None):
        hint = f"See where it stands: `dome board {slug}`"
        raise MissionGoesOn(what, why="it was neither given up nor brought home", hint=hint)
    _refuse_unsettled(standing, what, reason)
    return MissionReopened(kind="mission_reopened", accountable=accountable, reason=reason)


def _refuse_unsettled(standing: Standing, what: str, reason: str) -> None:
    slug, mission = standing.mission.slug, standing.snapshot.mission
    if not reason.strip():
        raise TransitionRefused("REASON_MISSING", what, why="no reason is given", hint="Say why with `--reason`")
    if mission is not None and (mission.open_forks or mission.conflicts):
        hint = f"Look at it: `dome mission show {slug}`; then `dome mission acknowledge {slug} --reason TEXT`"
        why = "two events of it follow the same one, and nobody has looked at it"
        raise TransitionRefused("MISSION_CONFLICTED", what, why=why, hint=hint)
    pending = [name for name, state in standing.snapshot.packages.items() if state.prepared is not None]
    if pending:
        why = f"a commit is under way in {', '.join(pending)}"
        hint = f"Wait for it, or settle it: `dome mission recover {slug}`"
        raise TransitionRefused("PACKAGE_PENDING", what, why=why, hint=hint)
