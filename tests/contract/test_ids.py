"""Laws of ids: they sort by time, never repeat for one maker, and say what they were made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts import ids

TIMES = st.integers(0, 2**48 - 2)
ENTROPIES = st.binary(min_size=10, max_size=10)


@given(TIMES, ENTROPIES)
def test_a_body_keeps_its_time_and_reads_back(time_ms: int, entropy: bytes) -> None:
    made = ids.body(time_ms=time_ms, entropy=entropy)
    assert ids.time_ms_of(made) == time_ms
    assert ids.body_of(ids.parse_job_id(ids.job_id(made))) == made
    assert ids.parse_run_id(ids.run_id(made)) == f"run-{made}"


@given(TIMES, TIMES, ENTROPIES, ENTROPIES)
def test_bodies_sort_by_time(first_ms: int, second_ms: int, first: bytes, second: bytes) -> None:
    one, other = ids.body(time_ms=first_ms, entropy=first), ids.body(time_ms=second_ms, entropy=second)
    assert (first_ms < second_ms) <= (one < other)


@given(st.lists(st.tuples(st.integers(1000, 1003), ENTROPIES), min_size=1))
def test_one_maker_counts_upwards_whatever_its_clock_does(readings: list[tuple[int, bytes]]) -> None:
    made: list[ids.Body] = []
    for time_ms, entropy in readings:
        made.append(ids.body(time_ms=time_ms, entropy=entropy, after=made[-1] if made else None))
    assert made == sorted(set(made))


@given(TIMES, ENTROPIES, st.integers(1, 2**63 - 1))
def test_an_event_id_reads_back(time_ms: int, entropy: bytes, seq: int) -> None:
    job = ids.job_id(ids.body(time_ms=time_ms, entropy=entropy))
    assert ids.parse_event_id(ids.event_id(job, seq)) == (job, seq)


@given(st.text(max_size=40))
def test_any_text_is_an_id_or_refused_by_name(text: str) -> None:
    for parse in (ids.parse_job_id, ids.parse_run_id):
        try:
            assert parse(text) == text
        except ids.InvalidId as error:
            assert "is no" in str(error)


@pytest.mark.parametrize(("time_ms", "entropy"), [(-1, bytes(10)), (2**48, bytes(10)), (0, bytes(9)), (0, bytes(11))])
def test_a_body_cannot_be_made_of_anything_else(time_ms: int, entropy: bytes) -> None:
    with pytest.raises(ValueError, match="an id needs"):
        ids.body(time_ms=time_ms, entropy=entropy)


def test_nothing_sorts_after_the_last_id() -> None:
    last = ids.body(time_ms=ids.TIME_MS_MAX, entropy=b"\xff" * 10)
    with pytest.raises(ValueError, match="no id sorts after"):
        ids.body(time_ms=0, entropy=bytes(10), after=last)
