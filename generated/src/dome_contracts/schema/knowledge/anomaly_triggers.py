# @generated from contracts/jsonschema/knowledge/v1/anomaly_triggers.json. Do not edit: change the source, then run `just gen`.
"""The rules by which the binder, in hybrid mode, takes facts without a wrapper for an anomaly."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import SemanticVersion, Slug


class RetryStorm(Contract):
    """One task is attempted again and again within a short time."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["retry_storm"]
    """Kind of the trigger."""
    trigger_id: Slug
    """Names the trigger within the document."""
    version: SemanticVersion
    """Version of the trigger: another rule or another number is another version."""
    attempts_min: Annotated[int, Field(ge=2, le=1000)]
    """Attempts from which on it is a storm."""
    window_s: Annotated[int, Field(ge=1, le=31622400)]
    """Time within which they fall, in seconds."""


class UnseenGuardDenial(Contract):
    """A guard refuses with a policy reason that the repository has not seen for long."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["unseen_guard_denial"]
    """Kind of the trigger."""
    trigger_id: Slug
    """Names the trigger within the document."""
    version: SemanticVersion
    """Version of the trigger: another rule or another number is another version."""
    lookback_s: Annotated[int, Field(ge=1, le=31622400)]
    """How far back it looks, in seconds."""


class RepeatedIdenticalFailure(Contract):
    """Attempts with the same TaskSpec key and the same fingerprint fail in the same way, one after the other."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["repeated_identical_failure"]
    """Kind of the trigger."""
    trigger_id: Slug
    """Names the trigger within the document."""
    version: SemanticVersion
    """Version of the trigger: another rule or another number is another version."""
    failures_min: Annotated[int, Field(ge=2, le=1000)]
    """Failures from which on it is an anomaly."""
    window_s: Annotated[int, Field(ge=1, le=31622400)]
    """Time within which they fall, in seconds."""


class TriggersRef(Contract):
    """Triggers in one version."""

    model_config = ConfigDict(
        extra="forbid",
    )
    triggers_id: Slug
    """Names the document."""
    version: SemanticVersion


class TriggerRef(Contract):
    """One trigger in one version."""

    model_config = ConfigDict(
        extra="forbid",
    )
    triggers: TriggersRef
    trigger_id: Slug
    """Names the trigger."""
    version: SemanticVersion
    """Version of the trigger."""


Trigger = TypeAliasType(
    "Trigger",
    Annotated[RetryStorm | UnseenGuardDenial | RepeatedIdenticalFailure, Field(discriminator="kind", title="Trigger")],
)
"""One trigger."""


class AnomalyTriggers(Contract):
    """The rules by which the binder, in hybrid mode, takes facts without a wrapper for an anomaly. People write it; the binder reads it, and each wrapper that a trigger made names the trigger and its version."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    triggers_id: Slug
    """Names the document in all its versions."""
    version: SemanticVersion
    triggers: Annotated[list[Trigger], Field(max_length=64, min_length=1)]
    """The triggers, in the order in which they are asked."""
