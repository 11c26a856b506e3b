"""A store of missions in memory: what a store must do, readable."""

from collections.abc import Iterable, Sequence

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.kernel import MissionName
from dome_spec.missions.status.port import Batch, Checkpoint, Stream
from dome_spec.missions.status.reduce import merge
from dome_spec.missions.status.refusals import StreamMoved


def stream_of(event: StatusEvent) -> Stream:
    """Which stream an event belongs to."""
    return event.subject.mission_id, event.subject.work_package_id


def stream_name(stream: Stream) -> str:
    """How a stream is called for people."""
    return stream[1] or f"mission {stream[0]}"


def _by_stream(event: StatusEvent) -> tuple[str, int, str]:
    return event.subject.work_package_id or "", event.stream_version, event.event_id


class MemoryStore:
    """Nothing of it outlives the process."""

    def __init__(self) -> None:
        self._events: dict[str, StatusEvent] = {}
        self._checkpoints: dict[str, Checkpoint] = {}
        self._documents: dict[str, bytes] = {}
        self._names: dict[str, MissionName] = {}
        self._runs: dict[str, tuple[bytes, int]] = {}

    def append(self, batch: Batch) -> None:
        for stream, expected in batch.expected.items():
            found = sum(stream_of(each) == stream for each in self._events.values())
            if found != expected:
                raise StreamMoved(stream_name(stream), expected=expected, found=found)
        self._keep(batch.events)
        for _, data in batch.documents:
            self._documents.setdefault(digest_bytes(data), data)
        if batch.name is not None:
            self._names[batch.name.mission_id] = batch.name
        made = batch.checkpoint
        if made is not None and self._is_new(made):
            self._checkpoints[made.mission_id] = made

    def merge(self, events: Sequence[StatusEvent], *, name: MissionName) -> int:
        before = len(self._events)
        self._keep(events)
        self._names[name.mission_id] = name
        return len(self._events) - before

    def events(self, mission_id: str) -> tuple[StatusEvent, ...]:
        return tuple(sorted(self.tail(mission_id, after=0, until=len(self._events)), key=_by_stream))

    def position(self, mission_id: str) -> int:
        return max((place for place, each in self._places() if each.subject.mission_id == mission_id), default=0)

    def streams(self, mission_id: str) -> tuple[str | None, ...]:
        names = {each.subject.work_package_id for each in self.events(mission_id)}
        return tuple(sorted(names, key=lambda each: each or ""))

    def stream(self, stream: Stream, *, until: int | None = None) -> tuple[StatusEvent, ...]:
        found = self.tail(stream[0], after=0, until=len(self._events) if until is None else until)
        return tuple(sorted((each for each in found if stream_of(each) == stream), key=_by_stream))

    def tail(self, mission_id: str, *, after: int, until: int) -> tuple[StatusEvent, ...]:
        among = (each for place, each in self._places() if after < place <= until)
        return tuple(each for each in among if each.subject.mission_id == mission_id)

    def count(self, mission_id: str, *, after: int, until: int) -> int:
        return len(self.tail(mission_id, after=after, until=until))

    def checkpoint(self, mission_id: str, key: str) -> Checkpoint | None:
        found = self._checkpoints.get(mission_id)
        return found if found is not None and found.key == key else None

    def document(self, digest: str) -> bytes | None:
        return self._documents.get(digest)

    def missions(self) -> tuple[MissionName, ...]:
        return tuple(self._names[each] for each in sorted(self._names))

    def run(self, mission_id: str) -> tuple[bytes, int] | None:
        return self._runs.get(mission_id)

    def put_run(self, mission_id: str, body: bytes, *, expected: int) -> None:
        found = self._runs.get(mission_id, (b"", 0))[1]
        if found != expected:
            raise StreamMoved(f"the run of {mission_id}", expected=expected, found=found)
        self._runs[mission_id] = (body, found + 1)

    def close(self) -> None:
        pass

    def _keep(self, events: Sequence[StatusEvent]) -> None:
        known = {each.event_id for each in merge(self._events.values(), events)} - self._events.keys()
        self._events |= {each.event_id: each for each in events if each.event_id in known}

    def _places(self) -> Iterable[tuple[int, StatusEvent]]:
        """Every event with its place, in the order in which they were kept."""
        return enumerate(self._events.values(), 1)

    def _is_new(self, made: Checkpoint) -> bool:
        kept = self._checkpoints.get(made.mission_id)
        return kept is None or kept.key != made.key or kept.position < made.position
