# @generated from contracts/jsonschema/shared/v1/definitions.json. Do not edit: change the source, then run `just gen`.
"""Definitions that several families use."""

from __future__ import annotations

from enum import StrEnum
from re import compile
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints
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


TaskId = TypeAliasType("TaskId", Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$", title="TaskId")])
"""Identifies a TaskSpec: the digest of its canonical bytes."""


GroupId = TypeAliasType("GroupId", Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$", title="GroupId")])
"""Identifies one attempt at a TaskSpec within a run: digest of run, task and attempt."""


EventId = TypeAliasType(
    "EventId", Annotated[str, Field(pattern="^evt-[0-7][0-9a-hjkmnp-tv-z]{25}(-[1-9][0-9]{0,18})?$", title="EventId")]
)
"""Identifies an event. Of a job's events it also says the sequence number."""


MissionId = TypeAliasType(
    "MissionId", Annotated[str, Field(pattern="^mis-[0-7][0-9a-hjkmnp-tv-z]{25}$", title="MissionId")]
)
"""Identifies a mission."""


WorkPackageId = TypeAliasType("WorkPackageId", Annotated[str, Field(pattern="^WP[0-9]{2,4}$", title="WorkPackageId")])
"""Identifies a work package within its mission, such as `WP01`."""


OperationId = TypeAliasType(
    "OperationId", Annotated[str, Field(pattern="^op-[0-7][0-9a-hjkmnp-tv-z]{25}$", title="OperationId")]
)
"""Identifies one unit of transition and commit; also its idempotency key."""


RepositoryId = TypeAliasType(
    "RepositoryId", Annotated[str, Field(pattern="^repo-[0-7][0-9a-hjkmnp-tv-z]{25}$", title="RepositoryId")]
)
"""Identifies a repository to the spec plane, in all its worktrees."""


PolicyReasonCode = TypeAliasType(
    "PolicyReasonCode",
    Annotated[str, Field(pattern="^(NONE|[A-Z][A-Z0-9_]*(\\.[A-Z][A-Z0-9_]*)+)$", title="PolicyReasonCode")],
)
"""A code of the catalogue of policy reasons: why a guard refused; `NONE` where none did."""


CommitSha = TypeAliasType(
    "CommitSha", Annotated[str, Field(pattern="^([0-9a-f]{40}|[0-9a-f]{64})$", title="CommitSha")]
)
"""A commit in full hexadecimal. All zeros where a reference names no commit yet."""


GitRef = TypeAliasType("GitRef", Annotated[str, Field(pattern="^refs/[!-~]{1,240}$", title="GitRef")])
"""A full name of a git reference, such as `refs/heads/main`."""


RepositoryPath = TypeAliasType(
    "RepositoryPath",
    Annotated[
        str,
        Field(
            pattern=compile("^(?!/)(?!([^\\u0000]*/)?\\.{1,2}(/|$))(?![^\\u0000]*//)[^\\\\\\u0000]{1,1024}$"),
            title="RepositoryPath",
        ),
    ],
)
"""A path within a repository: relative, with forward slashes, without `..` or an empty part."""


PathGlob = TypeAliasType(
    "PathGlob",
    Annotated[str, Field(max_length=1024, min_length=1, pattern="^[^/\\\\\\u0000][^\\\\\\u0000]*$", title="PathGlob")],
)
"""A pattern of paths within a repository: `*` within a part, `**` over parts."""


Slug = TypeAliasType("Slug", Annotated[str, Field(max_length=64, pattern="^[a-z0-9]+(-[a-z0-9]+)*$", title="Slug")])
"""A short name in lower case: words joined by dashes."""


Line = TypeAliasType("Line", Annotated[str, Field(max_length=240, min_length=1, pattern="^[^\\r\\n]+$", title="Line")])
"""One line of text for people."""


Prose = TypeAliasType("Prose", Annotated[str, Field(max_length=16384, min_length=1, title="Prose")])
"""Text for people, in Markdown where it says more than a line."""


TraceParent = TypeAliasType(
    "TraceParent", Annotated[str, Field(pattern="^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", title="TraceParent")]
)
"""A trace context in the form of W3C Trace Context, version 00."""


VersionRange = TypeAliasType(
    "VersionRange",
    Annotated[
        str,
        Field(
            pattern="^(\\*|(==|>=|<=|>|<)(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(,(==|>=|<=|>|<)(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*))*)$",
            title="VersionRange",
        ),
    ],
)
"""Versions that serve: comparisons joined by commas, such as `>=1.2.0,<2.0.0`, or `*`."""


EnvironmentClass = TypeAliasType(
    "EnvironmentClass", Annotated[str, Field(pattern="^[a-z0-9][a-z0-9._-]{0,63}$", title="EnvironmentClass")]
)
"""Class of an environment in which results compare: operating system, architecture and language, such as `linux-x86_64-python3.11`."""


Share = TypeAliasType("Share", Annotated[float, Field(ge=0.0, le=1.0, title="Share")])
"""A share or probability from 0 to 1."""


Sequence = TypeAliasType("Sequence", Annotated[int, Field(ge=1, le=9007199254740991, title="Sequence")])
"""A position in a stream: from 1, without gaps."""


class Scope(StrEnum):
    """How far a TaskSpec, and what is learnt of it, reaches."""

    TASK = "task"
    RUN = "run"
    REPO = "repo"


class TargetKind(StrEnum):
    """What a TaskSpec acts upon."""

    PATH = "path"
    COMPONENT = "component"
    PACKAGE = "package"
    TEST = "test"
    ARTIFACT = "artifact"
    SCHEMA = "schema"
    CONTRACT = "contract"
    TOOL = "tool"
    TOOL_POLICY = "tool_policy"
    WORKFLOW_STATE = "workflow_state"
    ENVIRONMENT = "environment"


class ActionKind(StrEnum):
    """What a TaskSpec does with its target."""

    OBSERVE = "observe"
    DIAGNOSE = "diagnose"
    FIX = "fix"
    VALIDATE = "validate"
    HARDEN = "harden"
    REFACTOR = "refactor"
    APPLY = "apply"
    RETRIEVE = "retrieve"
    RANK = "rank"
    PLAN = "plan"
    REVIEW = "review"


class EffectorKind(StrEnum):
    """Who acts: a person, a language model or a program."""

    HUMAN = "human"
    LLM = "llm"
    SERVICE = "service"


class FallbackMode(StrEnum):
    """What the binder derives without an explicit wrapper: `strict` nothing, `hybrid` what a trigger names, `lenient` everything."""

    STRICT = "strict"
    HYBRID = "hybrid"
    LENIENT = "lenient"


class WrapperSignal(StrEnum):
    """Why a group of facts is worth learning from."""

    PROMOTED_EVIDENCE = "promoted_evidence"
    TASK_SUCCEEDED = "task_succeeded"
    TASK_FAILED = "task_failed"
    GATE_FAILURE = "gate_failure"
    GUARD_DENIAL = "guard_denial"
    ANOMALY = "anomaly"


class GuardStatus(StrEnum):
    """What the evaluation of a guard found; `UNKNOWN` counts as a refusal."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"
    UNKNOWN = "UNKNOWN"


class GuardDecision(StrEnum):
    """What a guard decided for the transition."""

    ALLOW = "ALLOW"
    DENY = "DENY"


class Verdict(StrEnum):
    """The verdict of a gate or of a promotion."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    NEEDS_HUMAN = "NEEDS_HUMAN"


class Severity(StrEnum):
    """How grave it is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class Lane(StrEnum):
    """Where a work package stands."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    IN_PROGRESS = "in_progress"
    FOR_REVIEW = "for_review"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    DONE = "done"
    BLOCKED = "blocked"
    CANCELED = "canceled"


class Target(Contract):
    """What is acted upon, by kind and name."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: TargetKind
    id: Annotated[str, Field(max_length=1024, min_length=1)]
    """Name of the target within its kind: a path, a tool id, a test's name."""


class Action(Contract):
    """What is done, by kind."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: ActionKind


class TaskKey(Contract):
    """The key by which tasks and what is learnt of them are found again."""

    model_config = ConfigDict(
        extra="forbid",
    )
    scope: Scope
    target: Target
    action: Action
    failure_reason_code: FailureReasonCode


class VersionContext(Contract):
    """The versions under which an observation was made; observations under other versions do not compare."""

    model_config = ConfigDict(
        extra="forbid",
    )
    tools: dict[ToolId, SemanticVersion]
    """Version of each tool by its id."""
    schemas: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]+/[a-z_]+$")], Sha256]
    """Digest of each schema family by its name."""
    environment_class: EnvironmentClass


MediaType = TypeAliasType(
    "MediaType",
    Annotated[str, Field(pattern="^[a-z0-9][a-z0-9.+-]{0,62}/[a-z0-9][a-z0-9.+-]{0,62}$", title="MediaType")],
)
"""A media type, such as `application/json`."""


class Lineage(Contract):
    """Where a document came from: the event that caused it, and its place in the stream."""

    model_config = ConfigDict(
        extra="forbid",
    )
    event_id: EventId
    sequence: Sequence
    run_id: RunId
    job_id: JobId | None = None


class EvidenceKind(StrEnum):
    """What a piece of evidence shows. A guard asks for kinds, a capsule of evidence holds members of them."""

    TEST_REPORT = "test_report"
    LINT_REPORT = "lint_report"
    TYPE_REPORT = "type_report"
    COVERAGE_REPORT = "coverage_report"
    BUILD_LOG = "build_log"
    DIFF = "diff"
    RESULT = "result"
    SCHEMA_REPORT = "schema_report"
    STANDARD_REPORT = "standard_report"
    REVIEW = "review"
    PROVENANCE = "provenance"
    REFUSAL = "refusal"
    TELEMETRY = "telemetry"


class AttemptStatus(StrEnum):
    """How an attempt at a TaskSpec ended; `DENIED` where it was refused before anything ran."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    DENIED = "DENIED"


class AttemptOutcome(Contract):
    """How an attempt at a TaskSpec ended, with the failure observed and the refusal apart: neither code ever stands for the other."""

    model_config = ConfigDict(
        extra="forbid",
    )
    status: AttemptStatus
    failure_reason_code: FailureReasonCode
    """The failure that was observed; `NONE` where there was none."""
    policy_reason_code: PolicyReasonCode
    """Why a guard refused; `NONE` where none did."""


JsonPointer = TypeAliasType(
    "JsonPointer", Annotated[str, Field(max_length=1024, pattern="^(/([^~/]|~[01])*)*$", title="JsonPointer")]
)
"""A place in a JSON document, in the form of RFC 6901; empty for the whole document."""


FamilyName = TypeAliasType(
    "FamilyName", Annotated[str, Field(pattern="^[a-z][a-z_]*/[a-z][a-z_]*$", title="FamilyName")]
)
"""Name of a schema family: context and family, such as `planning/task_spec`."""


class MissionAction(StrEnum):
    """What is done to a mission or to a work package of it, as a whole."""

    SPECIFY = "specify"
    PLAN = "plan"
    ANALYZE = "analyze"
    FINALIZE = "finalize"
    IMPLEMENT = "implement"
    REVIEW = "review"
    ACCEPT = "accept"
    INTEGRATE = "integrate"
    STATUS = "status"


class LaneOperation(StrEnum):
    """What moves a work package from one lane to another."""

    CLAIM = "claim"
    START = "start"
    RELEASE = "release"
    SUBMIT = "submit"
    BEGIN_REVIEW = "begin_review"
    REQUEST_CHANGES = "request_changes"
    APPROVE = "approve"
    REOPEN = "reopen"
    INTEGRATE = "integrate"
    BLOCK = "block"
    RESUME = "resume"
    CANCEL = "cancel"


class Accountable(Contract):
    """The person who answers for it: never a model, never a program."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["human"]
    """Always a person."""
    id: Annotated[str, Field(pattern="^[!-~]{1,128}$")]
    """User name of the person."""


class ArtefactWitness(Contract):
    """Proof of what an effector was told: the communication artefact by digest, and the version of the work package's stream that it was assembled from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    digest: Sha256
    """Digest of the communication artefact."""
    stream_version: Sequence
    """Version of the work package's stream that the artefact shows."""


class SkillRequirement(Contract):
    """A skill that is needed, and the versions of it that serve."""

    model_config = ConfigDict(
        extra="forbid",
    )
    skill_id: ToolId
    version_range: VersionRange


class SideEffectMode(StrEnum):
    """How far effects may reach: `none` nowhere, `scratch` into the scratch directory, `repository` into named paths of the repository, `declared` to what the lists name."""

    NONE = "none"
    SCRATCH = "scratch"
    REPOSITORY = "repository"
    DECLARED = "declared"


Host = TypeAliasType(
    "Host",
    Annotated[str, Field(pattern="^(\\*|(\\*\\.)?[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63}){0,8}(:[1-9][0-9]{0,4})?)$")],
)


Program = TypeAliasType("Program", Annotated[str, Field(pattern="^[!-~]{1,255}$")])


class SideEffects(Contract):
    """Which effects on the world the task may have. What no list names is refused. Dispatch compares it with what the manifest of the skill declares, before anything is executed. A manifest names no hosts and no programs: a tool that reaches any host serves where the list has `*`, and one that starts programs where there is no list of programs or it has `*`. What it starts is held to the same reach."""

    model_config = ConfigDict(
        extra="forbid",
    )
    mode: SideEffectMode
    paths: Annotated[list[PathGlob] | None, Field(max_length=256)] = None
    """Paths of the repository that may be written. A tool that does not say where it writes serves where `**` is among them."""
    hosts: Annotated[list[Host] | None, Field(max_length=64)] = None
    """Hosts that may be reached, each as a name with an optional port. `*.` at the start stands for any one name below. `*` alone stands for any host, `localhost` for the services of this machine."""
    programs: Annotated[list[Program] | None, Field(max_length=64)] = None
    """Programs that may be started, by name or absolute path. `*` stands for any program."""


Count = TypeAliasType("Count", Annotated[int, Field(ge=0, le=9007199254740991, title="Count")])
"""How many there are."""


StateName = TypeAliasType("StateName", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$", title="StateName")])
"""Name of a state of a state machine."""


ModelName = TypeAliasType("ModelName", Annotated[str, Field(pattern="^[!-~]{1,128}$", title="ModelName")])
"""A model, as its maker names it."""


class Transition(Contract):
    """A step from one state to another."""

    model_config = ConfigDict(
        extra="forbid",
    )
    from_: Annotated[StateName, Field(alias="from")]
    """State that is left."""
    to: StateName
    """State that is entered."""


class Effector(Contract):
    """Who acts."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: EffectorKind
    id: Annotated[str, Field(pattern="^[!-~]{1,128}$")]
    """Name of the actor within its kind: a user name, a session of a model, a program."""
    role: Slug | None = None
    """Role in which it acts, such as `implementer`."""
    profile_ref: Slug | None = None
    """Agent profile that it follows."""
    tool: Annotated[str | None, Field(pattern="^[!-~]{1,64}$")] = None
    """Program through which it acts, such as `codex-cli`."""
    model: ModelName | None = None
    """Model that acts."""


class EvidenceRef(Contract):
    """Evidence by digest, and where its bytes were when it was referred to."""

    model_config = ConfigDict(
        extra="forbid",
    )
    digest: Sha256
    location: Annotated[str, Field(max_length=4096, min_length=1)]
    """A URI, or a path within the evidence store."""
    media_type: MediaType | None = None


class ArtifactRef(Contract):
    """An artifact of a job, by digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    name: Annotated[str, Field(max_length=255, min_length=1)]
    """Name within the job."""
    digest: Sha256
    size_bytes: Annotated[int, Field(ge=0, le=9007199254740991)]
    """Size in bytes."""
    media_type: MediaType
