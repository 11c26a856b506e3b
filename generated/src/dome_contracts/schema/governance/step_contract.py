# @generated from contracts/jsonschema/governance/v1/step_contract.json. Do not edit: change the source, then run `just gen`.
"""How one action is carried out: what goes in, what comes out, and what must hold at its end."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import Line, MediaType, MissionAction, Prose, SemanticVersion, Slug
from .directive import DoctrineReference
from .mission_type import LaneGuard


class InputKind(StrEnum):
    """What an input is."""

    MISSION = "mission"
    WORK_PACKAGE = "work_package"
    WORKSPACE = "workspace"
    ARTEFACT = "artefact"
    FEEDBACK = "feedback"
    ANSWER = "answer"


class InputSource(StrEnum):
    """Where an input is looked for: in the request, the run, the mission, or the repository."""

    EXPLICIT = "explicit"
    RUN = "run"
    MISSION = "mission"
    REPOSITORY = "repository"


class Need(StrEnum):
    """Whether the action is refused without it."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class StepInput(Contract):
    """Something that an action needs."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: Slug
    """Names the input within the contract."""
    kind: InputKind
    need: Need
    sources: Annotated[list[InputSource], Field(min_length=1)]
    """Where it is looked for, in this order; the first that has it gives it."""
    artefact: Slug | None = None
    """Which artefact of the mission type, where it is one."""


class StepOutput(Contract):
    """Something that an action leaves."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: Slug
    """Names the output within the contract."""
    need: Need
    text: Line
    """What it is."""
    artefact: Slug | None = None
    """Which artefact of the mission type, where it is one."""
    media_type: MediaType | None = None


class ProofKind(StrEnum):
    """How it is shown that something holds."""

    AUTOMATED_TEST = "automated_test"
    CODE_REVIEW = "code_review"
    MANUAL_CHECK = "manual_check"
    COMPUTED = "computed"


class ExitCondition(Contract):
    """Something that must hold at the end of an action."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: Slug
    """Names the condition within the contract."""
    text: Line
    """What must hold."""
    proof: ProofKind
    guard: LaneGuard | None = None
    """Guard of the transition table that checks it, where one does."""


class StepContract(Contract):
    """How one action is carried out: what goes in, what comes out, and what must hold at its end. People write it; the assembly of communication artefacts renders it and runs check its conditions."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    id: Slug
    """Names it within its kind."""
    version: SemanticVersion
    title: Line
    """Name for people."""
    action: MissionAction
    guidance: Prose
    """How the action is carried out."""
    inputs: list[StepInput]
    """What the action needs."""
    outputs: list[StepOutput]
    """What the action leaves."""
    exit_conditions: Annotated[list[ExitCondition], Field(min_length=1)]
    """What must hold at the end, all of it."""
    mission_types: Annotated[list[Slug] | None, Field(min_length=1)] = None
    """Only for missions of these types. Absent: for all."""
    references: list[DoctrineReference] | None = None
    """Other documents of the doctrine that it stands in relation to."""
