"""A place in a trace, in the form of W3C Trace Context, and the place of each job. Pure; needs no library."""

import re
from dataclasses import dataclass
from typing import Final

from dome_contracts.canonical import digest_bytes

SAMPLED: Final = 1
_TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_TRACESTATE: Final = re.compile(r"[\x20-\x7e]{0,512}")
_TRACE_ID_LENGTH: Final = 32
_SPAN_ID_LENGTH: Final = 16
_TRACE_OF_JOB: Final = b"dome.trace.v1\n"
_SPAN_OF_JOB: Final = b"dome.span.v1\n"


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The span that something is part of."""

    traceparent: str = ""
    """Version, trace, span and flags, as checked at the door; empty where nobody traces."""
    tracestate: str = ""

    def __bool__(self) -> bool:
        return bool(self.traceparent)

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits."""
        return self.traceparent.split("-")[1]

    @property
    def span_id(self) -> str:
        """16 hexadecimal digits."""
        return self.traceparent.split("-")[2]

    @property
    def flags(self) -> int:
        """Bit 0: whether the trace is recorded."""
        return int(self.traceparent.split("-")[3], 16)

    def environment(self) -> dict[str, str]:
        """The variables by which a program is told of it."""
        told = {"TRACEPARENT": self.traceparent, "TRACESTATE": self.tracestate if self else ""}
        return {name: value for name, value in told.items() if value}


NOWHERE: Final = TraceContext()
"""In no trace."""


def is_traceparent(text: str) -> bool:
    """Whether it is a trace context."""
    return _TRACEPARENT.fullmatch(text) is not None


def is_tracestate(text: str) -> bool:
    """Whether it may be said beside one: at most 512 printable ASCII characters."""
    return _TRACESTATE.fullmatch(text) is not None


def context(trace_id: str, span_id: str, *, flags: int, tracestate: str = "") -> TraceContext:
    """The place of a span."""
    return TraceContext(f"00-{trace_id}-{span_id}-{flags:02x}", tracestate)


def of_job(job_id: str, asked: TraceContext) -> TraceContext:
    """The place of a job's span, in the trace of whoever asked for the job, or in one of its own.

    Derived, so that the job's parts can be told before its own span is, which is when it has ended, and by another
    daemon than the one that accepted it.
    """
    trace_id = asked.trace_id if asked else _hex(_TRACE_OF_JOB, job_id)[:_TRACE_ID_LENGTH]
    span_id = _hex(_SPAN_OF_JOB, job_id)[:_SPAN_ID_LENGTH]
    return context(trace_id, span_id, flags=asked.flags if asked else SAMPLED, tracestate=asked.tracestate)


def _hex(purpose: bytes, job_id: str) -> str:
    return digest_bytes(purpose + job_id.encode()).removeprefix("sha256:")
