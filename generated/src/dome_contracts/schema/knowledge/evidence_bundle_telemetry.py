# @generated from contracts/jsonschema/knowledge/v1/evidence_bundle_telemetry.json. Do not edit: change the source, then run `just gen`.
"""What telemetry measured of one attempt: a trace, and signals over a window of time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import Count, EvidenceRef, GroupId, JobId, RunId, Share, Timestamp, TraceParent


class TelemetryBackendKind(StrEnum):
    """How the telemetry was exported."""

    OTLP_GRPC = "otlp_grpc"
    OTLP_HTTP = "otlp_http"
    FILE = "file"


class MeasuredWindow(Contract):
    """The time in which it was measured."""

    model_config = ConfigDict(
        extra="forbid",
    )
    start_time: Timestamp
    """Its start."""
    end_time: Timestamp
    """Its end."""


class Sampling(Contract):
    """How much of what happened is in it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    share: Share
    """Share of the traces that are kept."""
    dropped_count: Count
    """Spans that are known to be lost."""


SignalName = TypeAliasType(
    "SignalName",
    Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}(\\.[a-z][a-z0-9_]{0,31}){0,7}$", title="SignalName")],
)
"""Name of a metric: lower-case words joined by dots, such as `job.queue.duration`."""


class SignalUnit(StrEnum):
    """Unit of the value."""

    RATIO = "ratio"
    COUNT = "count"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    BYTES = "bytes"


class TelemetryBackend(Contract):
    """Where the telemetry went."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: TelemetryBackendKind
    service: Annotated[str, Field(pattern="^[a-z][a-z0-9._-]{0,63}$")]
    """Name under which the measured service reports."""
    endpoint: Annotated[str | None, Field(pattern="^(https?://|unix:)[!-~]{1,1024}$")] = None
    """Address of the collector."""


class Signal(Contract):
    """A measured value."""

    model_config = ConfigDict(
        extra="forbid",
    )
    value: float
    """The value."""
    unit: SignalUnit


class EvidenceBundleTelemetry(Contract):
    """What telemetry measured of one attempt: a trace, and signals over a window of time. An exporter writes it where one is set up; views and people read it. It may be sampled and incomplete, so no gate rests on it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    group_id: GroupId
    job_id: JobId
    """The job that was measured."""
    trace: TraceParent
    """The trace and its root span."""
    backend: TelemetryBackend
    window: MeasuredWindow
    sampling: Sampling
    signals: Annotated[dict[SignalName, Signal], Field(max_length=64, min_length=1)]
    """Measured values by the name of the metric."""
    exports: Annotated[list[EvidenceRef] | None, Field(max_length=16)] = None
    """Exported spans and logs, where they were kept."""
    expire_time: Timestamp | None = None
    """When the backend may forget it."""
