"""Missions and work packages: what people write, whether it fits together, and whether it was done."""

from dome_spec.missions.acceptance import accept, judge, scaffold
from dome_spec.missions.authored import (
    MISSION_FILE,
    PACKAGES_FOLDER,
    MissionText,
    mission_of,
    read_mission_text,
    read_package,
    refuse_changed,
)
from dome_spec.missions.dependencies import ancestors, cycle, order
from dome_spec.missions.finalize import Finalized, finalize
from dome_spec.missions.ownership import scope
from dome_spec.missions.refusals import (
    FinalizeRefused,
    MissionRefusal,
    MissionTextChanged,
    MissionUnreadable,
    NothingToJudge,
    PackageUnreadable,
    Problem,
)

__all__ = [
    "MISSION_FILE",
    "PACKAGES_FOLDER",
    "FinalizeRefused",
    "Finalized",
    "MissionRefusal",
    "MissionText",
    "MissionTextChanged",
    "MissionUnreadable",
    "NothingToJudge",
    "PackageUnreadable",
    "Problem",
    "accept",
    "ancestors",
    "cycle",
    "finalize",
    "judge",
    "mission_of",
    "order",
    "read_mission_text",
    "read_package",
    "refuse_changed",
    "scaffold",
    "scope",
]
