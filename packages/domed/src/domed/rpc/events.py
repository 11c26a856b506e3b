"""What a reader of a job's events is sent: events in their stored bytes, and heartbeats when there are none to send."""

from collections.abc import Sequence

from dome_contracts.runtime.v1 import Heartbeat, StreamJobEventsResponse
from domed.clock import Clock
from domed.jobs import encoding
from domed.jobs.model import StoredEvent
from domed.rpc.codec import SplicedEvents
from domed.tail import Batch


class Outbox:
    """Makes the answers of one stream. With `suppress_output` pages are left out, and a heartbeat says so."""

    def __init__(self, clock: Clock, *, suppress_output: bool, heartbeat_s: float) -> None:
        self._clock = clock
        self._suppress_output = suppress_output
        self._heartbeat_s = heartbeat_s
        self._sent_s = clock.monotonic()
        self._position = 0
        self._left_out = False

    def answer(self, batch: Batch) -> StreamJobEventsResponse | None:
        """What to send for a batch. None: pages only, and the reader heard of the stream not long ago."""
        self._position = batch.position
        kept = self._kept(batch.records)
        now_s = self._clock.monotonic()
        if batch.records and not kept and now_s - self._sent_s < self._heartbeat_s:
            return None
        return self._made(kept, now_s)

    def last(self) -> StreamJobEventsResponse | None:
        """What to send at the end: where the reader stands, if pages were left out since the last answer."""
        return self._made((), self._clock.monotonic()) if self._left_out else None

    def _kept(self, records: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
        if not self._suppress_output:
            return records
        kept = [event for event in records if encoding.page_event(event.data) is None]
        self._left_out = self._left_out or len(kept) < len(records)
        return kept

    def _made(self, kept: Sequence[StoredEvent], now_s: float) -> StreamJobEventsResponse:
        heartbeat = None
        if self._left_out or not kept:
            heartbeat = Heartbeat(position=self._position, output_suppressed=self._left_out)
        self._left_out = False
        self._sent_s = now_s
        return SplicedEvents.of([event.data for event in kept], heartbeat)
