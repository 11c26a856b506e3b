# @generated from contracts/jsonschema/control/v1/event_envelope.json. Do not edit: change the source, then run `just gen`.
"""Any event as a document: where it stands in its stream, what it is about, who acted and what caused it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    Effector,
    EventId,
    GroupId,
    JobId,
    MissionId,
    RunId,
    Sequence,
    TaskId,
    Timestamp,
    TraceParent,
    WorkPackageId,
)


class Correlation(Contract):
    """Identities that join an event to the work it belongs to, beside its run and effector."""

    model_config = ConfigDict(
        extra="forbid",
    )
    task_id: TaskId | None = None
    group_id: GroupId | None = None
    mission_id: MissionId | None = None
    work_package_id: WorkPackageId | None = None
    parent_job_id: JobId | None = None
    """Job that submitted this one."""
    traceparent: TraceParent | None = None
    client_session_id: Annotated[str | None, Field(pattern="^[!-~]{1,256}$")] = None
    """Session of the agent or user, such as a thread id."""
    client_call_id: Annotated[str | None, Field(pattern="^[!-~]{1,256}$")] = None
    """Call within that session."""


class EventEnvelope(Contract):
    """Any event as a document: where it stands in its stream, what it is about, who acted and what caused it. Written by the control plane, and for a job's events by whoever exports them; read by ingest. A job's event is the same fact as on the wire, field by field."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    event_id: EventId
    sequence: Sequence
    """Place in the stream: of the job for an event of a job, else of the run."""
    last_sequence: Sequence | None = None
    """Last place that the event covers. Left out: it covers one. Always there for an event of a job."""
    topic: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}(\\.[a-z][a-z0-9_]{0,31}){1,3}$")]
    """What happened, in dotted words. Events of jobs are `job.` and the kind of the fact: `job.submitted`, `job.output`, `job.finished`."""
    run_id: RunId
    job_id: JobId | None = None
    """Job whose event it is."""
    occur_time: Timestamp
    """When it was observed."""
    parent_event_id: EventId | None = None
    """Event that caused this one."""
    effector: Effector | None = None
    correlation: Correlation | None = None
    payload: dict[str, Any]
    """What the topic says more. Of a job's event: the fact in the JSON form of Protocol Buffers, with the field names of the wire."""
