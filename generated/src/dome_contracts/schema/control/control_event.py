# @generated from contracts/jsonschema/control/v1/control_event.json. Do not edit: change the source, then run `just gen`.
"""An event envelope of the control plane itself: one of its topics, with a payload of that topic, and always with the one who acted."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..planning.wave_spec import TaskOrder
from ..shared.definitions import (
    AttemptOutcome,
    Effector,
    EventId,
    JobId,
    Prose,
    RunId,
    Sequence,
    Sha256,
    Timestamp,
    Verdict,
)
from .event_envelope import Correlation
from .work_queue import BlockReason


class ControlTopic(StrEnum):
    """What the control plane did."""

    PLAN_MADE = "plan.made"
    PLAN_REFUSED = "plan.refused"
    WAVE_DISPATCHED = "wave.dispatched"
    TASK_DISPATCHED = "task.dispatched"
    TASK_BLOCKED = "task.blocked"
    TASK_FINISHED = "task.finished"
    GATE_ASKED = "gate.asked"
    GATE_DECIDED = "gate.decided"
    PROMOTION_ASKED = "promotion.asked"
    PROMOTION_DECIDED = "promotion.decided"


class ControlPayload(Contract):
    """What a topic says more. Which fields there have to be depends on the topic."""

    model_config = ConfigDict(
        extra="forbid",
    )
    packet_digest: Sha256 | None = None
    """Digest of the canonical bytes of the packet."""
    plan_hash: Sha256 | None = None
    """Digest of the canonical bytes of the plan."""
    wave: Annotated[int | None, Field(ge=1, le=10000)] = None
    """Wave of the plan, from 1."""
    task_ids: TaskOrder | None = None
    outcome: AttemptOutcome | None = None
    block_reason: BlockReason | None = None
    decision_digest: Sha256 | None = None
    """Digest of the decision of the gate or of the promotion."""
    verdict: Verdict | None = None
    message: Prose | None = None
    """What happened, for people."""


class ControlEvent(Contract):
    """An event envelope of the control plane itself: one of its topics, with a payload of that topic, and always with the one who acted. Gates and promotion write it into the log of a run; what dispatch did is told in the same form. The state of each task is a fold over it."""

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
    topic: Annotated[ControlTopic, Field(title="ControlTopic")]
    """What the control plane did."""
    run_id: RunId
    job_id: JobId | None = None
    """Job whose event it is."""
    occur_time: Timestamp
    """When it was observed."""
    parent_event_id: EventId | None = None
    """Event that caused this one."""
    effector: Effector
    """Who acted for the control plane."""
    correlation: Correlation | None = None
    payload: Annotated[ControlPayload, Field(title="ControlPayload")]
    """What a topic says more. Which fields there have to be depends on the topic."""
