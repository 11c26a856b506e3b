"""The status of missions: events, what they say, and the one door through which they change."""

from dome_spec.missions.status.aggregate import MissionStatus, Receipt
from dome_spec.missions.status.commands import overridden, subtask_changed
from dome_spec.missions.status.decide import Force, held_up
from dome_spec.missions.status.guards import Refused, same
from dome_spec.missions.status.port import Batch, MissionStore, RunStore, Stream
from dome_spec.missions.status.reduce import in_causal_order, merge, reduce
from dome_spec.missions.status.refusals import (
    ClaimConflict,
    MergeRefused,
    MissionFixed,
    PackageUnknown,
    StaleArtefact,
    StatusRefusal,
    StreamInvalid,
    StreamMoved,
    TransitionRefused,
)
from dome_spec.missions.status.standing import ArtefactDigest, Given, Standing, Wish
from dome_spec.missions.status.state import Fork, MissionState, PackageState, Snapshot
from dome_spec.missions.status.table import Table, upstream_table

__all__ = [
    "ArtefactDigest",
    "Batch",
    "ClaimConflict",
    "Force",
    "Fork",
    "Given",
    "MergeRefused",
    "MissionFixed",
    "MissionState",
    "MissionStatus",
    "MissionStore",
    "PackageState",
    "PackageUnknown",
    "Receipt",
    "Refused",
    "RunStore",
    "Snapshot",
    "StaleArtefact",
    "Standing",
    "StatusRefusal",
    "Stream",
    "StreamInvalid",
    "StreamMoved",
    "Table",
    "TransitionRefused",
    "Wish",
    "held_up",
    "in_causal_order",
    "merge",
    "overridden",
    "reduce",
    "same",
    "subtask_changed",
    "upstream_table",
]
