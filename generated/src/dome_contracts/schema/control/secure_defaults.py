# @generated from contracts/jsonschema/control/v1/secure_defaults.json. Do not edit: change the source, then run `just gen`.
"""What holds where nobody says otherwise: how far effects reach, where may be written, and what is made unreadable before it is stored."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import Line, SemanticVersion, SideEffects


class PathRule(StrEnum):
    """A kind of path that is refused."""

    ABSOLUTE = "absolute"
    PARENT_TRAVERSAL = "parent_traversal"
    SYMBOLIC_LINK_OUTSIDE = "symbolic_link_outside"
    GIT_DIRECTORY = "git_directory"
    HOME_DIRECTORY = "home_directory"


KeyWord = TypeAliasType("KeyWord", Annotated[str, Field(pattern="^[a-z0-9_]{2,64}$")])


ValuePrefix = TypeAliasType("ValuePrefix", Annotated[str, Field(pattern="^[!-~]{3,32}$")])


class Redaction(Contract):
    """What is replaced before text is stored as evidence."""

    model_config = ConfigDict(
        extra="forbid",
    )
    key_words: Annotated[list[KeyWord], Field(max_length=64, min_length=1)]
    """Words that make a key secret wherever they stand in its name, in lower case."""
    value_prefixes: Annotated[list[ValuePrefix] | None, Field(max_length=64)] = None
    """Beginnings that make a value secret whatever its key."""
    replacement: Line
    """What stands in the place of a secret."""


class SecureDefaults(Contract):
    """What holds where nobody says otherwise: how far effects reach, where may be written, and what is made unreadable before it is stored. Written by people; nothing reads it yet."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    version: SemanticVersion
    side_effects: SideEffects
    """Policy of a TaskSpec template that names none."""
    path_rules: Annotated[list[PathRule], Field(min_length=1)]
    """Paths that are refused wherever a document names one."""
    redaction: Redaction
