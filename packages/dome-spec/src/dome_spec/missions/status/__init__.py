"""The status of missions: events, what they say, and the one door through which they change."""

from dome_spec.missions.status.aggregate import MissionStatus, Receipt
from dome_spec.missions.status.commands import CLAIMS, overridden, subtask_changed
from dome_spec.missions.status.decide import Force, held_up
from dome_spec.missions.status.guards import Refused, same
from dome_spec.missions.status.loading import keep
from dome_spec.missions.status.port import Batch, Checkpoint, MissionStore, RunStore, Stream
from dome_spec.missions.status.reduce import folded, in_causal_order, merge, reduce
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
    "CLAIMS",
    "ArtefactDigest",
    "Batch",
    "Checkpoint",
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
    "folded",
    "held_up",
    "in_causal_order",
    "keep",
    "merge",
    "overridden",
    "reduce",
    "same",
    "subtask_changed",
    "upstream_table",
]
