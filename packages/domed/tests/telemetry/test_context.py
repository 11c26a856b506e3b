"""Places in traces, and the place of each job."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domed.telemetry import NOWHERE, TraceContext, is_traceparent, of_job

ASKED = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1")


def test_a_job_is_in_the_trace_of_whoever_asked_for_it() -> None:
    place = of_job("job-1", ASKED)
    assert (place.trace_id, place.flags, place.tracestate) == (ASKED.trace_id, 1, "vendor=1")
    assert place.span_id != ASKED.span_id


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_the_place_of_a_job_is_always_the_same_and_another_than_that_of_any_other(one: str, other: str) -> None:
    for asked in (ASKED, NOWHERE):
        assert of_job(one, asked) == of_job(one, asked)
        assert is_traceparent(of_job(one, asked).traceparent)
        assert (of_job(one, asked).span_id == of_job(other, asked).span_id) == (one == other)


def test_what_is_not_recorded_stays_so() -> None:
    assert of_job("job-1", TraceContext(ASKED.traceparent[:-1] + "0")).flags == 0


def test_a_program_is_told_of_its_place_in_the_usual_variables() -> None:
    assert ASKED.environment() == {"TRACEPARENT": ASKED.traceparent, "TRACESTATE": "vendor=1"}
    assert TraceContext(ASKED.traceparent).environment() == {"TRACEPARENT": ASKED.traceparent}
    assert TraceContext("", "vendor=1").environment() == {}
    assert NOWHERE.environment() == {}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "00",
            ASKED.traceparent.upper(),
            ASKED.traceparent[:-1],
            ASKED.traceparent + "-1",
            "ff" + ASKED.traceparent[2:],
        ),
        *("00-" + "0" * 32 + "-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01"),
    ],
)
def test_what_is_no_trace_context(text: str) -> None:
    assert not is_traceparent(text)
