"""Laws of pages of output."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.ids import JobId, event_id
from dome_contracts.runtime.v1 import Output, OutputStream, Progress
from domed.jobs import encoding
from domed.jobs.model import StoredEvent
from domed.jobs.paging import record_count, records, trim
from packages.domed.tests.jobs.strategies import JOB_IDS, TIMES, pages
from packages.domed.tests.values import NOON

SEQS = st.integers(1, 2**40)


def stored(job_id: JobId, page: Output, *, seq: int, time: datetime = NOON) -> StoredEvent:
    last_seq = seq + record_count(page) - 1
    return StoredEvent(seq, last_seq, encoding.event(job_id, page, seq=seq, last_seq=last_seq, time=time))


@given(pages())
def test_the_records_of_a_page_are_its_data(page: Output) -> None:
    assert b"".join(records(page)) == page.data
    assert len(records(page)) == record_count(page)


@given(pages())
def test_only_the_last_record_may_lack_its_newline(page: Output) -> None:
    *others, last = records(page)
    assert all(record.endswith(b"\n") and record.count(b"\n") == 1 for record in others)
    assert last.endswith(b"\n") != page.ends_partial


@pytest.mark.parametrize(
    "page",
    [
        Output(stream=OutputStream.STDOUT),
        Output(stream=OutputStream.STDOUT, data=b"a\n", ends_partial=True),
        Output(stream=OutputStream.STDOUT, data=b"a"),
        Output(stream=OutputStream.STDOUT, ends_partial=True),
        Output(data=b"a\n"),
    ],
    ids=["empty", "whole but said partial", "partial but said whole", "empty but said partial", "of no stream"],
)
def test_a_page_that_says_what_it_is_not_is_refused(page: Output) -> None:
    with pytest.raises(ValueError, match="page"):
        record_count(page)


@given(JOB_IDS, pages(), SEQS, TIMES, st.data())
def test_a_trimmed_page_holds_the_records_after_the_position(
    job_id: JobId, page: Output, seq: int, time: datetime, data: st.DataObject
) -> None:
    event = stored(job_id, page, seq=seq, time=time)
    since_seq = data.draw(st.integers(seq, event.last_seq - 1)) if event.last_seq > seq else seq - 1
    rest = trim(event, since_seq)
    message = encoding.decode(rest.data)
    assert message.output is not None
    assert records(message.output) == records(page)[since_seq + 1 - seq :]
    assert (rest.seq, rest.last_seq) == (message.seq, message.last_seq) == (since_seq + 1, event.last_seq)
    assert message.event_id == event_id(job_id, since_seq + 1)
    assert (message.job_id, message.occur_time) == (job_id, time)
    assert (message.output.stream, message.output.ends_partial) == (page.stream, page.ends_partial)


@given(JOB_IDS, pages(), st.integers(2, 2**40), st.data())
def test_trimming_twice_is_trimming_once(job_id: JobId, page: Output, seq: int, data: st.DataObject) -> None:
    event = stored(job_id, page, seq=seq)
    first, second = sorted(data.draw(st.integers(seq - 1, event.last_seq - 1)) for _ in range(2))
    assert trim(trim(event, first), second) == trim(event, second)


@given(JOB_IDS, pages(), st.integers(2, 2**40))
def test_an_event_that_begins_after_the_position_stays_as_it_is(job_id: JobId, page: Output, seq: int) -> None:
    event = stored(job_id, page, seq=seq)
    assert trim(event, seq - 1) is event


@given(JOB_IDS, pages(), SEQS)
def test_nothing_is_left_of_an_event_that_the_reader_has(job_id: JobId, page: Output, seq: int) -> None:
    event = stored(job_id, page, seq=seq)
    with pytest.raises(ValueError, match="has all"):
        trim(event, event.last_seq)


def test_a_fact_that_covers_several_seqs_and_is_no_page_is_refused() -> None:
    job_id = JobId("job-01kdvdna0004hmasw9nf6yy093")
    data = encoding.event(job_id, Progress(message="x"), seq=1, last_seq=3, time=NOON)
    with pytest.raises(ValueError, match="no page"):
        trim(StoredEvent(1, 3, data), 2)
