"""The tracer that stands on the SDK of OpenTelemetry. Needs the extra `otel`; nothing else in the daemon imports it.

The SDK samples, keeps spans in bounded memory and hands them to an exporter in a thread of its own.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState
from opentelemetry.trace.propagation import set_span_in_context

from domed.telemetry.context import NOWHERE, TraceContext, context
from domed.telemetry.tracing import Attributes, Kind

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: Final = {Kind.SERVER: SpanKind.SERVER, Kind.CONSUMER: SpanKind.CONSUMER, Kind.INTERNAL: SpanKind.INTERNAL}


class OtelTracer:
    """Starts spans. For one thread."""

    def __init__(self, exporter: SpanExporter, *, service: str, version: str) -> None:
        # It would say of each span that was lost what the exporter says once.
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        self._ids = _Ids()
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": service, "service.version": version}),
            shutdown_on_exit=False,
            id_generator=self._ids,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("domed", version)

    def start(
        self,
        name: str,
        *,
        parent: TraceContext,
        kind: Kind = Kind.INTERNAL,
        attributes: Attributes | None = None,
        own: TraceContext = NOWHERE,
        start_time: datetime | None = None,
    ) -> "OtelSpan":
        """See `Tracer`."""
        with self._ids.being(own):
            span = self._tracer.start_span(
                name,
                context=_context(parent),
                kind=_KINDS[kind],
                attributes=attributes,
                start_time=None if start_time is None else _ns(start_time),
            )
        return OtelSpan(span)

    def close(self, timeout_s: float) -> None:
        """See `Tracer`."""
        # The library waits as long as it takes. A thread that is left behind keeps no process from its end.
        closing = Thread(target=self._provider.shutdown, name="traces-close", daemon=True)
        closing.start()
        closing.join(timeout_s)


class OtelSpan:
    """One span."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def context(self) -> TraceContext:
        """See `Span`."""
        at = self._span.get_span_context()
        return context(
            trace.format_trace_id(at.trace_id),
            trace.format_span_id(at.span_id),
            flags=at.trace_flags,
            tracestate=at.trace_state.to_header(),
        )

    def note(self, attributes: Attributes) -> None:
        """See `Span`."""
        self._span.set_attributes(attributes)

    def end(self, *, is_failed: bool = False, end_time: datetime | None = None) -> None:
        """See `Span`."""
        if is_failed:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end(None if end_time is None else _ns(end_time))


class _Ids(RandomIdGenerator):
    """Random ids, but for a span whose place is known already."""

    def __init__(self) -> None:
        self._own = NOWHERE

    @contextmanager
    def being(self, own: TraceContext) -> Iterator[None]:
        self._own = own
        try:
            yield
        finally:
            self._own = NOWHERE

    def generate_span_id(self) -> int:
        return int(self._own.span_id, 16) if self._own else super().generate_span_id()

    def generate_trace_id(self) -> int:
        return int(self._own.trace_id, 16) if self._own else super().generate_trace_id()


def _context(parent: TraceContext) -> Context:
    """What the library calls the context of a span that is elsewhere. A root's is empty, whatever runs around it."""
    if not parent:
        return Context()
    at = SpanContext(
        trace_id=int(parent.trace_id, 16),
        span_id=int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(parent.flags),
        trace_state=TraceState.from_header([parent.tracestate]) if parent.tracestate else None,
    )
    return set_span_in_context(trace.NonRecordingSpan(at), Context())


def _ns(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1) * 1000
