"""What a reader of events is sent."""

from collections.abc import Sequence

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Heartbeat, OutputStream, Started, StreamJobEventsResponse
from dome_contracts.runtime.v1 import Output as Page
from domed.jobs import encoding
from domed.jobs.model import StoredEvent
from domed.rpc.events import Outbox
from domed.tail import Batch
from packages.domed.tests.values import NOON, FixedClock

JOB = JobId("job-01m7vt2890pq6bwrh695awehtf")
PAGE = Page(stream=OutputStream.STDOUT, data=b"a line\n")


def batch(position: int, facts: Sequence[Started | Page]) -> Batch:
    records = []
    for seq, fact in enumerate(facts, start=position - len(facts) + 1):
        data = encoding.event(JOB, fact, seq=seq, last_seq=seq, time=NOON)
        records.append(StoredEvent(seq, seq, data))
    return Batch(records, position)


def read(answer: StreamJobEventsResponse | None) -> StreamJobEventsResponse:
    assert answer is not None
    return StreamJobEventsResponse.parse(answer.SerializeToString())


def test_events_go_out_as_they_are_stored() -> None:
    outbox = Outbox(FixedClock(), suppress_output=False, heartbeat_s=10)
    answer = read(outbox.answer(batch(2, [Started(attempt=1), PAGE])))
    assert [event.seq for event in answer.events] == [1, 2]
    assert answer.heartbeat is None
    assert outbox.last() is None


def test_a_batch_without_events_is_a_heartbeat() -> None:
    outbox = Outbox(FixedClock(), suppress_output=False, heartbeat_s=10)
    assert read(outbox.answer(Batch((), 7))).heartbeat == Heartbeat(position=7)


def test_suppressed_pages_are_said_to_be_left_out_with_the_next_event() -> None:
    outbox = Outbox(FixedClock(), suppress_output=True, heartbeat_s=10)
    assert outbox.answer(batch(3, [PAGE, PAGE, PAGE])) is None
    answer = read(outbox.answer(batch(4, [Started(attempt=1)])))
    assert [event.seq for event in answer.events] == [4]
    assert answer.heartbeat == Heartbeat(position=4, output_suppressed=True)
    assert outbox.last() is None


def test_a_flood_of_suppressed_pages_still_has_heartbeats() -> None:
    clock = FixedClock()
    outbox = Outbox(clock, suppress_output=True, heartbeat_s=10)
    sent = []
    for position in range(1, 26):
        clock.advance(1)
        if (answer := outbox.answer(batch(position, [PAGE]))) is not None:
            sent.append(read(answer).heartbeat)
    assert sent == [Heartbeat(position=10, output_suppressed=True), Heartbeat(position=20, output_suppressed=True)]
    assert read(outbox.last()).heartbeat == Heartbeat(position=25, output_suppressed=True)
