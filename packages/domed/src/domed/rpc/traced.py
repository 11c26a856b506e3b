"""The span of a call that asks for a job: continues the caller's trace, and is what the job continues.

Without a tracer a call goes through as it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import wraps
from typing import Any, Final, Protocol, TypeVar

from grpclib.const import Status

from dome_contracts.runtime.v1 import Correlation, SkillExecuteRequest, SkillExecuteResponse
from domed.errors import DomedError
from domed.rpc.status import PlainRefusal, answer_of
from domed.telemetry import Kind, TraceContext, Tracer, is_traceparent, is_tracestate, of_correlation
from domed.telemetry.tracing import (
    ERROR_TYPE,
    JOB_DEDUPLICATED,
    JOB_ID,
    RPC_METHOD,
    RPC_STATUS,
    RPC_SYSTEM,
    TEXT_LENGTH_MAX,
    TOOL_ID,
)

METHOD: Final = "dome.runtime.v1.RuntimeService/SkillExecute"
SERVER_FAULTS: Final = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)
"""Answers that are failures of the server, by the semantic conventions; all others are the caller's to mend."""


class Traced(Protocol):
    """A service that may have a tracer."""

    @property
    def tracer(self) -> Tracer | None:
        """None: nobody traces."""
        ...


S = TypeVar("S", bound=Traced)
Handler = Callable[[S, SkillExecuteRequest], Coroutine[Any, Any, SkillExecuteResponse]]


def traced(handler: Handler[S]) -> Handler[S]:
    """The same handler, with a span around it where the service has a tracer."""

    @wraps(handler)
    async def call(service: S, message: SkillExecuteRequest) -> SkillExecuteResponse:
        # What is no trace context is refused, as it is.
        if service.tracer is None or not _can_be_continued(message.correlation):
            return await handler(service, message)
        return await _in_span(service.tracer, message, lambda continued: handler(service, continued))

    return call


async def _in_span(
    tracer: Tracer,
    message: SkillExecuteRequest,
    answer_to: Callable[[SkillExecuteRequest], Awaitable[SkillExecuteResponse]],
) -> SkillExecuteResponse:
    said = message.correlation or Correlation()
    span = tracer.start(
        METHOD,
        parent=_asked(said),
        kind=Kind.SERVER,
        attributes={
            RPC_SYSTEM: "grpc",
            RPC_METHOD: METHOD,
            TOOL_ID: message.skill_id[:TEXT_LENGTH_MAX],
            **of_correlation(said),
        },
    )
    at = span.context
    status, error_type = Status.CANCELLED.name, "CANCELLED"
    try:
        correlation = replace(said, traceparent=at.traceparent, tracestate=at.tracestate)
        answer = await answer_to(replace(message, correlation=correlation))
        status, error_type = Status.OK.name, ""
        if answer.job is not None:
            span.note({JOB_ID: answer.job.job_id, JOB_DEDUPLICATED: answer.deduplicated})
        return answer
    except (DomedError, PlainRefusal) as error:
        status = answer_of(error).status.name
        error_type = error.reason.name if isinstance(error, DomedError) else status
        raise
    except asyncio.CancelledError:
        raise
    except Exception:
        status = error_type = Status.INTERNAL.name
        raise
    finally:
        span.note({RPC_STATUS: status, **({ERROR_TYPE: error_type} if error_type else {})})
        span.end(is_failed=status in SERVER_FAULTS)


def _can_be_continued(said: Correlation | None) -> bool:
    if said is None:
        return True
    return (not said.traceparent or is_traceparent(said.traceparent)) and is_tracestate(said.tracestate)


def _asked(correlation: Correlation) -> TraceContext:
    return TraceContext(correlation.traceparent, correlation.tracestate)
