"""The jobs that a program asks for continue the trace that it is part of."""

import subprocess
import sys

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState

from dome_client.trace import in_trace
from dome_contracts.runtime.v1 import Correlation

ASKED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = "00-11111111111111111111111111111111-2222222222222222-00"
ENVIRON = {"TRACEPARENT": ASKED, "TRACESTATE": "vendor=1"}


def test_the_environment_says_which_trace_it_is() -> None:
    assert in_trace(None, ENVIRON) == Correlation(traceparent=ASKED, tracestate="vendor=1")
    given = Correlation(run_id="run-one")
    assert in_trace(given, ENVIRON) == Correlation(run_id="run-one", traceparent=ASKED, tracestate="vendor=1")
    assert given == Correlation(run_id="run-one")


def test_a_trace_that_is_named_goes_before() -> None:
    named = Correlation(traceparent=OTHER)
    assert in_trace(named, ENVIRON) is named


@pytest.mark.parametrize(
    "text", ["", "00", ASKED.upper(), "ff" + ASKED[2:], ASKED.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32)]
)
def test_what_is_no_trace_context_is_passed_over(text: str) -> None:
    assert in_trace(None, {"TRACEPARENT": text, "TRACESTATE": "vendor=1"}) is None
    assert in_trace(None, {"TRACEPARENT": ASKED, "TRACESTATE": "x" * 513}) == Correlation(traceparent=ASKED)


def test_the_span_that_the_program_is_in_goes_before_its_environment() -> None:
    at = SpanContext(
        trace_id=0x1111_1111_1111_1111_1111_1111_1111_1111,
        span_id=0x2222_2222_2222_2222,
        is_remote=False,
        trace_flags=TraceFlags(0),
        trace_state=TraceState([("vendor", "2")]),
    )
    with trace.use_span(NonRecordingSpan(at)):
        assert in_trace(None, ENVIRON) == Correlation(traceparent=OTHER, tracestate="vendor=2")
    assert in_trace(None, ENVIRON) == Correlation(traceparent=ASKED, tracestate="vendor=1")


def test_a_program_that_does_not_trace_does_not_load_the_library() -> None:
    code = (
        "import sys; from dome_client.trace import in_trace; in_trace(None, {}); print('opentelemetry' in sys.modules)"
    )
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert asked.stdout.strip() == "False"
