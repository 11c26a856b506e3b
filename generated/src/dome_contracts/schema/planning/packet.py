# @generated from contracts/jsonschema/planning/v1/packet.json. Do not edit: change the source, then run `just gen`.
"""What the planner is given: a goal in a repository, how its reaching is judged, and what the work may cost and touch."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    CommitSha,
    EvidenceKind,
    FallbackMode,
    GitRef,
    Line,
    MissionId,
    PathGlob,
    Prose,
    RepositoryId,
    SideEffects,
    SkillRequirement,
    Slug,
    VersionRange,
    WorkPackageId,
)


class PlanCard(Contract):
    """Why the work is done, and what it is, for those who review the plan."""

    model_config = ConfigDict(
        extra="forbid",
    )
    why: Prose
    """The reason: what is wrong, and for whom."""
    what: Prose
    """The work, as far as it is decided."""
    excluded: Annotated[list[Line] | None, Field(max_length=32)] = None
    """What does not belong to the work."""


class BaseRevision(Contract):
    """Where the work starts: one commit of one repository."""

    model_config = ConfigDict(
        extra="forbid",
    )
    repository_id: RepositoryId
    base_ref: GitRef
    """Reference that the work shall return to."""
    base_commit: CommitSha
    """Commit that the reference named when the packet was written."""


CriterionId = TypeAliasType("CriterionId", Annotated[str, Field(pattern="^AC[0-9]{2,3}$", title="CriterionId")])
"""Identifies an acceptance criterion within its packet, such as `AC01`."""


CheckName = TypeAliasType("CheckName", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$", title="CheckName")])
"""Names a check within its packet, such as `unit_tests`."""


class Check(Contract):
    """A way to find out whether something holds: a skill and the input it is given."""

    model_config = ConfigDict(
        extra="forbid",
    )
    skill: SkillRequirement
    input: dict[str, Any]
    """Input of the skill; the skill's own schema judges it."""
    side_effects: SideEffects | None = None
    """How far the skill may reach. Left out: as far as the manifest of a skill says that comes with the daemon; any other one may write into its scratch directory, and reach no host."""


class Budgets(Contract):
    """What the work may cost. Reaching a limit ends the work; it never loosens a tool's own limits."""

    model_config = ConfigDict(
        extra="forbid",
    )
    attempts_max: Annotated[int, Field(ge=1, le=100)]
    """Most attempts at one task, lost jobs included."""
    parallel_max: Annotated[int, Field(ge=1, le=256)]
    """Most tasks in execution at a time."""
    duration_s_max: Annotated[float, Field(gt=0.0, le=2592000.0)]
    """Longest time from the first dispatch to the end, in seconds."""
    iterations_max: Annotated[int | None, Field(ge=1, le=1000)] = None
    """Most plans that are made for packets of this name in their repository. One that is kept already is not made once more."""
    jobs_max: Annotated[int | None, Field(ge=1, le=100000)] = None
    """Most jobs in all."""


class ChangeConstraints(Contract):
    """What a change may touch, and how large it may be."""

    model_config = ConfigDict(
        extra="forbid",
    )
    allowed_paths: Annotated[list[PathGlob], Field(max_length=256, min_length=1)]
    """Paths that may be changed. Nothing else may."""
    forbidden_paths: Annotated[list[PathGlob] | None, Field(max_length=256)] = None
    """Paths that may not be changed though they are allowed."""
    clean_tree_required: bool | None = None
    """Whether work starts only in a working tree without changes."""
    changed_files_max: Annotated[int | None, Field(ge=1, le=100000)] = None
    """Most files that the change may touch."""
    changed_lines_max: Annotated[int | None, Field(ge=1, le=10000000)] = None
    """Most lines that the change may add and remove together."""


class EvidenceRequirement(Contract):
    """A kind of evidence that has to be there, and where it has to come from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: EvidenceKind
    check: CheckName | None = None
    """Check of the packet that has to produce it. Without one, any source serves."""
    count_min: Annotated[int | None, Field(ge=1, le=1000)] = None
    """Fewest pieces of it; one where it is left out."""


class PatternUse(Contract):
    """A pattern by which the work is done, and the values of its parameters. Without one, the control strategies say how."""

    model_config = ConfigDict(
        extra="forbid",
    )
    pattern_id: Slug
    """Names the pattern."""
    version_range: VersionRange
    """Versions of it that serve."""
    arguments: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")], Any], Field(max_length=64)
    ]
    """The value of each parameter, by its name. The pattern says which are needed, and of which kind."""


class Criterion(Contract):
    """One thing that has to hold in the end, and how it is found out."""

    model_config = ConfigDict(
        extra="forbid",
    )
    criterion_id: CriterionId
    statement: Line
    """What has to hold."""
    check: CheckName | None = None
    """Check of the packet that decides it. Without one, a person does."""


class Packet(Contract):
    """What the planner is given: a goal in a repository, how its reaching is judged, and what the work may cost and touch. Written by people or by a mission's work package; read by the planner."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    packet_id: Slug
    """Names the packet among those of its repository. Its identity is the digest of its canonical bytes."""
    goal: Line
    """What shall be true in the end, in one sentence."""
    plan_card: PlanCard
    repository: BaseRevision
    mission_id: MissionId | None = None
    """Mission that the packet serves."""
    work_package_id: WorkPackageId | None = None
    """Work package of the mission that the packet serves."""
    profile: Slug | None = None
    """Agent profile that whoever carries out the tasks follows."""
    criteria: Annotated[list[Criterion], Field(max_length=64, min_length=1)]
    """What is judged in the end. Each is served by at least one task of the plan."""
    checks: Annotated[dict[CheckName, Check], Field(max_length=64, min_length=1)]
    """The checks that the planner may use to judge, by name."""
    budgets: Budgets
    constraints: ChangeConstraints
    required_evidence: Annotated[list[EvidenceRequirement], Field(max_length=32, min_length=1)]
    """Evidence without which nothing is promoted."""
    fallback_mode: FallbackMode | None = None
    """What the binder may derive from runs of this packet without an explicit wrapper."""
    pattern: PatternUse | None = None
