# @generated from contracts/jsonschema/planning/v1/plan.json. Do not edit: change the source, then run `just gen`.
"""What the planner made of a packet: its tasks, what each waits for, and the waves in which they go out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..knowledge.capsule import CapsuleUse, EligibilityReason
from ..shared.definitions import Line, SemanticVersion, Sha256, Slug, TaskId, Timestamp
from .packet import BaseRevision, Budgets
from .task_spec import TaskSpec
from .wave_spec import TaskOrder


class PlanInputs(Contract):
    """What the plan was made from: all of it, so that it can be made again."""

    model_config = ConfigDict(
        extra="forbid",
    )
    packet_digest: Sha256
    """Digest of the canonical bytes of the packet."""
    strategies_digest: Sha256
    """Digest of the canonical bytes of the control strategies."""
    facts_digest: Sha256
    """Digest of the snapshot of facts, in the order of the views."""
    evaluate_time: Timestamp
    """The moment for which the eligibility of capsules was decided. Given to the planner, which reads no clock."""
    pattern_digest: Sha256 | None = None
    """Digest of the canonical bytes of the pattern that the packet names. Left out: it names none."""


class Layer(StrEnum):
    """What a task does within the plan."""

    OBSERVE = "observe"
    DIAGNOSE = "diagnose"
    TRANSFORM = "transform"
    VERIFY = "verify"
    GATE_INPUTS = "gate_inputs"


class PriorEffect(StrEnum):
    """What a prior changed: its remedy was placed first, it ordered or shaped tasks, or it changed nothing."""

    PLACED_FIRST = "placed_first"
    SUGGESTED = "suggested"
    NONE = "none"


class PriorConsulted(Contract):
    """A capsule that was looked at, and what came of it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    capsule_id: Sha256
    """Digest of the capsule's key."""
    capsule_digest: Sha256
    """Digest of the capsule as it was read."""
    use: CapsuleUse
    """What it might be used for at the moment of the plan."""
    effect: PriorEffect
    task_id: TaskId | None = None
    """Task that it changed. Left out where it changed nothing."""
    reasons: Annotated[list[EligibilityReason] | None, Field(max_length=16)] = None
    """Why it might only be shown."""
    withheld: PriorEffect | None = None
    """What it would have changed if the planner's mode let it. Left out where the mode withheld nothing."""


class PlannedTask(Contract):
    """A task, where it stands in the plan and what it waits for."""

    model_config = ConfigDict(
        extra="forbid",
    )
    layer: Layer
    spec: TaskSpec
    depends_on: Annotated[list[TaskId], Field(max_length=256)]
    """Tasks that have to succeed before this one starts."""
    blocks_count: Annotated[int | None, Field(ge=0, le=1024)] = None
    """How many tasks wait for it, at once or through others."""
    after: Annotated[list[TaskId] | None, Field(max_length=256)] = None
    """Tasks that have to be over before this one starts or is left out, whether they succeeded, failed, were left out or never started."""
    unless: Annotated[list[TaskId] | None, Field(max_length=256)] = None
    """Tasks whose success makes this one needless: once one of them has succeeded it is left out, and counts as succeeded to those that depend on it. It waits until they are over."""
    attempts_max: Annotated[int | None, Field(ge=1, le=100)] = None
    """Most attempts at this task. Left out: as many as the budgets allow."""
    because: Annotated[list[Line] | None, Field(max_length=32)] = None
    """Why the task is there, for people."""
    proves: TaskId | None = None
    """Task whose success this one shows: a change has held when what it was made for holds. What is learnt of that task is what this one found. Left out: it shows no other task's success."""


class Plan(Contract):
    """What the planner made of a packet: its tasks, what each waits for, and the waves in which they go out. The same inputs give the same bytes. Written by the planner; read by people, by dispatch and by gates. It belongs to no run and never changes."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    packet_id: Slug
    """Packet that the plan serves."""
    repository: BaseRevision
    planner_version: SemanticVersion
    """Version of the planner that made it."""
    inputs: PlanInputs
    budgets: Budgets
    """The packet's budgets, within which the plan is carried out."""
    tasks: Annotated[dict[TaskId, PlannedTask], Field(max_length=1024, min_length=1)]
    """The tasks by their ids. Each key is the digest of the canonical bytes of its TaskSpec."""
    waves: Annotated[list[TaskOrder], Field(max_length=1024, min_length=1)]
    """The waves in their order. Every task stands in exactly one, after all that it waits for."""
    priors: Annotated[list[PriorConsulted], Field(max_length=200)]
    """What was learnt earlier and was consulted, used or not."""
