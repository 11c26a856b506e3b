# @generated from contracts/jsonschema/shared/v1/definitions.json. Do not edit: change the source, then run `just gen`.
"""Definitions that several families use."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

Definitions = TypeAliasType("Definitions", Annotated[Any, Field(title="Definitions")])
"""Definitions that several families use. No family of its own."""


Sha256 = TypeAliasType("Sha256", Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$", title="Sha256")])
"""A SHA-256 digest with its prefix."""


Timestamp = TypeAliasType(
    "Timestamp",
    Annotated[
        str,
        Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$", title="Timestamp"),
    ],
)
"""A moment in UTC, RFC 3339 with at most microseconds."""


ToolId = TypeAliasType(
    "ToolId", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}(\\.[a-z][a-z0-9_]{0,31}){0,3}$", title="ToolId")]
)
"""Identifies a tool: lower-case words joined by dots, such as `repo.search`."""


SemanticVersion = TypeAliasType(
    "SemanticVersion",
    Annotated[
        str,
        Field(
            pattern="^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$",
            title="SemanticVersion",
        ),
    ],
)
"""A version in the form of Semantic Versioning 2."""


JobId = TypeAliasType("JobId", Annotated[str, Field(pattern="^job-[0-9a-z]{26}$", title="JobId")])
"""Identifies a job."""


RunId = TypeAliasType("RunId", Annotated[str, Field(pattern="^run-[0-9A-Za-z._-]{1,64}$", title="RunId")])
"""Identifies a run."""


FailureReasonCode = TypeAliasType(
    "FailureReasonCode",
    Annotated[str, Field(pattern="^(NONE|[A-Z][A-Z0-9_]*(\\.[A-Z][A-Z0-9_]*)+)$", title="FailureReasonCode")],
)
"""A code of the catalogue of failure reasons; `NONE` where there is no failure."""


EnvironmentName = TypeAliasType(
    "EnvironmentName", Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]{0,127}$", title="EnvironmentName")]
)
"""Name of an environment variable."""
