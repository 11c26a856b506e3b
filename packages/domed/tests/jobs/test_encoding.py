"""Events are stored in the bytes that betterproto2 would give them."""

from datetime import datetime
from typing import Any, get_args

import betterproto2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.ids import JobId, event_id
from dome_contracts.runtime.v1 import (
    Heartbeat,
    JobEvent,
    Output,
    StreamJobEventsResponse,
)
from domed.jobs import encoding
from domed.jobs.model import Fact
from packages.domed.tests.jobs.strategies import FACTS, JOB_IDS, SEQS, TIMES, messages, pages

NAMES = {
    cls: field.name
    for field in JobEvent.__dataclass_fields__.values()
    if betterproto2.FieldMetadata.get(field).group == "fact"
    for cls in [JobEvent._cls_for(field)]
}


def wire(job_id: JobId, fact: Fact, *, seq: int, last_seq: int, time: datetime) -> JobEvent:
    facts: dict[str, Any] = {NAMES[type(fact)]: fact}
    name = event_id(job_id, seq)
    return JobEvent(job_id=job_id, seq=seq, last_seq=last_seq, event_id=name, occur_time=time, **facts)


def test_every_fact_of_the_contract_is_a_fact_of_the_model() -> None:
    assert set(NAMES) == set(get_args(Fact))


@given(JOB_IDS, FACTS, SEQS, SEQS, TIMES)
def test_an_event_has_the_bytes_of_its_message(
    job_id: JobId, fact: Fact, seq: int, last_seq: int, time: datetime
) -> None:
    data = encoding.event(job_id, fact, seq=seq, last_seq=last_seq, time=time)
    assert data == bytes(wire(job_id, fact, seq=seq, last_seq=last_seq, time=time))


@given(JOB_IDS, FACTS, SEQS, TIMES)
def test_an_event_is_decoded_to_what_was_encoded(job_id: JobId, fact: Fact, seq: int, time: datetime) -> None:
    message = encoding.decode(encoding.event(job_id, fact, seq=seq, last_seq=seq, time=time))
    assert message == wire(job_id, fact, seq=seq, last_seq=seq, time=time)
    assert encoding.fact_of(message) == fact


@given(JOB_IDS, FACTS | pages(), SEQS, TIMES)
def test_a_page_is_found_in_the_bytes_of_its_event_only(job_id: JobId, fact: Fact, seq: int, time: datetime) -> None:
    found = encoding.page_event(encoding.event(job_id, fact, seq=seq, last_seq=seq, time=time))
    assert found == (encoding.PageEvent(job_id, time, fact) if isinstance(fact, Output) else None)


@given(st.lists(st.tuples(JOB_IDS, FACTS, SEQS, TIMES), max_size=3), st.none() | messages(Heartbeat))
def test_joined_records_are_a_response(events: list[Any], heartbeat: Heartbeat | None) -> None:
    records = [encoding.event(job_id, fact, seq=seq, last_seq=seq, time=time) for job_id, fact, seq, time in events]
    expected = StreamJobEventsResponse(events=[JobEvent.parse(record) for record in records])
    expected.heartbeat = heartbeat
    assert encoding.response(records, heartbeat) == bytes(expected)


def test_an_event_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no fact"):
        encoding.fact_of(JobEvent(event_id="evt-x"))
