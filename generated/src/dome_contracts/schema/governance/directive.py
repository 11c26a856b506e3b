# @generated from contracts/jsonschema/governance/v1/directive.json. Do not edit: change the source, then run `just gen`.
"""A rule that work in a repository has to follow, with where it applies and how strictly."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import Line, MissionAction, PathGlob, Prose, SemanticVersion, Severity, Sha256, Slug


class Enforcement(StrEnum):
    """What happens where the rule is broken: no review that finds it broken approves, the review must mention it, or it is only told. Dome reads no prose: who reviews names the directive in a finding."""

    REFUSE = "refuse"
    REVIEW = "review"
    TELL = "tell"


class AppliesTo(Contract):
    """Where a document of the doctrine applies: to everything, less what is not named here."""

    model_config = ConfigDict(
        extra="forbid",
    )
    actions: Annotated[list[MissionAction] | None, Field(min_length=1)] = None
    """Only to these actions. Absent: to all."""
    mission_types: Annotated[list[Slug] | None, Field(min_length=1)] = None
    """Only to missions of these types. Absent: to all."""
    paths: Annotated[list[PathGlob] | None, Field(min_length=1)] = None
    """Only to work packages that own a path matching one of these. Absent: to all."""


class DoctrineKind(StrEnum):
    """Kind of a document of the doctrine."""

    DIRECTIVE = "directive"
    TACTIC = "tactic"
    AGENT_PROFILE = "agent_profile"
    MISSION_TYPE = "mission_type"
    STEP_CONTRACT = "step_contract"


class DoctrineTarget(Contract):
    """A document of the doctrine, by kind and id."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: DoctrineKind
    id: Slug
    """Names it within its kind."""


class DoctrinePin(Contract):
    """A document of the doctrine, or a part with a name of its own, exactly as it was: id, version and digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: Slug
    """Names it within its kind."""
    version: SemanticVersion
    digest: Sha256
    """Digest of its canonical bytes."""


class Relation(StrEnum):
    """How one document of the doctrine stands to another: `requires` brings it along, `suggests` names it, `scopes` narrows where it applies, `specializes` takes its place."""

    REQUIRES = "requires"
    SUGGESTS = "suggests"
    SCOPES = "scopes"
    SPECIALIZES = "specializes"


class DoctrineReference(Contract):
    """An edge of the doctrine's graph."""

    model_config = ConfigDict(
        extra="forbid",
    )
    relation: Relation
    target: DoctrineTarget
    reason: Line | None = None
    """Why it is so."""


class Directive(Contract):
    """A rule that work in a repository has to follow, with where it applies and how strictly. People write it; the assembly of governance contexts reads it."""

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
    intent: Prose
    """What the rule is for."""
    text: Prose
    """The rule, as an effector is told it."""
    severity: Severity
    """How grave it is when the rule is broken."""
    enforcement: Enforcement
    scope: AppliesTo
    criteria: Annotated[list[Line] | None, Field(max_length=32)] = None
    """What a reviewer looks at to see whether the rule was followed."""
    allowances: Annotated[list[Line] | None, Field(max_length=32)] = None
    """What looks like a breach and is none."""
    references: list[DoctrineReference] | None = None
    """Other documents of the doctrine that it stands in relation to."""
