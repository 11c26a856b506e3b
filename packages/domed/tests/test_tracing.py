"""One trace from the caller to the program, whatever becomes of the job; and none where nobody asked for one."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grpclib.exceptions import GRPCError
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from dome_contracts.runtime.v1 import CancelJobRequest, Correlation, JobState, SkillExecuteRequest
from domed.app import Daemon, Parts, alive, build
from domed.clock import SystemClock, SystemIds
from domed.config import Config
from domed.rpc.memory import InProcessChannel
from domed.telemetry.otel import OtelTracer
from packages.domed.tests.runtime_suite import Running, a_config, write_tool

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
ASKED = f"00-{TRACE}-{CALLER}-01"
SHOW = 'echo "$TRACEPARENT $TRACESTATE"'


@pytest.fixture
def config(tmp_path: Path) -> Config:
    write_tool(tmp_path / "tools", "user.show", SHOW)
    write_tool(tmp_path / "tools", "user.fail", "echo secret; exit 3")
    write_tool(tmp_path / "tools", "user.hang", "exec sleep 60")
    return a_config(tmp_path)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.shutdown()


@asynccontextmanager
async def traced(config: Config, spans: InMemorySpanExporter | None) -> AsyncIterator[Running]:
    """A daemon that traces to memory, or not at all."""
    clock = SystemClock()
    config.state_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = Parts(
        tracer=lambda _: None if spans is None else OtelTracer(spans, service="domed", version="1"),
    )
    daemon: Daemon = build(config, clock=clock, ids=SystemIds(clock), parts=parts)
    async with alive(daemon):
        with closing(InProcessChannel(daemon.frontend.server)) as channel:
            yield Running(daemon, channel)


def by_name(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    found = {span.name: span for span in spans.get_finished_spans()}
    assert len(found) == len(spans.get_finished_spans())
    return found


def ids(span: ReadableSpan) -> tuple[str, str, str]:
    """Trace, parent, span."""
    assert span.context is not None
    parent = f"{span.parent.span_id:016x}" if span.parent is not None else ""
    return f"{span.context.trace_id:032x}", parent, f"{span.context.span_id:016x}"


async def output_of(dome: Running, job_id: str) -> str:
    events = await dome.events(job_id)
    return b"".join(event.output.data for event in events if event.output is not None).decode()


async def test_call_job_queue_run_and_program_are_one_trace(config: Config, spans: InMemorySpanExporter) -> None:
    async with traced(config, spans) as dome:
        correlation = Correlation(traceparent=ASKED, tracestate="vendor=1", run_id="run-one", client_call_id="call-7")
        job = await dome.execute("user.show", correlation=correlation)
        told = (await output_of(dome, job.job_id)).split()
        ended = await dome.ended(job.job_id)
    found = by_name(spans)
    call, whole = found["dome.runtime.v1.RuntimeService/SkillExecute"], found["job user.show"]
    queued, run = found["queued"], found["run user.show"]
    assert ids(call)[:2] == (TRACE, CALLER)
    assert ids(whole)[:2] == (TRACE, ids(call)[2])
    assert ids(queued)[:2] == ids(run)[:2] == (TRACE, ids(whole)[2])
    assert told == [f"00-{TRACE}-{ids(run)[2]}-01", "vendor=1"]
    assert (call.kind, whole.kind) == (SpanKind.SERVER, SpanKind.CONSUMER)
    assert dict(call.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": "dome.runtime.v1.RuntimeService/SkillExecute",
        "rpc.response.status_code": "OK",
        "dome.tool.id": "user.show",
        "dome.run.id": "run-one",
        "dome.client.call.id": "call-7",
        "dome.job.id": job.job_id,
        "dome.job.deduplicated": False,
    }
    assert dict(whole.attributes or {}) == {
        "dome.job.id": job.job_id,
        "dome.job.state": "SUCCEEDED",
        "dome.tool.id": "user.show",
        "dome.tool.version": "1.0.0",
        "dome.outcome.cause": "EXITED",
        "process.exit.code": 0,
        "dome.run.id": "run-one",
        "dome.client.call.id": "call-7",
    }
    assert dict(run.attributes or {}) == {
        "dome.job.id": job.job_id,
        "dome.tool.id": "user.show",
        "process.executable.name": "sh",
        "process.exit.code": 0,
    }
    assert ended.create_time is not None
    assert ended.start_time is not None
    assert ended.end_time is not None
    times = [round(each.timestamp() * 1e6) for each in (ended.create_time, ended.start_time, ended.end_time)]
    assert [(each.start_time or 0) // 1000 for each in (whole, queued)] == [times[0]] * 2
    assert [(each.end_time or 0) // 1000 for each in (queued, whole)] == times[1:]
    # The job names the place that it continues, for whoever looks for its trace.
    assert ended.correlation is not None
    assert ended.correlation.traceparent == f"00-{TRACE}-{ids(call)[2]}-01"


async def test_failures_are_marked_and_say_nothing_of_what_was_written(
    config: Config, spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with traced(config, spans) as dome:
        job = await dome.execute("user.fail", {"count": 12345}, working_directory=str(tmp_path))
        await dome.ended(job.job_id)
    found = by_name(spans)
    assert found["job user.fail"].status.status_code is StatusCode.ERROR
    assert found["run user.fail"].status.status_code is StatusCode.ERROR
    assert (found["job user.fail"].attributes or {})["error.type"] == "PROCESS.EXIT_NONZERO"
    assert (found["run user.fail"].attributes or {})["process.exit.code"] == 3
    said = " ".join(span.to_json() for span in found.values())
    assert [word in said for word in ("secret", "count", str(tmp_path))] == [False] * 3


async def test_a_call_without_a_trace_begins_one(config: Config, spans: InMemorySpanExporter) -> None:
    async with traced(config, spans) as dome:
        await dome.ended((await dome.execute("user.show")).job_id)
    found = by_name(spans)
    call = found["dome.runtime.v1.RuntimeService/SkillExecute"]
    assert ids(call)[1] == ""
    assert {ids(span)[0] for span in found.values()} == {ids(call)[0]}


async def test_a_refusal_is_told_with_its_reason(config: Config, spans: InMemorySpanExporter) -> None:
    async with traced(config, spans) as dome:
        with pytest.raises(GRPCError):
            await dome.execute("no.such.tool", correlation=Correlation(traceparent=ASKED))
        with pytest.raises(GRPCError, match=r"correlation\.traceparent"):
            await dome.execute("user.show", correlation=Correlation(traceparent="00-0-0-0"))
    (call,) = spans.get_finished_spans()
    attributes = call.attributes or {}
    assert (attributes["rpc.response.status_code"], attributes["error.type"]) == ("NOT_FOUND", "SKILL_NOT_FOUND")
    assert call.status.status_code is StatusCode.UNSET


async def test_a_repeated_call_is_told_as_such_and_the_job_once(config: Config, spans: InMemorySpanExporter) -> None:
    async with traced(config, spans) as dome:
        for _ in range(2):
            job = await dome.execute("user.show", idempotency_key="k", correlation=Correlation(traceparent=ASKED))
            await dome.ended(job.job_id)
    names = [span.name for span in spans.get_finished_spans()]
    assert names.count("job user.show") == 1
    calls = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert [(call.attributes or {})["dome.job.deduplicated"] for call in calls] == [False, True]


async def test_a_cancelled_job_is_told_and_is_no_failure(config: Config, spans: InMemorySpanExporter) -> None:
    async with traced(replace(config, parallel_jobs_max=1), spans) as dome:
        first = await dome.execute("user.hang")
        await dome.reached(first.job_id, JobState.RUNNING)
        waiting = await dome.execute("user.show")
        for job in (waiting, first):
            await dome.stub.cancel_job(CancelJobRequest(job_id=job.job_id))
            await dome.ended(job.job_id)
    jobs = {str((span.attributes or {})["dome.job.id"]): span for span in spans.get_finished_spans()
            if span.name.startswith("job ")}  # fmt: skip
    assert {(span.attributes or {})["dome.job.state"] for span in jobs.values()} == {"CANCELED"}
    assert {span.status.status_code for span in jobs.values()} == {StatusCode.UNSET}
    assert len(jobs) == 2
    assert [span.name for span in spans.get_finished_spans() if span.name.startswith("run ")] == ["run user.hang"]


async def test_a_job_that_another_daemon_accepted_continues_the_trace(
    config: Config, spans: InMemorySpanExporter
) -> None:
    async with traced(replace(config, parallel_jobs_max=1), None) as dome:
        await dome.reached((await dome.execute("user.hang")).job_id, JobState.RUNNING)
        job = await dome.execute("user.show", correlation=Correlation(traceparent=ASKED))
        unasked = await dome.execute("user.fail")
    async with traced(config, spans) as dome:
        await dome.ended(job.job_id)
        await dome.ended(unasked.job_id)
    jobs = {span.name: span for span in spans.get_finished_spans() if span.name.startswith(("job ", "run "))}
    assert sorted(jobs) == ["job user.fail", "job user.show", "run user.fail", "run user.show"]
    assert ids(jobs["job user.show"])[:2] == (TRACE, CALLER)
    assert ids(jobs["job user.fail"])[1] == ""
    for name in ("user.show", "user.fail"):
        assert ids(jobs[f"run {name}"])[:2] == (ids(jobs[f"job {name}"])[0], ids(jobs[f"job {name}"])[2])


async def test_a_daemon_that_does_not_trace_passes_the_trace_on_as_it_is(config: Config) -> None:
    async with traced(config, None) as dome:
        correlation = Correlation(traceparent=ASKED, tracestate="vendor=1")
        job = await dome.execute("user.show", correlation=correlation)
        assert (await output_of(dome, job.job_id)).split() == [ASKED, "vendor=1"]
        assert (await dome.status(job.job_id)).correlation == replace(correlation, run_id=_run_id(job))
        without = await dome.execute("user.show", correlation=Correlation(tracestate="vendor=1"))
        assert (await output_of(dome, without.job_id)).split() == []


def _run_id(job: Any) -> str:
    return str(job.correlation.run_id)


async def test_a_trace_changes_nothing_about_which_request_is_the_same(
    config: Config, spans: InMemorySpanExporter
) -> None:
    async with traced(config, spans) as dome:
        request = SkillExecuteRequest(skill_id="user.show", idempotency_key="k")
        first = await dome.stub.skill_execute(request)
        again = await dome.stub.skill_execute(replace(request, correlation=Correlation(traceparent=ASKED)))
        assert again.deduplicated
        assert first.request_digest == again.request_digest
        assert first.job is not None
        await dome.ended(first.job.job_id)


def test_the_library_is_loaded_by_one_module_only() -> None:
    """A daemon that does not trace never pays for it."""
    code = "import json, sys, domed.app, domed.__main__; print(json.dumps([n for n in sys.modules if 'opentel' in n]))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(loaded.stdout) == []
