"""The trace that a program is part of, which the jobs that it asks for continue.

That of the span that the program is in, where it traces with OpenTelemetry; else what its environment says, in the
variables TRACEPARENT and TRACESTATE. The library is looked at where the program has loaded it, and never loaded here.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from dome_contracts.runtime.v1 import Correlation

_TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_TRACESTATE: Final = re.compile(r"[\x20-\x7e]{1,512}")
_LIBRARY: Final = "opentelemetry.trace"


def in_trace(correlation: Correlation | None, environ: Mapping[str, str]) -> Correlation | None:
    """The same, with the trace of this program where none is said. What is no trace context is passed over."""
    if correlation is not None and correlation.traceparent:
        return correlation
    traceparent, tracestate = checked(*(_current() or (environ.get("TRACEPARENT"), environ.get("TRACESTATE"))))
    if not traceparent:
        return correlation
    return replace(correlation or Correlation(), traceparent=traceparent, tracestate=tracestate)


def checked(traceparent: object, tracestate: object) -> tuple[str, str]:
    """What somebody says of a trace, as it may be sent on. Empty: what is none, and what stands beside none."""
    if not (isinstance(traceparent, str) and _TRACEPARENT.fullmatch(traceparent)):
        return "", ""
    fits = isinstance(tracestate, str) and _TRACESTATE.fullmatch(tracestate)
    return traceparent, str(tracestate) if fits else ""


def _current() -> tuple[str, str] | None:
    """The place of the span that this is called in; None where there is none."""
    if _LIBRARY not in sys.modules:
        return None
    from opentelemetry import trace

    at = trace.get_current_span().get_span_context()
    if not at.is_valid:
        return None
    ids = f"{trace.format_trace_id(at.trace_id)}-{trace.format_span_id(at.span_id)}"
    return f"00-{ids}-{at.trace_flags:02x}", at.trace_state.to_header()
