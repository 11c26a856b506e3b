# @generated from contracts/jsonschema/control/v1/profile_catalog_map.json. Do not edit: change the source, then run `just gen`.
"""Which pattern an agent profile plans by, and why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import Line, SemanticVersion, Slug, VersionRange


class CatalogEntry(Contract):
    """The pattern of one profile."""

    model_config = ConfigDict(
        extra="forbid",
    )
    pattern_id: Slug
    """Pattern by which work of this profile is planned."""
    pattern_versions: VersionRange | None = None
    """Versions of the pattern that serve. Left out: any."""
    strategies_id: Slug | None = None
    """Control strategies to plan with. Left out: the planner's own."""
    rationale: Line
    """Why this pattern."""


class ProfileCatalogMap(Contract):
    """Which pattern an agent profile plans by, and why. Written by people; nothing reads it yet."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    version: SemanticVersion
    default_pattern: Slug | None = None
    """Pattern of profiles that have no entry."""
    profiles: Annotated[dict[Slug, CatalogEntry], Field(max_length=256, min_length=1)]
    """Entry of each agent profile, by its name."""
