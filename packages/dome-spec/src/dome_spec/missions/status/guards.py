"""What each guard of a transition asks: one function a guard, over what is known. Pure, total, and blind to force.

A guard answers None, or the reason for which it refuses, with what would let it pass.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from dome_contracts.schema.governance.charter import Demand, ReviewPolicy
from dome_contracts.schema.governance.mission_type import LaneGuard
from dome_contracts.schema.missions.review_result import CommitRange, Documents, ReviewVerdict
from dome_contracts.schema.missions.status_event import CommitReceipt, ReviewReference, SubtaskStatus, WorkspaceRef
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, EffectorKind, Lane
from dome_spec.missions.status.state import PackageState

_HOLDER_HINT: Final = "Let the holder do it; a person may override the table: `--force --reason TEXT`"
_SETTLED: Final = frozenset({SubtaskStatus.DONE, SubtaskStatus.DROPPED})


class Refused(NamedTuple):
    """Why a guard refuses, and what would let it pass."""

    code: str
    why: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardFacts:
    """What guards look at. What is left out is not there."""

    state: PackageState
    effector: Effector
    to: Lane
    dependencies: Mapping[str, Lane] = field(default_factory=dict)
    """The lanes of the packages that this one waits for."""
    satisfying: frozenset[Lane] = frozenset()
    roster: tuple[str, ...] = ()
    """The subtasks of the package."""
    witness: ArtefactWitness | None = None
    """What the effector shows of what it was told."""
    artefact_digest: str | None = None
    """What it would be told now. None: nobody could say."""
    workspace: WorkspaceRef | None = None
    reason: str | None = None
    evidence: CommitRange | Documents | None = None
    are_checks_passed: bool | None = None
    review: ReviewReference | None = None
    receipt: CommitReceipt | None = None
    reviews: ReviewPolicy | None = None
    """What the charter asks of reviews. None: nothing."""


def same(one: Effector, other: Effector) -> bool:
    """Whether two effectors are one actor, whatever role each names."""
    return (one.kind, one.id) == (other.kind, other.id)


def _dependencies(facts: GuardFacts) -> Refused | None:
    waiting = [
        f"{name} ({lane.value})" for name, lane in sorted(facts.dependencies.items()) if lane not in facts.satisfying
    ]
    if not waiting:
        return None
    return Refused(
        "DEPENDENCIES_OPEN", f"it waits for {', '.join(waiting)}", "Take a package that is ready: `dome mission ready`"
    )


def _artefact(facts: GuardFacts) -> Refused | None:
    hint = "Read it anew with `dome artefact show`, and show its digest"
    if facts.witness is None:
        return Refused("STALE_ARTEFACT", "no artefact was shown", hint)
    version = _version_shown(facts)
    if facts.witness.stream_version != version:
        why = f"what was shown is of version {facts.witness.stream_version} of the package, which stands at {version}"
        return Refused("STALE_ARTEFACT", why, hint)
    if facts.artefact_digest is None:
        return Refused(
            "STALE_ARTEFACT", "what an effector is to be told cannot be resolved", "Mend charter and doctrine"
        )
    if facts.witness.digest != facts.artefact_digest:
        return Refused("STALE_ARTEFACT", "what an effector is told has changed since", hint)
    return None


def _version_shown(facts: GuardFacts) -> int:
    """The version that a witness has to show. What a reviewer says with it was said of the version before."""
    state, review = facts.state, facts.state.review
    if review is None or review.event_id != state.last_event_id or review.result.witness != facts.witness:
        return state.version
    return state.version - 1


def _workspace(facts: GuardFacts) -> Refused | None:
    if facts.workspace is not None or facts.state.workspace is not None:
        return None
    return Refused("WORKSPACE_MISSING", "it is not known where the work is done", "Name the branch with `--branch`")


def _holder(facts: GuardFacts) -> Refused | None:
    holder = facts.state.holder
    if holder is None:
        return Refused(
            "NOT_HOLDER", "nobody holds it", "Claim it first: `dome mission claim MISSION PACKAGE --artefact FILE`"
        )
    if same(holder, facts.effector):
        return None
    return Refused("NOT_HOLDER", f"{holder.kind.value} {holder.id} holds it", _HOLDER_HINT)


def _reason(facts: GuardFacts) -> Refused | None:
    if facts.reason and facts.reason.strip():
        return None
    return Refused("REASON_MISSING", "no reason is given", "Say why with `--reason`")


def _subtasks(facts: GuardFacts) -> Refused | None:
    waiting = [each for each in facts.roster if facts.state.subtasks.get(each) not in _SETTLED]
    if not waiting:
        return None
    return Refused(
        "SUBTASKS_OPEN",
        f"open: {', '.join(waiting)}",
        "Finish or drop them: `dome mission subtask MISSION PACKAGE SUBTASK done`",
    )


def _evidence(facts: GuardFacts) -> Refused | None:
    if facts.evidence is not None:
        return None
    return Refused("EVIDENCE_MISSING", "nothing shows the work", "Name its commits with `--commits BASE..HEAD`")


def _checks(facts: GuardFacts) -> Refused | None:
    if facts.are_checks_passed:
        return None
    if facts.are_checks_passed is None and isinstance(facts.state.evidence, Documents):
        return None  # nothing runs on a text: whoever reviews it reads it
    why = "no check was run" if facts.are_checks_passed is None else "a check failed"
    return Refused("CHECKS_OPEN", why, "Run them on the commit that is handed in, and name their jobs: `--check JOB`")


def _reviewed(facts: GuardFacts) -> Refused | None:
    review = facts.state.review
    if review is not None and review.is_current:
        return None
    return Refused("REVIEW_MISSING", "no review of it is recorded", "Record one: `dome mission review`")


def _approves(facts: GuardFacts) -> Refused | None:
    review = facts.state.review
    if review is None or not review.is_current:
        return _reviewed(facts)
    if review.result.verdict is ReviewVerdict.APPROVED or review.is_overridden:
        return None
    return Refused("VERDICT_OTHER", "the review requests changes", "Request the changes, or have it reviewed again")


def _requests(facts: GuardFacts) -> Refused | None:
    review = facts.state.review
    if review is None or not review.is_current:
        return _reviewed(facts)
    if review.result.verdict is ReviewVerdict.CHANGES_REQUESTED:
        return None
    return Refused("VERDICT_OTHER", "the review approves", "Approve it, or have it reviewed again")


def _independent(facts: GuardFacts) -> Refused | None:
    if not any(same(each, facts.effector) for each in facts.state.implementers):
        return None
    why = f"{facts.effector.kind.value} {facts.effector.id} had a part in the work"
    return Refused("REVIEWER_NOT_INDEPENDENT", why, "Let somebody else review it")


def _referenced(facts: GuardFacts) -> Refused | None:
    review = facts.state.review
    if facts.review is not None and review is not None and facts.review.review_event == review.event_id:
        return None
    event = "EVENT" if review is None else review.event_id
    return Refused(
        "REVIEW_REFERENCE_MISSING", "the review that it stands on is not named", f"Name it: `--review {event}`"
    )


def _prior(facts: GuardFacts) -> Refused | None:
    prior = facts.state.prior_lane
    if prior is facts.to:
        return None
    there = "nowhere" if prior is None else prior.value
    return Refused("PRIOR_LANE_OTHER", f"it was blocked in {there}", f"Resume it to {there}")


def _integrated(facts: GuardFacts) -> Refused | None:
    if facts.receipt is not None:
        return None
    return Refused("INTEGRATION_UNVERIFIED", "no commit shows that it landed", "Integrate it first")


def _approvals(facts: GuardFacts) -> Refused | None:
    """Enough approvals of the work as it stands, by what the charter asks."""
    asked, given = facts.reviews, facts.state.approvals
    if asked is None:
        return None
    wanted = asked.approvals_min or 1
    is_person_missing = asked.human is Demand.REQUIRED and not any(each.kind is EffectorKind.HUMAN for each in given)
    if len(given) >= wanted and not is_person_missing:
        return None
    lines = [f"policies.reviews.approvals_min: {wanted}"] if len(given) < wanted else []
    lines += ["policies.reviews.human: required"] if is_person_missing else []
    names = ", ".join(f"{each.kind.value} {each.id}" for each in given) or "nobody"
    why = f"the charter says {' and '.join(lines)}, and of those who reviewed it {names} approved"
    who = "a person" if is_person_missing else "somebody else"
    return Refused(
        "APPROVALS_MISSING",
        why,
        f"Let {who} review it who had no part in the work: `dome mission claim MISSION PACKAGE --artefact FILE`",
    )


GUARDS: Final[Mapping[LaneGuard, Callable[[GuardFacts], Refused | None]]] = MappingProxyType(
    {
        LaneGuard.DEPENDENCIES_SATISFIED: _dependencies,
        LaneGuard.ARTEFACT_CURRENT: _artefact,
        LaneGuard.WORKSPACE_RESOLVED: _workspace,
        LaneGuard.HOLDER_ONLY: _holder,
        LaneGuard.REASON_GIVEN: _reason,
        LaneGuard.SUBTASKS_COMPLETE: _subtasks,
        LaneGuard.EVIDENCE_PRESENT: _evidence,
        LaneGuard.CHECKS_PASSED: _checks,
        LaneGuard.REVIEW_RECORDED: _reviewed,
        LaneGuard.VERDICT_APPROVES: _approves,
        LaneGuard.VERDICT_REQUESTS_CHANGES: _requests,
        LaneGuard.REVIEWER_INDEPENDENT: _independent,
        LaneGuard.REVIEW_REFERENCED: _referenced,
        LaneGuard.PRIOR_LANE: _prior,
        LaneGuard.INTEGRATION_VERIFIED: _integrated,
        LaneGuard.APPROVALS_COMPLETE: _approvals,
    }
)
"""Every guard that a table may name."""
