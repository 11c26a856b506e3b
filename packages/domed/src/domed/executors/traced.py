"""An executor whose runs are spans of a trace, which the program continues. Runs nothing by itself."""

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import EffectsEnforcement, Signaled, SurvivorFound
from domed.executors.port import (
    Canceled,
    Containment,
    Effects,
    Emit,
    Executor,
    Exit,
    Exited,
    Invocation,
    SpawnFailed,
    TimedOut,
)
from domed.telemetry import NOWHERE, Attribute, Span, TraceContext, Tracer, is_traceparent, of_job
from domed.telemetry.tracing import ERROR_TYPE, EXECUTABLE, EXIT_CODE, JOB_ID, TOOL_ID

CANCELED: Final = "CANCELED"
"""Somebody wanted it so: no failure."""
BROKEN_OFF: Final = "BROKEN_OFF"
"""The run has no end of its own: the daemon was ended, or could not go on."""


class TracedExecutor:
    """Another executor, with a span around each run."""

    def __init__(self, inner: Executor, tracer: Tracer) -> None:
        self._inner = inner
        self._tracer = tracer

    @property
    def backend(self) -> str:
        """See `Executor`."""
        return self._inner.backend

    @property
    def version(self) -> str:
        """See `Executor`."""
        return self._inner.version

    async def enforcement(self, effects: Effects) -> EffectsEnforcement:
        """See `Executor`."""
        return await self._inner.enforcement(effects)

    async def containment(self) -> Containment:
        """See `Executor`."""
        return await self._inner.containment()

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        """See `Executor`. The program is told the place of the span instead of the caller's."""
        given = invocation.environment
        asked = _asked(given)
        tool_id = given.get("DOME_TOOL_ID", "")
        span = self._tracer.start(
            f"run {tool_id}",
            parent=of_job(invocation.job_id, asked),
            attributes={
                JOB_ID: invocation.job_id,
                TOOL_ID: tool_id,
                EXECUTABLE: os.path.basename(invocation.argv[0]) if invocation.argv else "",
            },
        )
        kept = {name: value for name, value in given.items() if name not in {"TRACEPARENT", "TRACESTATE"}}
        told = replace(invocation, environment=kept | span.context.environment())
        exit_: Exit | None = None
        try:
            exit_ = await self._inner.run(told, emit=emit, stop=stop)
        finally:
            _end(span, exit_)
        return exit_

    async def end_survivors(
        self, job_ids: Collection[JobId], *, grace_s: float
    ) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
        """See `Executor`."""
        return await self._inner.end_survivors(job_ids, grace_s=grace_s)


def _asked(environment: Mapping[str, str]) -> TraceContext:
    """The place that the run continues. A tool may have let its caller write anything there."""
    traceparent, tracestate = environment.get("TRACEPARENT", ""), environment.get("TRACESTATE", "")
    return TraceContext(traceparent, tracestate) if is_traceparent(traceparent) else NOWHERE


def _end(span: Span, exit_: Exit | None) -> None:
    said: dict[str, Attribute] = {}
    error_type = BROKEN_OFF if exit_ is None else _error_type(exit_)
    if exit_ is not None and exit_.end.exit_code is not None:
        said[EXIT_CODE] = exit_.end.exit_code
    if error_type:
        said[ERROR_TYPE] = error_type
    span.note(said)
    span.end(is_failed=error_type not in {"", CANCELED})


def _error_type(exit_: Exit) -> str:
    """What was wrong, as the tool says, else by the word for the cause; empty where nothing was."""
    if isinstance(exit_.end, Canceled):
        return CANCELED
    if exit_.failure_reason_code:
        return exit_.failure_reason_code
    match exit_.end:
        case Exited(exit_code=0):
            return "OUTPUT_INVALID" if exit_.channel_error else ""
        case Exited(signal=None):
            return "EXITED"
        case Exited():
            return "SIGNALED"
        case SpawnFailed():
            return "SPAWN_FAILED"
        case TimedOut():
            return "TIMEOUT"
        case _:
            return "LIMIT"
