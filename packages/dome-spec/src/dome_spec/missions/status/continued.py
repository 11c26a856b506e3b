"""What a log says, from what a beginning of it said and the events that came after. Pure.

The answer is that of the whole log, for every beginning: a stream that goes on from its last event is followed on, and
any other one (a fork, an event whose cause came later, a stream of which something was dropped) is read anew.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from types import MappingProxyType

from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.missions.status.reduce import Folded, Said, along, snapshot_with, stream_said
from dome_spec.missions.status.state import MissionState, PackageState
from dome_spec.missions.status.table import Table

WholeStream = Callable[[str | None], Iterable[StatusEvent]]
"""All events of a stream, those included that came after."""


def continued(known: Folded, tail: Iterable[StatusEvent], table: Table, whole: WholeStream) -> Folded:
    """What was known with the tail. No event of the tail is among those that are known. Raises StreamInvalid."""
    parts: dict[str | None, list[StatusEvent]] = {}
    for event in tail:
        parts.setdefault(event.subject.work_package_id, []).append(event)
    if not parts:
        return known
    said: dict[str | None, Said] = {}
    stale: set[str] = set()
    counts = dict(known.counts)
    for name, part in parts.items():
        before = counts.get(name, 0)
        counts[name] = before + len(part)
        state = known.snapshot.mission if name is None else known.snapshot.packages.get(name)
        way = sorted(part, key=attrgetter("stream_version"))
        if _goes_on(state, before, way):
            said[name] = Said(along(state, way, table), frozenset(), frozenset())
        else:
            events = tuple(whole(name))
            stale.update(each.event_id for each in events)
            said[name] = stream_said(events, table)
    return Folded(snapshot_with(known.snapshot, said, stale), MappingProxyType(counts))


def _goes_on(state: PackageState | MissionState | None, before: int, way: Sequence[StatusEvent]) -> bool:
    """Whether the events follow, one after another, the last one of a stream of which every event holds."""
    version, tip = (0, None) if state is None else (state.version, state.last_event_id)
    if version != before:
        return False
    for event in way:
        version += 1
        if event.cause != tip or event.stream_version != version:
            return False
        tip = event.event_id
    return True
