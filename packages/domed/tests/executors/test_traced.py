"""An executor whose runs are spans is an executor like any other, and tells how each ended."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from domed.executors.port import (
    Canceled,
    CpuLimitReached,
    Emit,
    End,
    Executor,
    Exit,
    Exited,
    Invocation,
    RunLimits,
    SpawnFailed,
    TimedOut,
)
from domed.executors.traced import TracedExecutor
from domed.telemetry import TraceContext, of_job
from packages.domed.tests.executors import scripted
from packages.domed.tests.executors.conformance import ExecutorConformance, Program, Record, fresh_job_id
from packages.domed.tests.telemetry.recorder import Recorder

ASKED = TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1")


class TestTracedExecutor(ExecutorConformance):
    start_s = scripted.START_S

    @pytest.fixture
    def executor(self) -> Executor:
        return TracedExecutor(scripted.ScriptedExecutor(), Recorder())

    @pytest.fixture
    def program(self) -> Program:
        return scripted.program


class Ending(scripted.ScriptedExecutor):
    """Ends every run at once, in the same way, and keeps what it was told."""

    def __init__(self, exit_: Exit | None) -> None:
        super().__init__()
        self.exit = exit_
        self.told: Mapping[str, str] = {}

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        self.told = invocation.environment
        if self.exit is None:
            raise OSError("the record cannot go on")
        return self.exit


def an_invocation(folder: Path, **environment: str) -> Invocation:
    return Invocation(
        job_id=fresh_job_id(),
        argv=["/usr/bin/python3", "-c", "a secret"],
        payload=b"",
        environment={"DOME_TOOL_ID": "a.tool", "KEPT": "as it is", **environment},
        working_directory=None,
        scratch=folder,
        limits=RunLimits(run_timeout_s=1, grace_s=1, output_bytes_max=1),
    )


async def test_a_run_is_part_of_its_job_and_the_program_is_told_of_the_run(tmp_path: Path) -> None:
    tracer, inner = Recorder(), Ending(Exit(end=Exited(0, None)))
    invocation = an_invocation(tmp_path, **ASKED.environment())
    await TracedExecutor(inner, tracer).run(invocation, emit=Record(), stop=asyncio.Event())
    (span,) = tracer.spans
    assert (span.name, span.parent) == ("run a.tool", of_job(invocation.job_id, ASKED))
    assert inner.told == {**invocation.environment, **span.context.environment()}
    assert span.attributes == {
        "dome.job.id": invocation.job_id,
        "dome.tool.id": "a.tool",
        "process.executable.name": "python3",
        "process.exit.code": 0,
    }
    assert span.is_failed is False


async def test_a_run_that_nobody_traced_begins_a_trace(tmp_path: Path) -> None:
    tracer, inner = Recorder(), Ending(Exit(end=Exited(0, None)))
    invocation = an_invocation(tmp_path)
    await TracedExecutor(inner, tracer).run(invocation, emit=Record(), stop=asyncio.Event())
    assert tracer.spans[0].parent == of_job(invocation.job_id, TraceContext())
    assert "TRACESTATE" not in inner.told


async def test_what_a_caller_may_write_there_is_no_trace_and_does_not_reach_the_program(tmp_path: Path) -> None:
    tracer, inner = Recorder(), Ending(Exit(end=Exited(0, None)))
    invocation = an_invocation(tmp_path, TRACEPARENT="\x1b-x", TRACESTATE="x" * 4096)
    await TracedExecutor(inner, tracer).run(invocation, emit=Record(), stop=asyncio.Event())
    (span,) = tracer.spans
    assert span.parent == of_job(invocation.job_id, TraceContext())
    assert (inner.told["TRACEPARENT"], "TRACESTATE" in inner.told) == (span.context.traceparent, False)


@pytest.mark.parametrize(
    ("end", "error_type"),
    [
        (Exited(3, None), "EXITED"),
        (Exited(None, 9), "SIGNALED"),
        (TimedOut("run", None, 15), "TIMEOUT"),
        (CpuLimitReached(None, 24), "LIMIT"),
        (SpawnFailed("no such program", 127), "SPAWN_FAILED"),
    ],
)
async def test_what_was_wrong_is_told(tmp_path: Path, end: End, error_type: str) -> None:
    for said in ("", "TESTS.FAILED"):
        tracer = Recorder()
        traced = TracedExecutor(Ending(replace(Exit(end=end), failure_reason_code=said)), tracer)
        await traced.run(an_invocation(tmp_path), emit=Record(), stop=asyncio.Event())
        assert (tracer.spans[0].attributes["error.type"], tracer.spans[0].is_failed) == (said or error_type, True)


async def test_a_run_that_was_cancelled_is_no_failure(tmp_path: Path) -> None:
    tracer = Recorder()
    cancelled = Exit(end=Canceled(None, 15), failure_reason_code="CANCEL.REQUESTED")
    await TracedExecutor(Ending(cancelled), tracer).run(an_invocation(tmp_path), emit=Record(), stop=asyncio.Event())
    assert (tracer.spans[0].attributes["error.type"], tracer.spans[0].is_failed) == ("CANCELED", False)


async def test_a_run_that_is_broken_off_is_told_and_raised(tmp_path: Path) -> None:
    tracer = Recorder()
    with pytest.raises(OSError, match="cannot go on"):
        await TracedExecutor(Ending(None), tracer).run(an_invocation(tmp_path), emit=Record(), stop=asyncio.Event())
    assert (tracer.spans[0].attributes["error.type"], tracer.spans[0].is_failed) == ("BROKEN_OFF", True)
