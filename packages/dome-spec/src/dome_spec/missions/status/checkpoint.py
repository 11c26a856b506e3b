"""What a log said up to a place, as bytes that a store keeps beside it: a cache, which is never what is true.

It is good for one table, one way of folding and one form of what is kept, which its key names; whoever has another key
ignores it. So does whoever cannot read it.
"""

from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from dome_contracts.canonical import digest
from dome_spec.missions.status.reduce import Folded
from dome_spec.missions.status.state import Fork, MissionState, PackageState, Snapshot, StandingReview

REDUCER: Final = 3
"""Version of how events are folded. It is raised with every change of what the same log says."""
EVENTS_MIN: Final = 256
"""How many events come after a checkpoint before a writer makes another one."""
_MISSION: Final = ""
"""Stands for the mission's own stream among the names of packages."""


class _Kept(NamedTuple):
    mission: MissionState | None
    packages: dict[str, PackageState]
    dropped: list[str]
    orphans: list[str]
    counts: dict[str, int]


@lru_cache
def key_of(table_digest: str) -> str:
    """Says for what a checkpoint is good: a table by its digest, the reducer, and the fields that are kept."""
    forms = (PackageState._fields, _names(MissionState), _names(StandingReview), _names(Fork), _Kept._fields)
    return digest({"table": table_digest, "reducer": REDUCER, "forms": [list(each) for each in forms]})


def encoded(folded: Folded) -> bytes:
    """The bytes."""
    snapshot = folded.snapshot
    kept = _Kept(
        mission=snapshot.mission,
        packages=dict(snapshot.packages),
        dropped=sorted(snapshot.dropped),
        orphans=sorted(snapshot.orphans),
        counts={name or _MISSION: count for name, count in folded.counts.items()},
    )
    return _adapter().dump_json(kept, by_alias=True, exclude_unset=True, fallback=dict, warnings=False)


def decoded(body: bytes) -> Folded | None:
    """What the bytes say; None where they say nothing that is understood."""
    try:
        kept = _adapter().validate_json(body)
    except ValidationError:
        return None
    snapshot = Snapshot(
        mission=kept.mission,
        packages=MappingProxyType(kept.packages),
        dropped=frozenset(kept.dropped),
        orphans=frozenset(kept.orphans),
    )
    return Folded(snapshot, {name or None: count for name, count in kept.counts.items()})


@lru_cache
def _adapter() -> TypeAdapter[_Kept]:
    return TypeAdapter(_Kept)


def _names(kind: type[MissionState] | type[StandingReview] | type[Fork]) -> list[str]:
    return list(kind.__dataclass_fields__)
