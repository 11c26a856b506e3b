# @generated from contracts/jsonschema/governance/v1/tactic.json. Do not edit: change the source, then run `just gen`.
"""A way of working: ordered steps, when they help and how they go wrong."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import Line, Prose, SemanticVersion, Slug
from .directive import AppliesTo, DoctrineReference


class TacticStep(Contract):
    """One step of a tactic."""

    model_config = ConfigDict(
        extra="forbid",
    )
    title: Line
    """What is done, in short."""
    text: Prose
    """How it is done."""
    done_when: Line | None = None
    """How one sees that the step is done."""


class Tactic(Contract):
    """A way of working: ordered steps, when they help and how they go wrong. People write it; governance contexts hand it to effectors."""

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
    """What it achieves."""
    scope: AppliesTo
    steps: Annotated[list[TacticStep], Field(max_length=32, min_length=1)]
    """What is done, in this order."""
    helps_when: Annotated[list[Line] | None, Field(max_length=16)] = None
    """Signs that it is the right way."""
    fails_when: Annotated[list[Line] | None, Field(max_length=16)] = None
    """Signs that it goes wrong, or was the wrong way."""
    references: list[DoctrineReference] | None = None
    """Other documents of the doctrine that it stands in relation to."""
