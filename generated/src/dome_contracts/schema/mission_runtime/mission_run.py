# @generated from contracts/jsonschema/mission_runtime/v1/mission_run.json. Do not edit: change the source, then run `just gen`.
"""One pass through a mission's steps, over a template that was frozen at its start."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..governance.directive import DoctrinePin
from ..shared.definitions import Accountable, ArtefactWitness, Effector, Line, MissionId, RunId, Slug, Timestamp


class Strictness(StrEnum):
    """How many questions a run may answer for itself: all that have a default, the insignificant ones, or none."""

    OFF = "off"
    MEDIUM = "medium"
    MAX = "max"


class StepState(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    ISSUED = "issued"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class StepProgress(Contract):
    """Where a step stands."""

    model_config = ConfigDict(
        extra="forbid",
    )
    step_id: Slug
    state: StepState
    time: Timestamp | None = None
    """When it came to stand there."""
    artefact: ArtefactWitness | None = None
    """What its effector was told."""


QuestionId = TypeAliasType(
    "QuestionId",
    Annotated[str, Field(max_length=80, pattern="^(input|audit):[a-z0-9]+(-[a-z0-9]+)*$", title="QuestionId")],
)
"""Identifies a question of a run: an input, or an audit of a step."""


class HaltReason(StrEnum):
    """Why nothing can be done next."""

    STEP_FAILED = "step_failed"
    TEMPLATE_DRIFT = "template_drift"
    MISSION_NOT_FINALIZED = "mission_not_finalized"
    DEPENDENCIES_UNSATISFIED = "dependencies_unsatisfied"
    REVIEW_IN_PROGRESS = "review_in_progress"
    TRANSITION_PENDING = "transition_pending"
    CONFLICT_UNACKNOWLEDGED = "conflict_unacknowledged"
    ARTEFACT_UNAVAILABLE = "artefact_unavailable"
    ALL_CLAIMED = "all_claimed"
    PACKAGES_CANCELED = "packages_canceled"


class Answer(Contract):
    """An answer to a question of the run."""

    model_config = ConfigDict(
        extra="forbid",
    )
    question_id: QuestionId
    value: Line
    """What was answered."""
    answerer: Effector
    """Who answered."""
    time: Timestamp


class Halt(Contract):
    """Why the run does not go on until somebody acts."""

    model_config = ConfigDict(
        extra="forbid",
    )
    reason: HaltReason
    text: Line
    """What was found."""


class MissionRun(Contract):
    """One pass through a mission's steps, over a template that was frozen at its start. The runtime of missions writes it; `decide_next` reads it and never believes it against the board."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    mission_id: MissionId
    mission_type: DoctrinePin
    """Mission type whose steps are the template, as it was at the start; another digest later is drift."""
    strictness: Strictness
    start_time: Timestamp
    starter: Effector
    """Who started the run."""
    accountable: Accountable
    steps: Annotated[list[StepProgress], Field(min_length=1)]
    """Where each step stands, in the template's order."""
    answers: list[Answer]
    """Questions that were answered, in the order of the answers."""
    issued_step: Slug | None = None
    """Step that was handed out and has no outcome yet."""
    halt: Halt | None = None
