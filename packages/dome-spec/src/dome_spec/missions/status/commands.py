"""Which facts a command states of a package, or why it states none. Pure: a function for each command."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from dome_contracts.schema.base import Contract
from dome_contracts.schema.missions.review_result import ReviewResult
from dome_contracts.schema.missions.status_event import (
    CommitReceipt,
    ConflictRecorded,
    LaneMove,
    PackageClaimed,
    PackageReleased,
    PackageTransitioned,
    ReviewOverridden,
    ReviewRecorded,
    SubtaskChanged,
    SubtaskStatus,
    TransitionPrepared,
)
from dome_contracts.schema.shared.definitions import Accountable, Effector, EvidenceRef, Lane, LaneOperation
from dome_spec.missions.status.decide import Decided
from dome_spec.missions.status.guards import same
from dome_spec.missions.status.refusals import ClaimConflict, StaleArtefact, TransitionRefused
from dome_spec.missions.status.standing import Given, Standing, Wish
from dome_spec.missions.status.state import MissionState, PackageState

CLAIMS: Final = frozenset({LaneOperation.CLAIM, LaneOperation.BEGIN_REVIEW})
"""Operations by which an effector takes a package. They need a current artefact, and are never forced."""
_TAKES: Final = CLAIMS | {LaneOperation.START, LaneOperation.RESUME}


def moved(standing: Standing, wish: Wish) -> Contract:
    """The fact of a change of lane. Raises PackageUnknown, TransitionRefused, StaleArtefact, ClaimConflict."""
    if wish.operation in CLAIMS:
        return _claimed(standing, wish)
    decided = standing.decide(wish)
    if wish.operation is LaneOperation.RELEASE and decided.override is None:
        return PackageReleased(kind="package_released", move=decided.move, reason=wish.given.reason or "")
    return transitioned(decided.move, wish.given, decided=decided)


def _claimed(standing: Standing, wish: Wish) -> PackageClaimed:
    state = standing.package(wish.package)
    if state.holder is not None and not same(state.holder, wish.effector):
        raise ClaimConflict(wish.package, state.holder, expected=state.version, found=state.version)
    decided = standing.decide(wish)
    if decided.override is not None:
        what = f"{wish.package}: a claim is never forced"
        raise TransitionRefused("FORCE_REFUSED", what, hint="Show a current artefact: `dome artefact show`")
    workspace = {} if wish.given.workspace is None else {"workspace": wish.given.workspace}
    return PackageClaimed(kind="package_claimed", move=decided.move, witness=_witness(wish), **workspace)


def prepared(standing: Standing, wish: Wish, commit: dict[str, Any]) -> TransitionPrepared:
    """That a transition and its commit are under way as one.

    `commit` holds operation_id, paths, destination_ref and parent. What the effector was told has to hold now, whatever
    the table asks for. Nothing is overridden so, and nobody takes a package: whoever settles it after an interruption
    would stand for the one who did. Raises as `moved`.
    """
    decided, witness = standing.decide(wish), _witness(wish)
    if decided.override is not None or wish.operation in _TAKES:
        what = f"{wish.package}: {wish.operation.value} with a commit is refused"
        raise TransitionRefused("COMMIT_ALONE", what, why="it goes alone", hint="Leave the commit out")
    stale = standing.stale(wish)
    if stale is not None:
        what = f"{wish.package}: {wish.operation.value} with a commit is refused"
        raise StaleArtefact(stale.code, what, why=stale.why, hint=stale.hint)
    version = standing.package(wish.package).version + 1
    return TransitionPrepared.model_validate(
        {
            **commit,
            "kind": "transition_prepared",
            "move": decided.move,
            "witness": witness,
            "expected_version": version,
        }
    )


def completed(state: PackageState, receipt: CommitReceipt, given: Given) -> PackageTransitioned:
    """The end of a prepared transition, with the commit that was made for it. Raises TransitionRefused."""
    if state.prepared is None or state.prepared.operation_id != receipt.operation_id:
        what = f"{state.work_package_id} does not wait for operation {receipt.operation_id}"
        raise TransitionRefused("OPERATION_UNKNOWN", what, hint="See what it waits for: `dome mission show MISSION`")
    return transitioned(state.prepared.move, given, receipt=receipt)


def transitioned(
    move: LaneMove, given: Given, *, decided: Decided | None = None, receipt: CommitReceipt | None = None
) -> PackageTransitioned:
    """The fact of a transition, with what was given for it."""
    fields: dict[str, Any] = {
        "reason": given.reason,
        "force": None if decided is None else decided.override,
        "review": given.review,
        "evidence": given.evidence,
        "checks": list(given.checks) or None,
        "receipt": receipt or given.receipt,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return PackageTransitioned(kind="package_transitioned", move=move, **known)


def reviewed(standing: Standing, review: ReviewResult, effector: Effector) -> ReviewRecorded:
    """What a reviewer said. Raises TransitionRefused where the effector does not hold the package for review."""
    state = standing.package(review.work_package_id)
    hint = "Claim it for review first: `dome mission claim MISSION PACKAGE --artefact FILE`"
    if state.lane is not Lane.IN_REVIEW:
        why = f"it stands in {state.lane.value}"
    elif state.reviewer is None or not same(state.reviewer, effector):
        holder = "nobody" if state.reviewer is None else f"{state.reviewer.kind.value} {state.reviewer.id}"
        why, hint = f"{holder} reviews it", "Let that one say what the review found, or release the package"
    elif not same(review.reviewer, effector):
        why = f"it names {review.reviewer.kind.value} {review.reviewer.id} as its reviewer"
        hint = "Let that one say it"
    else:
        return ReviewRecorded(kind="review_recorded", review=review)
    what = f"{review.work_package_id}: no review is taken"
    raise TransitionRefused("NOT_HOLDER", what, why=why, hint=hint)


def overridden(
    state: PackageState, accountable: Accountable, reason: str, *, evidence: Sequence[EvidenceRef] = ()
) -> ReviewOverridden:
    """That a person decided against the review that stands. Raises TransitionRefused where there is none."""
    if state.review is None:
        what = f"{state.work_package_id}: there is no review to override"
        raise TransitionRefused("REVIEW_MISSING", what, hint="See what happened to it: `dome mission show MISSION`")
    event = state.review.event_id
    shown = {"evidence": list(evidence)} if evidence else {}
    return ReviewOverridden(
        kind="review_overridden", review_event=event, accountable=accountable, reason=reason, **shown
    )


def subtask_changed(
    standing: Standing, package: str, subtask: str, *, status: SubtaskStatus, note: str | None = None
) -> SubtaskChanged:
    """Where a subtask stands. Raises PackageUnknown, TransitionRefused where the package has no such subtask."""
    standing.package(package)
    roster = [each.id for each in standing.packages[package].subtasks]
    if subtask not in roster:
        hint = f"There are: {', '.join(roster) or 'none'}"
        raise TransitionRefused("SUBTASK_UNKNOWN", f"{package} has no subtask {subtask}", hint=hint)
    noted = {} if note is None else {"note": note}
    return SubtaskChanged(kind="subtask_changed", subtask_id=subtask, status=status, **noted)


def unrecorded_conflicts(state: PackageState | MissionState) -> Iterator[ConflictRecorded]:
    """The forks of a stream of which no event tells all. Of one at its beginning, what holds stands for the parent."""
    known = frozenset[str]().union(*state.conflicts.values())
    for fork in state.open_forks:
        if not known >= fork.shown:
            yield ConflictRecorded(
                kind="conflict_recorded",
                parent=fork.parent or fork.winner,
                children=list(fork.children),
                winner=fork.winner,
                rule=fork.rule,
                tips=list(fork.tips),
            )


def _witness(wish: Wish) -> Any:
    if wish.given.witness is None:
        what = f"{wish.package}: {wish.operation.value} is refused"
        raise StaleArtefact("STALE_ARTEFACT", what, why="no artefact was shown", hint="`dome artefact show` shows it")
    return wish.given.witness
