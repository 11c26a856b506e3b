"""Traces as their collector sees them: one from the caller to the program, and a daemon that never depends on one."""

import json
import signal
import sys
from collections.abc import Iterator
from threading import Event

import pytest

from dome_contracts.exit_codes import Exit
from packages.domed.tests.telemetry.collector import Collector, collecting
from tests.e2e.daemon_process import DOMED, Place, a_place
from tests.e2e.dome_home import Home, a_home

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
ASKED = {"TRACEPARENT": f"00-{TRACE}-{CALLER}-01", "TRACESTATE": "vendor=1"}
PROGRAM = """
import os, sys
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from domed.telemetry.otlp import OtlpSender

provider = TracerProvider(resource=Resource.create({"service.name": "program"}))
provider.add_span_processor(SimpleSpanProcessor(OtlpSender(sys.argv[1], headers={}, timeout_s=10)))
told = {"traceparent": os.environ["TRACEPARENT"], "tracestate": os.environ["TRACESTATE"]}
context = TraceContextTextMapPropagator().extract(told)
provider.get_tracer("program").start_span("work of the program", context=context).end()
"""
WITHOUT_LIBRARY = "import sys; sys.modules['opentelemetry'] = None; from domed.__main__ import main; sys.exit(main())"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


def test_the_command_the_daemon_and_the_program_are_one_trace(collector: Collector) -> None:
    with a_home() as home:
        home.configure(f'[traces]\nendpoint = "{collector.endpoint}"\n')
        done = home.dome(
            "run", "process.run", "--", sys.executable, "-c", PROGRAM, collector.endpoint,
            environ=home.environ(**ASKED),
        )  # fmt: skip
        assert done.code == Exit.OK, done.err
        job = next(line for line in done.err.splitlines() if line.startswith("job-"))
    call = collector.named("dome.runtime.v1.RuntimeService/SkillExecute")
    whole, queued, run = (collector.named(name) for name in ("job process.run", "queued", "run process.run"))
    work = collector.named("work of the program")
    assert {span.trace_id for span in collector.spans} == {TRACE}
    assert [call.parent_id, whole.parent_id, queued.parent_id, run.parent_id, work.parent_id] == [
        CALLER,
        call.span_id,
        whole.span_id,
        whole.span_id,
        run.span_id,
    ]
    assert {span.service for span in (call, whole, queued, run)} == {"domed"}
    assert work.service == "program"
    assert [span.attributes["dome.job.id"] for span in (call, whole, queued, run)] == [job] * 4
    assert queued.end_ns <= whole.end_ns
    assert whole.start_ns <= run.start_ns <= run.end_ns <= whole.end_ns
    sent = b"".join(collector.bodies)
    assert b"work of the program" in sent
    assert b"TraceContextTextMapPropagator" not in sent


def run_in(place: Place, *argv: str) -> None:
    """Run a program by the daemon of a place."""
    home = Home(place.root / "user")
    done = home.dome("--endpoint", f"unix:{place.socket}", "run", "process.run", "--", *argv)
    assert done.code == Exit.OK, done.err


@pytest.mark.parametrize("trouble", ["nobody", "silence"])
def test_a_collector_in_trouble_costs_no_job_and_no_stop(place: Place, collector: Collector, trouble: str) -> None:
    endpoint = "http://127.0.0.1:9/v1/traces"
    if trouble == "silence":
        collector.hold = Event()
        endpoint = collector.endpoint
    place.configure(f'[traces]\nendpoint = "{endpoint}"\ntimeout_s = 60\n')
    daemon = place.ready()
    run_in(place, "true")
    daemon.signal(signal.SIGTERM)
    code, log = daemon.ended(timeout_s=20)
    assert code == 0, log
    assert "message=stopped" in log


def test_a_daemon_without_the_library_says_so_and_passes_traces_on(place: Place, collector: Collector) -> None:
    place.configure(f'[traces]\nendpoint = "{collector.endpoint}"\n')
    daemon = place.ready(command=[DOMED[0], "-c", WITHOUT_LIBRARY])
    home = Home(place.root / "user")
    shown = home.dome(
        "--endpoint", f"unix:{place.socket}", "run", "process.run", "--", "printenv", "TRACEPARENT", "TRACESTATE",
        environ=home.environ(**ASKED),
    )  # fmt: skip
    assert shown.lines() == list(ASKED.values())
    code, log = daemon.stop()
    assert code == 0
    assert "domed[otel]" in log
    assert collector.spans == []


def test_the_log_is_json_where_it_is_asked_for_and_names_the_job(place: Place) -> None:
    place.configure('[log]\nform = "json"\n')
    daemon = place.ready()
    run_in(place, "echo", "a secret of the caller")
    code, log = daemon.stop()
    assert code == 0
    events = [json.loads(line) for line in log.splitlines()]
    assert {"time", "level", "at", "message"} <= set.intersection(*(set(event) for event in events))
    (accepted,) = [event for event in events if event["message"] == "accepted"]
    assert accepted["job_id"].startswith("job-")
    assert "a secret of the caller" not in log
