"""What a log says: every stream followed from its beginning, in the order of causes. Pure.

The answer depends on the set of events alone: neither their order, nor repetition, nor any clock matters. A fork is two
events that follow the same one; which of them holds is decided by what they are and what follows them. A side on which
the work was given up goes before all others, then one on which it was rejected; among equals the lower id does. So a
rejection holds against whatever happened elsewhere without knowing of it, however many events lie before it. The other
side is dropped, and the fork is shown until somebody acknowledges it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from types import MappingProxyType
from typing import Final

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


def reduce(events: Iterable[StatusEvent], table: Table) -> Snapshot:
    """What the log says. Raises MergeRefused, StreamInvalid."""
    streams: dict[str | None, dict[str, StatusEvent]] = {}
    for event in merge(events):
        streams.setdefault(event.subject.work_package_id, {})[event.event_id] = event
    mission: MissionState | None = None
    packages: dict[str, PackageState] = {}
    dropped, orphans = set[str](), set[str]()
    for name, stream in streams.items():
        way, forks = _followed(stream)
        lost = stream.keys() - {each.event_id for each in way}
        cut = _without_beginning(stream, lost)
        dropped |= lost - cut
        orphans |= cut
        if name is None:
            for event in way:
                mission = mission_after(mission, event)
            mission = None if mission is None else replace(mission, forks=forks)
        else:
            state: PackageState | None = None
            for event in way:
                state = package_after(state, event, table)
            if state is not None:
                packages[name] = state._replace(forks=forks) if forks else state
    return Snapshot(
        mission=mission,
        packages=MappingProxyType(dict(sorted(packages.items()))),
        dropped=frozenset(dropped),
        orphans=frozenset(orphans),
    )


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
            forks.append(Fork(parent=parent, children=ids, winner=event.event_id, rule=rule))
        if event.stream_version != len(way) + 1:
            raise StreamInvalid(event, f"it says version {event.stream_version}, and stands at {len(way) + 1}")
        way.append(event)
        parent = event.event_id
    return way, tuple(forks)


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
