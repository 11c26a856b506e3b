"""A transition and its commit as one unit, and its settling after an interruption.

1. The transition is prepared and stored: from then on nothing else moves the package.
2. The tool that commits runs through the daemon, under the operation's id as key. It moves the reference: that is the
   point at which the operation is done.
3. The transition is stored with the commit.

What was interrupted between is settled by what the reference says: where the commit is on it, the transition is
completed; where it is not and the daemon will never make it, the transition is given up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import (
    AbortCause,
    CommitReceipt,
    ReceiptSource,
    TransitionAborted,
    TransitionPrepared,
)
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.kernel.vcs_probe import Probed
from dome_spec.mission_runtime.commit_target import VerifiedTarget, still_holds
from dome_spec.mission_runtime.refusals import CommitRefused, OperationPending
from dome_spec.missions.status import Given, MissionStatus, PackageState, StreamMoved, TransitionRefused, Wish

if TYPE_CHECKING:
    from dome_spec.mission_runtime.commit_job import Asking, Outcome

TRAILER: Final = "Dome-Operation"
_MOVED: Final = frozenset({"COMMIT.HEAD_MOVED", "COMMIT.BRANCH_CHANGED", "COMMIT.HEAD_DETACHED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What is to be committed, and where."""

    operation_id: str
    target: VerifiedTarget
    paths: tuple[str, ...]
    message: Mapping[str, str]
    """`subject`, and `body` where there is more to say."""


class Reference(Protocol):
    """What git says of a destination."""

    def commit_of(self, destination_ref: str, operation_id: str) -> tuple[str, str] | None:
        """The commit of an operation on a reference and the one before it; None where it is not on it."""
        ...


async def commit_transition(
    status: MissionStatus, wish: Wish, commit: Commit, *, asking: "Asking", reference: Reference, seen: Probed
) -> CommitReceipt:
    """Carry out a transition with its commit. `seen` is what a second probe of the tree says.

    The commit is the work: a wish that brings along more, which an interruption would lose, is refused.
    Raises TransitionRefused, TargetMoved, StreamMoved before anything is begun; CommitRefused where the commit was
    not made and the transition given up; OperationPending where it cannot be known yet.
    """
    _refuse_more(wish)
    still_holds(commit.target, seen)
    document = commit.target.document
    prepared = {
        "operation_id": commit.operation_id,
        "paths": list(commit.paths),
        "destination_ref": document.destination_ref,
        "parent": document.head,
    }
    status.prepare(_with_work(wish, document.head), prepared)
    status.save()
    from dome_spec.mission_runtime.commit_job import commit_job  # what knows the daemon is loaded when it is asked

    outcome = await commit_job(asking, request(commit), commit.operation_id, document.worktree_root)
    return _settle(status, wish, outcome, reference)


def request(commit: Commit) -> dict[str, Any]:
    """The input of the tool that commits."""
    return {
        "target": commit.target.document.to_value(),
        "operation_id": commit.operation_id,
        "message": dict(commit.message),
        "paths": list(commit.paths),
    }


async def recover(
    status: MissionStatus, effector: Effector, *, asking: "Asking", reference: Reference, worktree_root: str
) -> Sequence[tuple[str, CommitReceipt | TransitionAborted]]:
    """Settle every transition whose commit is under way: packages, each with what became of it.

    Raises OperationPending where the daemon cannot be asked and the reference does not show the commit.
    """
    from dome_spec.mission_runtime.commit_job import close_key

    settled: list[tuple[str, CommitReceipt | TransitionAborted]] = []
    for name, state in list(status.snapshot.packages.items()):
        prepared = state.prepared
        if prepared is None:
            continue
        receipt = _on_reference(reference, prepared, ReceiptSource.TRAILER)
        if receipt is None:
            await close_key(asking, prepared, worktree_root)
            receipt = _on_reference(reference, prepared, ReceiptSource.IDEMPOTENCY_KEY)
        if receipt is not None:
            status.complete(name, receipt, _with_commit(Given(), state, receipt), effector=effector)
            settled.append((name, receipt))
        else:
            aborted = _aborted(prepared, AbortCause.RECOVERED_WITHOUT_COMMIT, "No commit of it is on the reference")
            status.abort(name, aborted, effector)
            settled.append((name, aborted))
        _save(status, prepared)
    return settled


