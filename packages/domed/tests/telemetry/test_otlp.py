"""Spans are sent, or lost, and nobody waits for them."""

import logging
import socket
import sys
import time
from collections.abc import Iterator
from threading import Event

import pytest

from domed import telemetry
from domed.telemetry import NOWHERE, Kind, TraceContext, use
from domed.telemetry.otel import OtelTracer
from domed.telemetry.otlp import OtlpSender
from packages.domed.tests.telemetry.collector import Collector, collecting

ASKED = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1")
TIMEOUT_S = 0.3
CLOSE_S = 10.0


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, domed = logging.getLogger(), logging.getLogger("domed")
    before = (list(root.handlers), root.level, domed.level)
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    domed.setLevel(before[2])


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def a_tracer(endpoint: str, *, timeout_s: float = CLOSE_S) -> OtelTracer:
    return OtelTracer(OtlpSender(endpoint, headers={"X-Key": "k"}, timeout_s=timeout_s), service="domed", version="1")


def test_a_span_comes_as_it_was_told(collector: Collector) -> None:
    tracer = a_tracer(collector.endpoint)
    span = tracer.start("call", parent=ASKED, kind=Kind.SERVER, attributes={"a": "b", "n": 1})
    part = tracer.start("part", parent=span.context)
    part.note({"error.type": "X"})
    part.end(is_failed=True)
    span.end()
    tracer.close(CLOSE_S)
    call, inner = collector.named("call"), collector.named("part")
    assert (call.trace_id, call.parent_id) == (ASKED.trace_id, ASKED.span_id)
    assert (inner.trace_id, inner.parent_id) == (ASKED.trace_id, call.span_id)
    assert (call.attributes, call.kind, call.is_failed) == ({"a": "b", "n": 1}, 2, False)
    assert (inner.attributes, inner.is_failed) == ({"error.type": "X"}, True)
    assert span.context.tracestate == "vendor=1"
    assert call.service == "domed"
    assert collector.headers[0]["X-Key"] == "k"


def test_a_span_whose_place_is_known_has_that_place(collector: Collector) -> None:
    tracer = a_tracer(collector.endpoint)
    for name, asked in (("asked", ASKED), ("unasked", NOWHERE)):
        tracer.start(name, parent=asked, own=telemetry.of_job("job-1", asked)).end()
    tracer.start("other", parent=NOWHERE).end()
    tracer.close(CLOSE_S)
    for name, asked in (("asked", ASKED), ("unasked", NOWHERE)):
        place, found = telemetry.of_job("job-1", asked), collector.named(name)
        assert (found.trace_id, found.span_id) == (place.trace_id, place.span_id)
    assert collector.named("other").span_id != collector.named("asked").span_id


def test_what_the_caller_does_not_record_is_not_sent_and_passed_on_as_such(collector: Collector) -> None:
    tracer = a_tracer(collector.endpoint)
    span = tracer.start("call", parent=TraceContext(ASKED.traceparent[:-1] + "0"))
    assert (span.context.trace_id, span.context.flags) == (ASKED.trace_id, 0)
    span.end()
    tracer.close(CLOSE_S)
    assert collector.spans == []


@pytest.mark.parametrize("trouble", ["nobody", "silence", "refusal"])
def test_a_collector_in_trouble_loses_spans_and_costs_a_bounded_time(
    collector: Collector, trouble: str, capfd: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure("info")
    endpoint = collector.endpoint
    if trouble == "nobody":
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}/v1/traces"
    elif trouble == "silence":
        collector.hold = Event()
    else:
        collector.status = 503
    tracer = a_tracer(endpoint, timeout_s=TIMEOUT_S)
    began_s = time.monotonic()
    for _ in range(5000):
        tracer.start("call", parent=NOWHERE).end()
    assert time.monotonic() - began_s < 5
    tracer.close(1.0)
    assert time.monotonic() - began_s < 10
    # Said once, of this endpoint: a sender that is left behind by another test may still complain of its own.
    assert capfd.readouterr().err.count(f"endpoint={endpoint}") == 1


def test_what_comes_after_trouble_is_sent(collector: Collector) -> None:
    collector.status = 500
    tracer = a_tracer(collector.endpoint)
    tracer.start("lost", parent=NOWHERE).end()
    tracer._provider.force_flush()
    collector.status = 200
    tracer.start("found", parent=NOWHERE).end()
    tracer.close(CLOSE_S)
    assert [span.name for span in collector.spans] == ["found"]


def test_without_an_endpoint_no_library_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    assert use.tracer("", service="domed", version="1", headers={}, timeout_s=1) is None


def test_without_the_library_the_log_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure("info")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "opentelemetry.sdk", raising=False)
    assert use.tracer("http://127.0.0.1:9/", service="domed", version="1", headers={}, timeout_s=1) is None
    assert "domed[otel]" in capfd.readouterr().err
