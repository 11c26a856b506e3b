"""What the daemon tells those who look after it: a log, always, and traces where they were asked for.

Knows no job and no transport. Payloads, environments and secrets never come here.
"""

from domed.telemetry.context import NOWHERE, TraceContext, is_traceparent, is_tracestate, of_job
from domed.telemetry.log import Log, bound, configure
from domed.telemetry.tracing import Attribute, Attributes, Kind, Span, Tracer, of_correlation
from domed.telemetry.use import tracer

__all__ = [
    "NOWHERE",
    "Attribute",
    "Attributes",
    "Kind",
    "Log",
    "Span",
    "TraceContext",
    "Tracer",
    "bound",
    "configure",
    "is_traceparent",
    "is_tracestate",
    "of_correlation",
    "of_job",
    "tracer",
]