def _settle(status: MissionStatus, wish: Wish, outcome: "Outcome", reference: Reference) -> CommitReceipt:
    """Complete the transition where the commit is there, whatever became of the job; else give it up."""
    state = status.package(wish.package)
    prepared = state.prepared
    assert prepared is not None
    if outcome.commit is not None and outcome.parent is not None:
        found_by, job_id = ReceiptSource.ANSWER, outcome.job_id
        receipt = _receipt(prepared, outcome.commit, outcome.parent, found_by=found_by, job_id=job_id)
    else:
        # A job may die, or be ended, after it moved the reference: that alone says whether there is a commit.
        found = _on_reference(reference, prepared, ReceiptSource.TRAILER)
        if found is None:
            _give_up(status, wish, prepared, outcome)
        receipt = found
    status.complete(wish.package, receipt, _with_commit(wish.given, state, receipt), effector=wish.effector)
    _save(status, prepared)
    return receipt


def _give_up(status: MissionStatus, wish: Wish, prepared: TransitionPrepared, outcome: "Outcome") -> NoReturn:
    cause = AbortCause.REFERENCE_MOVED if outcome.reason in _MOVED else AbortCause.COMMIT_REFUSED
    reason = outcome.reason or "It ended without a commit"
    status.abort(wish.package, _aborted(prepared, cause, reason), wish.effector)
    _save(status, prepared)
    raise CommitRefused(
        f"{wish.package}: the commit was not made",
        why=f"{outcome.reason}: {outcome.message}" if outcome.message else reason,
        hint="The package stands where it stood. Mend it, read its artefact anew, and move it again",
    )


def _save(status: MissionStatus, prepared: TransitionPrepared) -> None:
    try:
        status.save()
    except StreamMoved as error:
        raise OperationPending(
            f"Operation {prepared.operation_id} was settled by somebody else meanwhile",
            why=error.why,
            hint="See how: `dome mission show MISSION`",
        ) from error


def _refuse_more(wish: Wish) -> None:
    given = wish.given
    more = [
        name
        for name, value in (
            ("a reason", given.reason),
            ("checks", given.checks),
            ("a review", given.review),
            ("evidence", given.evidence),
            ("a receipt", given.receipt),
        )
        if value
    ]
    if more:
        what = f"{wish.package}: {wish.operation.value} with a commit is refused"
        raise TransitionRefused(
            "COMMIT_ALONE", what, why=f"{' and '.join(more)} would be lost if it were interrupted", hint="Leave it out"
        )


def _with_work(wish: Wish, head: str) -> Wish:
    """The wish with the work that the commit is about to be, where it names none."""
    if wish.given.evidence is not None:
        return wish
    return replace(wish, given=replace(wish.given, evidence=CommitRange(kind="commits", base=head, head=head)))


def _with_commit(given: Given, state: PackageState, receipt: CommitReceipt) -> Given:
    """What was given with the work up to the commit, from where the holder began; the same after an interruption."""
    if given.evidence is not None:
        return given
    base = receipt.parent if state.workspace is None else state.workspace.base
    return replace(given, evidence=CommitRange(kind="commits", base=base, head=receipt.commit))


def _on_reference(reference: Reference, prepared: TransitionPrepared, found_by: ReceiptSource) -> CommitReceipt | None:
    found = reference.commit_of(prepared.destination_ref, prepared.operation_id)
    return None if found is None else _receipt(prepared, *found, found_by=found_by)


def _receipt(
    prepared: TransitionPrepared, commit: str, parent: str, *, found_by: ReceiptSource, job_id: str | None = None
) -> CommitReceipt:
    by_job = {} if job_id is None else {"job_id": job_id}
    return CommitReceipt(
        operation_id=prepared.operation_id,
        commit=commit,
        parent=parent,
        destination_ref=prepared.destination_ref,
        found_by=found_by,
        **by_job,
    )


def _aborted(prepared: TransitionPrepared, cause: AbortCause, reason: str) -> TransitionAborted:
    return TransitionAborted(
        kind="transition_aborted", operation_id=prepared.operation_id, cause_of_abort=cause, reason=reason
    )
