# @generated from contracts/jsonschema/control/v1/reason_codes.json. Do not edit: change the source, then run `just gen`.
"""The catalogue of reasons in three namespaces that never mix: why a call failed, what went wrong in a job, why a guard refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import FailureReasonCode, PolicyReasonCode, Slug

Meaning = TypeAliasType("Meaning", Annotated[str, Field(pattern="^[A-Z`][^\\r\\n]{1,298}\\.$", title="Meaning")])
"""What has happened, in one sentence or two."""


Remedy = TypeAliasType("Remedy", Annotated[str, Field(pattern="^[A-Z`][^\\r\\n]{1,298}\\.$", title="Remedy")])
"""What to do about it, in one sentence or two."""


class GrpcStatus(StrEnum):
    """The status with which gRPC reports it."""

    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    ABORTED = "ABORTED"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"
    DATA_LOSS = "DATA_LOSS"
    UNAUTHENTICATED = "UNAUTHENTICATED"


Metadatum = TypeAliasType("Metadatum", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$")])


class RpcErrorEntry(Contract):
    """One reason of a failed call."""

    model_config = ConfigDict(
        extra="forbid",
    )
    reason: Annotated[str, Field(max_length=63, pattern="^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$")]
    """The reason, as `ErrorReason` has it without its prefix."""
    grpc: GrpcStatus
    retryable: bool
    """Whether the same request may succeed later."""
    meaning: Meaning
    remedy: Remedy
    metadata: Annotated[list[Metadatum], Field(max_length=16)]
    """Keys of the metadata that go with it."""


class FailureClass(StrEnum):
    """Where the failure lies."""

    NONE = "none"
    PROCESS = "process"
    TIME = "time"
    CANCEL = "cancel"
    OUTPUT = "output"
    LIMIT = "limit"
    ADMISSION = "admission"
    DAEMON = "daemon"
    TOOL = "tool"
    TESTS = "tests"
    CHECKS = "checks"


class FailureReasonEntry(Contract):
    """One thing that can go wrong."""

    model_config = ConfigDict(
        extra="forbid",
    )
    code: FailureReasonCode
    class_: Annotated[FailureClass, Field(alias="class")]
    retryable: bool
    """Whether doing the same again may succeed."""
    meaning: Meaning
    remedy: Remedy


class PolicyReasonEntry(Contract):
    """One reason of a refusal."""

    model_config = ConfigDict(
        extra="forbid",
    )
    code: PolicyReasonCode
    meaning: Meaning
    remedy: Remedy


class PinnedReasonEntry(Contract):
    """One code of a pinned bundle with the reason that it is: a failure or a refusal, never both."""

    model_config = ConfigDict(
        extra="forbid",
    )
    bundle: Slug
    """The pinned bundle whose code it is."""
    code: Annotated[str, Field(pattern="^[!-~]{1,128}$")]
    """The code, as the bundle writes it."""
    failure_reason_code: FailureReasonCode | None = None
    """What it is, where it says what went wrong."""
    policy_reason_code: PolicyReasonCode | None = None
    """What it is, where it says why something was refused."""


class ReasonCodes(Contract):
    """The catalogue of reasons in three namespaces that never mix: why a call failed, what went wrong in a job, why a guard refused. Written by people as `contracts/reasons.yaml`; read by the generator of the reason modules and by the gate on reasons."""

    model_config = ConfigDict(
        extra="forbid",
    )
    domain: Annotated[str, Field(pattern="^[a-z][a-z0-9]{0,31}(\\.[a-z][a-z0-9]{0,31}){1,7}$")]
    """Domain of every `google.rpc.ErrorInfo` of this contract."""
    rpc_errors: Annotated[list[RpcErrorEntry], Field(max_length=1000, min_length=1)]
    """Why a call can fail."""
    failure_reasons: Annotated[list[FailureReasonEntry], Field(max_length=1000, min_length=1)]
    """What can go wrong in the work of a job. Among them is `NONE`."""
    policy_reasons: Annotated[list[PolicyReasonEntry], Field(max_length=1000, min_length=1)]
    """Why a guard can refuse. Among them is `NONE`."""
    pinned_reasons: Annotated[list[PinnedReasonEntry] | None, Field(max_length=1000)] = None
    """Which reason of this catalogue each code of a pinned bundle is. A code stands there once."""
