# @generated from contracts/jsonschema/gates/v1/standard_report.json. Do not edit: change the source, then run `just gen`.
"""Whether one tool in one version meets `python_standard`, subcheck by subcheck."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    Count,
    EvidenceRef,
    FailureReasonCode,
    JobId,
    JsonPointer,
    Line,
    RunId,
    SemanticVersion,
    Sha256,
    Timestamp,
    ToolId,
    VersionContext,
)


class Standard(Contract):
    """The standard that was applied."""

    model_config = ConfigDict(
        extra="forbid",
    )
    standard_id: Literal["python_standard"]
    """Names the standard."""
    version: SemanticVersion


class CheckedTool(Contract):
    """The tool that was checked."""

    model_config = ConfigDict(
        extra="forbid",
    )
    tool_id: ToolId
    version: SemanticVersion
    digest: Sha256
    """Digest of the tool: its manifest and files."""


class ReportStatus(StrEnum):
    """PASS where no subcheck failed."""

    PASS = "PASS"
    FAIL = "FAIL"


class CheckedEffect(StrEnum):
    """An effect that some kernel can hold a tool to."""

    FILESYSTEM = "filesystem"
    NETWORK = "network"


class SubcheckStatus(StrEnum):
    """How a subcheck ended."""

    PASS = "PASS"
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class StandardFinding(Contract):
    """One assertion that does not hold."""

    model_config = ConfigDict(
        extra="forbid",
    )
    failure_reason_code: FailureReasonCode
    message: Line
    """What does not hold."""
    place: JsonPointer | None = None
    """Where, in the document that the assertion is about."""


class Subcheck(Contract):
    """One subcheck."""

    model_config = ConfigDict(
        extra="forbid",
    )
    status: SubcheckStatus
    assertion_count: Count
    """How many assertions were made."""
    findings: Annotated[list[StandardFinding], Field(max_length=64)]
    """What failed."""
    evidence: Annotated[list[EvidenceRef], Field(max_length=64)]
    """What shows it."""
    jobs: Annotated[list[JobId] | None, Field(max_length=64)] = None
    """Jobs that were run for it."""
    why: Line | None = None
    """Why it does not apply."""
    unverified: list[CheckedEffect] | None = None
    """Where side effects do not apply: the effects that the manifest limits and that nobody could check here, as the kernel did not hold the tool to them or no run was started; sorted. Empty where the manifest limits none. While any is named, nobody knows whether the tool conforms."""


class Subchecks(Contract):
    """Every subcheck of the standard."""

    model_config = ConfigDict(
        extra="forbid",
    )
    contract_validity: Subcheck
    """Inputs and outputs satisfy the declared schemas, and writing, reading and writing again gives the same canonical bytes."""
    determinism: Subcheck
    """The same input gives the same output, apart from the declared volatile fields. NOT_APPLICABLE where the manifest declares nothing: what is learnt with such a tool is never prescriptive."""
    side_effects: Subcheck
    """Effects beyond the declared ones are stopped: writing outside scratch, opening a socket, reading a key file, spawning a shell."""
    observability_split: Subcheck
    """Failures and refusals are reported apart, each in its own field."""
    spec_as_test: Subcheck
    """Assertions generated from the schemas hold."""


class StandardReport(Contract):
    """Whether one tool in one version meets `python_standard`, subcheck by subcheck. `dome standard check` writes it from jobs of the daemon; gates take it as input, and the binder asks it before a capsule may prescribe the tool."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    standard: Standard
    tool: CheckedTool
    run_id: RunId
    """The run of the check."""
    versions: VersionContext
    status: ReportStatus
    subchecks: Subchecks
    check_time: Timestamp
    """When the check ended."""
