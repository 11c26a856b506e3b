"""What a log says: every stream followed from its beginning, in the order of causes. Pure.

The answer depends on the set of events alone: neither their order, nor repetition, nor any clock matters. A fork is two
events that follow the same one; which of them holds is decided by what they are and what follows them. A side on which
the work was given up goes before all others, then one on which it was rejected; among equals the lower id does. So a
rejection holds against whatever happened elsewhere without knowing of it, however many events lie before it. The other
side is dropped, and the fork is shown until somebody acknowledges it; a side that goes on afterwards is shown again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.missions.status_event import (
    ConflictRule,
    MissionCanceled,
    PackageTransitioned,
    ReviewRecorded,
    StatusEvent,
)
from dome_spec.missions.status.fold import is_cancellation, is_rejection, mission_after, package_after
from dome_spec.missions.status.refusals import MergeRefused, StreamInvalid
from dome_spec.missions.status.state import Fork, MissionState, PackageState, Snapshot
from dome_spec.missions.status.table import Table


def merge(*logs: Iterable[StatusEvent]) -> tuple[StatusEvent, ...]:
    """All events of the logs, each once, by id. Raises MergeRefused where one id stands for different events."""
    found: dict[str, StatusEvent] = {}
    for event in (each for log in logs for each in log):
        known = found.setdefault(event.event_id, event)
        if (
            known is not event
            and known != event
            and canonical_bytes(known.to_value()) != canonical_bytes(event.to_value())
        ):
            raise MergeRefused(
                f"Two different events have the id {event.event_id}",
                why="one of the logs was altered",
                hint="Export both and compare the lines with this id",
            )
    return tuple(found[each] for each in sorted(found))


class Said(NamedTuple):
    """What one stream says."""

    state: PackageState | MissionState | None
    dropped: frozenset[str]
    orphans: frozenset[str]


class Folded(NamedTuple):
    """What a log says, and how many events of each stream there are: those included that do not hold."""

    snapshot: Snapshot
    counts: Mapping[str | None, int]


NOTHING: Final = Folded(Snapshot(mission=None, packages=MappingProxyType({})), MappingProxyType({}))
"""What an empty log says."""


def reduce(events: Iterable[StatusEvent], table: Table) -> Snapshot:
    """What the log says. Raises MergeRefused, StreamInvalid."""
    return folded(events, table).snapshot


def folded(events: Iterable[StatusEvent], table: Table) -> Folded:
    """What the log says, with the events counted. Raises MergeRefused, StreamInvalid."""
    streams: dict[str | None, list[StatusEvent]] = {}
    for event in merge(events):
        streams.setdefault(event.subject.work_package_id, []).append(event)
    said = {name: stream_said(stream, table) for name, stream in streams.items()}
    return Folded(
        snapshot_with(NOTHING.snapshot, said, set()),
        MappingProxyType({name: len(stream) for name, stream in streams.items()}),
    )


def snapshot_with(known: Snapshot, said: Mapping[str | None, Said], stale: set[str]) -> Snapshot:
    """What was known, with these streams as they stand. `stale` names events whose standing is said anew."""
    mission, packages = known.mission, dict(known.packages)
    dropped, orphans = set(known.dropped) - stale, set(known.orphans) - stale
    for name, stream in said.items():
        dropped |= stream.dropped
        orphans |= stream.orphans
        if isinstance(stream.state, MissionState):
            mission = stream.state
        elif name is not None and stream.state is not None:
            packages[name] = stream.state
    return Snapshot(
        mission=mission,
        packages=MappingProxyType(dict(sorted(packages.items()))),
        dropped=frozenset(dropped),
        orphans=frozenset(orphans),
    )


def stream_said(events: Iterable[StatusEvent], table: Table) -> Said:
    """What all events of one stream say, each of another id. Raises StreamInvalid."""
    stream = {each.event_id: each for each in events}
    way, forks = _followed(stream)
    lost = stream.keys() - {each.event_id for each in way}
    cut = _without_beginning(stream, lost)
    state = along(None, way, table)
    if forks and state is not None:
        state = replace(state, forks=forks) if isinstance(state, MissionState) else state._replace(forks=forks)
    return Said(state, frozenset(lost - cut), frozenset(cut))


def along(
    state: PackageState | MissionState | None, way: Iterable[StatusEvent], table: Table
) -> PackageState | MissionState | None:
    """The state after events of one stream that follow each other. Raises StreamInvalid."""
    mission = state if isinstance(state, MissionState) else None
    package = state if isinstance(state, PackageState) else None
    for event in way:
        if event.subject.work_package_id is None:
            mission = mission_after(mission, event)
        else:
            package = package_after(package, event, table)
    return mission or package


def _followed(stream: Mapping[str, StatusEvent]) -> tuple[Sequence[StatusEvent], tuple[Fork, ...]]:
    """The events that hold, each after its cause, and the forks on the way."""
    after: dict[str | None, list[StatusEvent]] = {}
    for event in stream.values():
        after.setdefault(event.cause, []).append(event)
    weights = _weights(stream) if len(after) < len(stream) else {}
    way: list[StatusEvent] = []
    forks: list[Fork] = []
    parent: str | None = None
    while children := after.get(parent):
        event = children[0]
        if len(children) > 1:
            event, rule = _winner(children, weights)
            ids = tuple(sorted(each.event_id for each in children))
            tips = tuple(sorted(_tips(after, [each for each in ids if each != event.event_id])))
            forks.append(Fork(parent=parent, children=ids, winner=event.event_id, rule=rule, tips=tips))
        if event.stream_version != len(way) + 1:
            raise StreamInvalid(event, f"it says version {event.stream_version}, and stands at {len(way) + 1}")
        way.append(event)
        parent = event.event_id
    return way, tuple(forks)


def _tips(after: Mapping[str | None, Sequence[StatusEvent]], sides: Iterable[str]) -> Iterator[str]:
    """The events with which these sides of a fork end."""
    waiting = list(sides)
    while waiting:
        name = waiting.pop()
        following = [each.event_id for each in after.get(name, ())]
        waiting += following
        if not following:
            yield name


_RULES: Final = (ConflictRule.LOWER_EVENT_ID, ConflictRule.REJECTION_WINS, ConflictRule.CANCELLATION_WINS)
"""Why a side of a fork holds, by its weight."""
_WEIGHING: Final = frozenset({MissionCanceled, PackageTransitioned, ReviewRecorded})
"""Facts that may weigh more than others."""


def _weights(stream: Mapping[str, StatusEvent]) -> Mapping[str, int]:
    """How much the side of a fork weighs that begins with an event: the most of all that follow it."""
    weights = dict.fromkeys(stream, 0)
    for name, event in stream.items():
        if type(event.fact) in _WEIGHING:
            weights[name] = 2 if is_cancellation(event) else int(is_rejection(event))
    for event in sorted(stream.values(), key=attrgetter("stream_version"), reverse=True):
        weight = weights[event.event_id]
        if weight and weights.get(event.cause or "", weight) < weight:
            weights[event.cause or ""] = weight
    return weights


def _winner(children: Sequence[StatusEvent], weights: Mapping[str, int]) -> tuple[StatusEvent, ConflictRule]:
    most = max(weights[each.event_id] for each in children)
    found = [each for each in children if weights[each.event_id] == most]
    rule = _RULES[most] if len(found) < len(children) else ConflictRule.LOWER_EVENT_ID
    return min(found, key=_by_id), rule


def _by_id(event: StatusEvent) -> str:
    return event.event_id


def _without_beginning(stream: Mapping[str, StatusEvent], lost: Iterable[str]) -> set[str]:
    """Those of the lost events that follow, at once or through others, one that is not there."""
    verdicts: dict[str, bool] = {}
    for start in lost:
        trail: list[str] = []
        name: str | None = start
        while name is not None and name in stream and name not in verdicts:
            trail.append(name)
            verdicts[name] = True  # so that events which follow each other in a circle end here, without a beginning
            name = stream[name].cause
        is_cut = name is not None and verdicts.get(name, True)
        verdicts.update(dict.fromkeys(trail, is_cut))
    return {each for each in lost if verdicts[each]}


def in_causal_order(events: Iterable[StatusEvent]) -> Iterator[StatusEvent]:
    """The events so that each comes after its cause: the mission's stream first, then each package's."""
    yield from sorted(events, key=lambda each: (each.subject.work_package_id or "", each.stream_version, each.event_id))
