"""A tracer that keeps what it is told, for tests of those who tell."""

from dataclasses import dataclass, field
from datetime import datetime

from domed.telemetry import NOWHERE, Attribute, Attributes, Kind, TraceContext


@dataclass
class KeptSpan:
    """One span. Its place is that of its trace, with the number of the span."""

    name: str
    context: TraceContext
    parent: TraceContext
    attributes: dict[str, Attribute]
    is_failed: bool | None = None
    """None: it is not over."""

    def note(self, attributes: Attributes) -> None:
        self.attributes |= dict(attributes)

    def end(self, *, is_failed: bool = False, end_time: datetime | None = None) -> None:
        self.is_failed = is_failed


@dataclass
class Recorder:
    """See `domed.telemetry.Tracer`."""

    spans: list[KeptSpan] = field(default_factory=list)

    def start(
        self,
        name: str,
        *,
        parent: TraceContext,
        kind: Kind = Kind.INTERNAL,
        attributes: Attributes | None = None,
        own: TraceContext = NOWHERE,
        start_time: datetime | None = None,
    ) -> KeptSpan:
        trace_id = parent.trace_id if parent else "1" * 32
        place = TraceContext(f"00-{trace_id}-{len(self.spans) + 1:016x}-01", parent.tracestate)
        self.spans.append(KeptSpan(name, own or place, parent, dict(attributes or {})))
        return self.spans[-1]

    def close(self, timeout_s: float) -> None:
        raise AssertionError("nobody closes it here")
