# @generated from contracts/jsonschema/governance/v1/governance_context.json. Do not edit: change the source, then run `just gen`.
"""Everything one action is told and allowed: the applicable doctrine as it resolved, frozen, with where each part came from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    JsonPointer,
    Line,
    MissionAction,
    RepositoryPath,
    SemanticVersion,
    Sha256,
    SkillRequirement,
)
from .agent_profile import AgentProfile, Authority
from .charter import Policies
from .directive import Directive, DoctrinePin, DoctrineTarget
from .step_contract import StepContract
from .tactic import Tactic


class CharterPin(Contract):
    """The charter, as it was."""

    model_config = ConfigDict(
        extra="forbid",
    )
    version: SemanticVersion
    digest: Sha256
    """Digest of its canonical bytes."""


class DoctrineLayer(StrEnum):
    """Who gives it: Dome itself, or the repository. The repository's goes before."""

    BUILT_IN = "built_in"
    PROJECT = "project"


class FieldOrigin(Contract):
    """Where a value came from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    layer: DoctrineLayer
    path: RepositoryPath
    """The source within its layer."""
    digest: Sha256
    """Digest of the source's bytes."""


class ItemProvenance(Contract):
    """Where a document of the doctrine came from, field by field."""

    model_config = ConfigDict(
        extra="forbid",
    )
    origin: FieldOrigin
    """Where all fields came from that are not named."""
    fields: Annotated[dict[JsonPointer, FieldOrigin] | None, Field(min_length=1)] = None
    """Fields that came from elsewhere, by their place in the document."""


class WarningKind(StrEnum):
    """`collision`: two layers give a field different values. `unresolved_suggestion`: a suggested document does not exist. `inactive`: a suggested document exists and the charter does not activate it."""

    COLLISION = "collision"
    UNRESOLVED_SUGGESTION = "unresolved_suggestion"
    INACTIVE = "inactive"


class DoctrineWarning(Contract):
    """Something that a person should look at."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: WarningKind
    target: DoctrineTarget
    """The document that it is about."""
    text: Line
    """What was found."""
    field: JsonPointer | None = None
    """Place in the document, where it is about one field."""


class ResolvedDirective(Contract):
    """A directive as it resolved, and where it came from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    value: Directive
    """The document after all layers."""
    provenance: ItemProvenance


class Allowance(Contract):
    """What the action may do: what profile and charter both allow."""

    model_config = ConfigDict(
        extra="forbid",
    )
    authority: Authority
    tools: list[SkillRequirement]
    """Tools that may be used."""


class ResolvedTactic(Contract):
    """A tactic as it resolved, and where it came from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    value: Tactic
    """The document after all layers."""
    provenance: ItemProvenance


class ResolvedProfile(Contract):
    """An agent profile as it resolved, and where it came from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    value: AgentProfile
    """The document after all layers."""
    provenance: ItemProvenance


class ResolvedStepContract(Contract):
    """A step contract as it resolved, and where it came from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    value: StepContract
    """The document after all layers."""
    provenance: ItemProvenance


class GovernanceContext(Contract):
    """Everything one action is told and allowed: the applicable doctrine as it resolved, frozen, with where each part came from. The assembly of governance contexts writes it; communication artefacts and guards read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    digest: Sha256
    """Digest of the canonical bytes of this document without this field."""
    action: MissionAction
    mission_type: DoctrinePin
    """Mission type, as it was."""
    charter: CharterPin
    policies: Policies
    """Policies of the charter."""
    depth: Annotated[int, Field(ge=0, le=8)]
    """How many suggestions in a row were followed."""
    directives: list[ResolvedDirective]
    """Applicable directives, by id."""
    tactics: list[ResolvedTactic]
    """Applicable tactics, by id."""
    allowance: Allowance
    deferred: list[DoctrineTarget]
    """What was suggested and is not included; it is fetched when it is needed."""
    warnings: list[DoctrineWarning]
    """What the layers disagree about, and what could not be found though it need not be."""
    profile: ResolvedProfile | None = None
    step_contract: ResolvedStepContract | None = None
