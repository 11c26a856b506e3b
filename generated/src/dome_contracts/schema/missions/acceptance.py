# @generated from contracts/jsonschema/missions/v1/acceptance.json. Do not edit: change the source, then run `just gen`.
"""Whether a mission did what it was for: each criterion with its proof, each negative invariant with what was found, and who decided."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..governance.step_contract import ProofKind
from ..shared.definitions import Accountable, CommitSha, Effector, EvidenceRef, JobId, MissionId, Prose, Timestamp
from .mission import InvariantId, RequirementId
from .work_package import PackageStanding


class AcceptanceVerdict(StrEnum):
    """`pending`: something is still to be shown, which goes before everything else."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PENDING = "pending"


CriterionId = TypeAliasType("CriterionId", Annotated[str, Field(pattern="^AC-[0-9]{3,4}$", title="CriterionId")])
"""Identifies a criterion within its mission."""


class CriterionState(StrEnum):
    """What was shown."""

    MET = "met"
    UNMET = "unmet"
    PENDING = "pending"


class InvariantState(StrEnum):
    """What was found."""

    CONFIRMED_ABSENT = "confirmed_absent"
    STILL_PRESENT = "still_present"
    VERIFICATION_FAILED = "verification_failed"
    PENDING = "pending"
    DEFERRED = "deferred"


class Verification(Contract):
    """Who looked, when, and what there is to see."""

    model_config = ConfigDict(
        extra="forbid",
    )
    verifier: Effector
    """Who looked."""
    time: Timestamp
    evidence: Annotated[list[EvidenceRef], Field(min_length=1)]
    """What there is to see."""
    job_id: JobId | None = None
    """Job that computed it."""


class Criterion(Contract):
    """Something that was to be shown."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: CriterionId
    text: Prose
    """What was to be shown."""
    requirements: Annotated[list[RequirementId], Field(min_length=1)]
    """Requirements that it shows to be satisfied."""
    proof: ProofKind
    state: CriterionState
    verification: Verification | None = None


class InvariantFinding(Contract):
    """What was found of a negative invariant."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: InvariantId
    state: InvariantState
    verification: Verification | None = None
    reason: Prose | None = None
    """Why it is deferred, or why it could not be verified."""


class Acceptance(Contract):
    """Whether a mission did what it was for: each criterion with its proof, each negative invariant with what was found, and who decided. `dome mission accept` is to write it; integration reads it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    mission_id: MissionId
    commit: CommitSha
    """Commit of the mission's branch that was judged."""
    packages: Annotated[list[PackageStanding], Field(min_length=1)]
    """Where each work package stood, by id."""
    criteria: Annotated[list[Criterion], Field(min_length=1)]
    """What was to be shown."""
    negative_invariants: list[InvariantFinding]
    """What was not to be found."""
    verdict: AcceptanceVerdict
    accountable: Accountable
    decision_time: Timestamp
    reason: Prose | None = None
    """Why it was decided so, where the findings do not say it alone."""
