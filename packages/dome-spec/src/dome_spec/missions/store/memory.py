"""A store of missions in memory: what a store must do, readable."""

from collections.abc import Sequence

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.kernel import MissionName
from dome_spec.missions.status.port import Batch, Stream
from dome_spec.missions.status.reduce import merge
from dome_spec.missions.status.refusals import StreamMoved


def stream_of(event: StatusEvent) -> Stream:
    """Which stream an event belongs to."""
    return event.subject.mission_id, event.subject.work_package_id


def stream_name(stream: Stream) -> str:
    """How a stream is called for people."""
    return stream[1] or f"mission {stream[0]}"


class MemoryStore:
    """Nothing of it outlives the process."""

    def __init__(self) -> None:
        self._events: dict[str, StatusEvent] = {}
        self._documents: dict[str, bytes] = {}
        self._names: dict[str, MissionName] = {}
        self._runs: dict[str, tuple[bytes, int]] = {}

    def append(self, batch: Batch) -> None:
        for stream, expected in batch.expected.items():
            found = sum(stream_of(each) == stream for each in self._events.values())
            if found != expected:
                raise StreamMoved(stream_name(stream), expected=expected, found=found)
        merged = merge(self._events.values(), batch.events)
        self._events = {each.event_id: each for each in merged}
        for _, data in batch.documents:
            self._documents.setdefault(digest_bytes(data), data)
        if batch.name is not None:
            self._names[batch.name.mission_id] = batch.name

    def merge(self, events: Sequence[StatusEvent], *, name: MissionName) -> int:
        before = len(self._events)
        self._events = {each.event_id: each for each in merge(self._events.values(), events)}
        self._names[name.mission_id] = name
        return len(self._events) - before

    def events(self, mission_id: str) -> tuple[StatusEvent, ...]:
        found = [each for each in self._events.values() if each.subject.mission_id == mission_id]
        order = sorted(found, key=lambda e: (e.subject.work_package_id or "", e.stream_version, e.event_id))
        return tuple(order)

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
