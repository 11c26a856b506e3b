# @generated from contracts/jsonschema/mission_runtime/v1/run_decision.json. Do not edit: change the source, then run `just gen`.
"""What comes next in a mission, and from what it was concluded."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..missions.work_package import PackageStanding
from ..shared.definitions import Lane, Line, MissionAction, MissionId, Prose, RunId, Sha256, Share, Slug, WorkPackageId
from .mission_run import HaltReason, QuestionId


class DecisionOrigin(StrEnum):
    """What decided: the steps of the run, or the board of a finalised mission, which goes before."""

    RUN = "run"
    BOARD = "board"


LanesAdditionalProperty = TypeAliasType("LanesAdditionalProperty", Annotated[int, Field(ge=1, le=9999)])
"""Packages in the lane."""


class Progress(Contract):
    """How far the mission is."""

    model_config = ConfigDict(
        extra="forbid",
    )
    lanes: dict[Lane, LanesAdditionalProperty]
    """Number of packages in each lane that has any."""
    done: Share
    """Share of the packages that are done."""
    weighted: Share
    """Share of the way that the packages have gone, by their lanes."""


class Audience(StrEnum):
    """Who may answer: anybody who may act, or the accountable person alone."""

    EFFECTOR = "effector"
    ACCOUNTABLE = "accountable"


class QuestionOption(Contract):
    """One answer."""

    model_config = ConfigDict(
        extra="forbid",
    )
    value: Slug
    """What is answered."""
    label: Line
    """What it says to people."""


class Block(Contract):
    """One reason why nothing can be done."""

    model_config = ConfigDict(
        extra="forbid",
    )
    reason: HaltReason
    text: Line
    """What was found."""
    remedy: Line
    """What to do."""
    packages: Annotated[list[WorkPackageId] | None, Field(min_length=1)] = None
    """Packages that it is about."""


class BlockedDecision(Contract):
    """Nothing can be done until somebody acts."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["blocked"]
    """Says which it is."""
    blocks: Annotated[list[Block], Field(min_length=1)]
    """Why."""


class TerminalOutcome(StrEnum):
    """How a mission ended."""

    DONE = "done"
    CANCELED = "canceled"


class TerminalDecision(Contract):
    """There is nothing more to do."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["terminal"]
    """Says which it is."""
    outcome: TerminalOutcome


class StepDecision(Contract):
    """A step is to be done."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["step"]
    """Says which it is."""
    step_id: Slug
    action: MissionAction
    artefact: Sha256
    """Digest of the communication artefact that the effector is given."""
    package: PackageStanding | None = None
    """The work package that it is about."""


class QuestionDecision(Contract):
    """A person is asked first."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["decision_required"]
    """Says which it is."""
    question_id: QuestionId
    question: Prose
    """What is asked."""
    options: Annotated[list[QuestionOption], Field(max_length=16)]
    """What can be answered. Empty: anything."""
    audience: Audience
    default: Slug | None = None
    """Option that is taken when nobody answers and the strictness allows it."""


class QueryDecision(Contract):
    """What would come next, asked without changing anything."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["query"]
    """Says which it is."""
    preview: Annotated[
        StepDecision | QuestionDecision | BlockedDecision | TerminalDecision, Field(discriminator="kind")
    ]
    """What would come next."""


class RunDecision(Contract):
    """What comes next in a mission, and from what it was concluded. `decide_next` writes it; `dome mission next` and effectors read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    mission_id: MissionId
    origin: DecisionOrigin
    board_digest: Sha256
    """Digest of the board that was looked at."""
    progress: Progress
    decision: Annotated[
        StepDecision | QuestionDecision | BlockedDecision | TerminalDecision | QueryDecision,
        Field(discriminator="kind"),
    ]
    """What comes next."""
    run_id: RunId | None = None
