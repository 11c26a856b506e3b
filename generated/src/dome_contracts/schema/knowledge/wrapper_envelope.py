# @generated from contracts/jsonschema/knowledge/v1/wrapper_envelope.json. Do not edit: change the source, then run `just gen`.
"""Marks the facts of one attempt as worth learning from, and says why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    AttemptOutcome,
    EvidenceRef,
    FallbackMode,
    GroupId,
    Lineage,
    RunId,
    Sha256,
    TaskId,
    TaskKey,
    Timestamp,
    WrapperSignal,
)
from .anomaly_triggers import TriggerRef


class WrapperEnvelope(Contract):
    """Marks the facts of one attempt as worth learning from, and says why. Dispatch writes it, or a trigger of the binder; ingestion validates it or puts it into quarantine, and the binder reads it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    task_id: TaskId
    group_id: GroupId
    signal: WrapperSignal
    wrapper_policy: FallbackMode
    """The fallback mode of the run."""
    task: TaskKey
    """The key of the TaskSpec. Its failure reason is the one addressed."""
    outcome: AttemptOutcome
    """How the attempt ended. Its failure reason is the one observed."""
    gate_decision: Sha256 | None = None
    """Digest of the gate decision that failed."""
    guard_evaluations: Annotated[list[Sha256] | None, Field(max_length=64, min_length=1)] = None
    """Digests of the guard evaluations that refused, sorted."""
    trigger: TriggerRef | None = None
    """The trigger that made the wrapper."""
    evidence: Annotated[list[EvidenceRef], Field(max_length=64, min_length=1)]
    """What shows it."""
    lineage: Lineage
    wrap_time: Timestamp
    """When the attempt was wrapped."""
