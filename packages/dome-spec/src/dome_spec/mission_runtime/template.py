"""Whether a mission's type is still what it was when the mission began: by another one nobody goes on. Pure."""

from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.shared.definitions import LaneOperation
from dome_spec.mission_runtime.refusals import TemplateDrift

_ENDS: Final = frozenset({LaneOperation.RELEASE, LaneOperation.BLOCK, LaneOperation.CANCEL, LaneOperation.INTEGRATE})
"""What puts work aside, or says that it ended: no template is needed for that."""


def refuse_drift(mission: Mission, mission_type: MissionType, operation: LaneOperation) -> None:
    """Refuse to go on by a type that has changed since. Raises TemplateDrift."""
    begun = mission.mission_type
    if operation in _ENDS or digest(mission_type.to_value()) == begun.digest:
        return
    raise TemplateDrift(
        f"{mission.slug} does not go on",
        why=f"its type {begun.id} is not what it was when the mission began",
        hint="Put the type back, or begin a mission that follows this one",
    )
