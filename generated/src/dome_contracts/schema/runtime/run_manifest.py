# @generated from contracts/jsonschema/runtime/v1/run_manifest.json. Do not edit: change the source, then run `just gen`.
"""Documents one job: what was asked, what ran, how it ended, and the record of where, with what and from what it ran."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    ArtifactRef,
    FailureReasonCode,
    JobId,
    RunId,
    SemanticVersion,
    Sha256,
    Timestamp,
    ToolId,
)


class State(StrEnum):
    """
    Terminal state of the job.
    """

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


ToolVersionsAdditionalProperty = TypeAliasType(
    "ToolVersionsAdditionalProperty", Annotated[str, Field(max_length=128, min_length=1)]
)


class RepositoryState(StrEnum):
    """
    How far the repository fields can be trusted.
    """

    CAPTURED = "CAPTURED"
    NONE = "NONE"
    UNKNOWN = "UNKNOWN"


class Filesystem(StrEnum):
    """
    Reading and writing files.
    """

    DECLARED = "DECLARED"
    ENFORCED = "ENFORCED"


class Network(StrEnum):
    """
    Reaching the network.
    """

    DECLARED = "DECLARED"
    ENFORCED = "ENFORCED"


class Processes(StrEnum):
    """
    Starting processes.
    """

    DECLARED = "DECLARED"
    ENFORCED = "ENFORCED"


class EffectsEnforcement(Contract):
    """How far each declared effect of the tool was held: `ENFORCED` where the kernel refused what was not declared, `DECLARED` where the declaration was known and not held."""

    model_config = ConfigDict(
        extra="forbid",
    )
    filesystem: Filesystem
    """Reading and writing files."""
    network: Network
    """Reaching the network."""
    processes: Processes
    """Starting processes."""


class ProvenanceRecord(Contract):
    """The frozen record: its seven required fields keep their names and meanings."""

    model_config = ConfigDict(
        extra="forbid",
    )
    repo: Annotated[str, Field(max_length=4096)]
    """Absolute path of the repository's working tree. Empty without a repository."""
    commit_sha: Annotated[str, Field(pattern="^([0-9a-f]{40}|[0-9a-f]{64})?$")]
    """Commit that HEAD named, in full hexadecimal. Empty without one."""
    dirty_flag: bool | None
    """Whether the working tree differed from the commit. Null when not known."""
    contract_hashes: dict[str, Sha256]
    """Digest of each contract bundle of the daemon, by name."""
    tool_versions: dict[str, ToolVersionsAdditionalProperty]
    """Versions by name: `domed`, `executor`, `python`, and the tool's own under its id, which is none of these three."""
    input_hash: Sha256
    """Digest of the input bytes as sent."""
    env_fingerprint: Sha256
    """Digest of platform, machine, interpreter and the names and digests of the program's environment."""
    repository_state: RepositoryState | None = None
    """How far the repository fields can be trusted."""
    repository_state_reason: Annotated[str | None, Field(max_length=1000)] = None
    """Why the state is UNKNOWN."""
    branch: Annotated[str | None, Field(max_length=1024)] = None
    """Branch that HEAD named. Empty when detached."""
    remote: Annotated[str | None, Field(max_length=4096)] = None
    """URL of the remote `origin`, without user name and password."""
    dirty_digest: Annotated[str | None, Field(pattern="^(sha256:[0-9a-f]{64})?$")] = None
    """Digest of status and diff against the commit. Empty when clean or not known."""
    platform: Annotated[str | None, Field(max_length=256)] = None
    """Operating system, its release and the machine type."""
    working_directory: Annotated[str | None, Field(max_length=4096)] = None
    """Absolute working directory of the program."""
    result_digest: Annotated[str | None, Field(pattern="^(sha256:[0-9a-f]{64})?$")] = None
    """Digest of the result. Empty without one."""
    stdout_digest: Sha256 | None = None
    """Digest of all bytes recorded from standard output."""
    stderr_digest: Sha256 | None = None
    """Digest of all bytes recorded from standard error."""
    artifacts: Annotated[list[ArtifactRef] | None, Field(max_length=256)] = None
    """What the run produced, in order of production."""
    retry_of_job_id: JobId | None = None
    """The job whose request this one repeats."""
    effects_enforcement: EffectsEnforcement | None = None


class RunManifest(Contract):
    """Documents one job: what was asked, what ran, how it ended, and the record of where, with what and from what it ran."""

    model_config = ConfigDict(
        extra="forbid",
    )
    manifest_version: Literal["1"]
    """Version of this form."""
    job_id: JobId
    run_id: RunId
    skill_id: ToolId
    tool_version: SemanticVersion
    tool_digest: Sha256
    state: State
    """Terminal state of the job."""
    failure_reason_code: FailureReasonCode | None = None
    create_time: Timestamp
    start_time: Timestamp | None = None
    end_time: Timestamp | None = None
    chain_head: Sha256 | None = None
    """Head of the hash chain over the job's stored events before the last."""
    provenance: ProvenanceRecord
