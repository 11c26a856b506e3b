"""A transition and its commit as one unit, and its settling after an interruption.

1. The transition is prepared and stored: from then on nothing else moves the package.
2. The tool that commits runs through the daemon, under the operation's id as key. It moves the reference: that is the
   point at which the operation is done.
3. The transition is stored with the commit.

What was interrupted between is settled by what the reference says: where the commit is on it, the transition is
completed; where it is not and the daemon will never make it, the transition is given up.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import (
    AbortCause,
    CommitReceipt,
    ReceiptSource,
    TransitionAborted,
    TransitionPrepared,
)
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.dispatch import EndUnknown, Refused, Unavailable, failure_of
from dome_spec.kernel.vcs_probe import Probed
from dome_spec.mission_runtime.commit_target import VerifiedTarget, still_holds
from dome_spec.mission_runtime.refusals import CommitRefused, OperationPending
from dome_spec.missions.status import Given, MissionStatus, PackageState, Wish

if TYPE_CHECKING:
    from dome_spec.kernel import Runtime

COMMIT_SKILL: Final = "repo.commit"
TRAILER: Final = "Dome-Operation"
_MOVED: Final = frozenset({"COMMIT.HEAD_MOVED", "COMMIT.BRANCH_CHANGED", "COMMIT.HEAD_DETACHED"})
_KEY_REUSED: Final = "IDEMPOTENCY_KEY_REUSED"
_NEVER: Final = "f" * 40
"""No reference names it: a request for it can only be refused."""


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tool that commits ended. `commit` is None where it made none; then `reason` says why."""

    job_id: str | None
    commit: str | None = None
    parent: str | None = None
    reason: str = ""
    message: str = ""


async def commit_transition(
    status: MissionStatus, wish: Wish, commit: Commit, *, runtime: "Runtime", seen: Probed
) -> CommitReceipt:
    """Carry out a transition with its commit. `seen` is what a second probe of the tree says.

    Raises TransitionRefused, TargetMoved, StreamMoved before anything is begun; CommitRefused where the commit was
    refused and the transition given up; OperationPending where the daemon was lost.
    """
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
    outcome = await _run(runtime, request(commit), commit.operation_id, str(document.worktree_root))
    return _settle(status, wish.package, wish.effector, outcome, given=wish.given)


def request(commit: Commit) -> dict[str, Any]:
    """The input of the tool that commits."""
    return {
        "target": commit.target.document.to_value(),
        "operation_id": commit.operation_id,
        "message": dict(commit.message),
        "paths": list(commit.paths),
    }


async def recover(
    status: MissionStatus, effector: Effector, *, runtime: "Runtime", reference: Reference, worktree_root: str
) -> Sequence[tuple[str, CommitReceipt | TransitionAborted]]:
    """Settle every transition whose commit is under way: packages, each with what became of it.

    Raises OperationPending where the daemon cannot be asked and the reference does not show the commit.
    """
    settled: list[tuple[str, CommitReceipt | TransitionAborted]] = []
    for name, state in list(status.snapshot.packages.items()):
        prepared = state.prepared
        if prepared is None:
            continue
        receipt = _on_reference(reference, prepared, ReceiptSource.TRAILER)
        if receipt is None:
            await _close(runtime, prepared, worktree_root)
            receipt = _on_reference(reference, prepared, ReceiptSource.IDEMPOTENCY_KEY)
        if receipt is not None:
            status.complete(name, receipt, _with_commit(Given(), state, receipt), effector=effector)
            settled.append((name, receipt))
        else:
            aborted = _aborted(prepared, AbortCause.RECOVERED_WITHOUT_COMMIT, "No commit of it is on the reference")
            status.state(name, aborted, effector)
            settled.append((name, aborted))
        status.save()
    return settled


async def _close(runtime: "Runtime", prepared: TransitionPrepared, worktree_root: str) -> None:
    """Make sure that the daemon will not make the commit any more: wait for its job, or take the key from it.

    A request that can only be refused is sent under the operation's key. Where the key has a job already, the daemon
    names it, and it is waited for; else the key belongs to the refused one from now on.
    """
    nothing = {
        "target": {
            "worktree_root": worktree_root,
            "git_common_dir": worktree_root,
            "destination_ref": prepared.destination_ref,
            "head": _NEVER,
            "protection": "open",
        },
        "operation_id": prepared.operation_id,
        "message": {"subject": "Never made"},
        "paths": list(prepared.paths),
    }
    await _run(runtime, nothing, prepared.operation_id, worktree_root)


async def _run(runtime: "Runtime", tool_input: Mapping[str, Any], key: str, worktree_root: str) -> Outcome:
    """The end of the job of the key: of this request, or of the one that had the key before."""
    try:
        job = await runtime.execute(
            COMMIT_SKILL, canonical_bytes(dict(tool_input)), idempotency_key=key, working_directory=worktree_root
        )
        return await _ended(runtime, job.job_id)
    except Exception as error:
        first = getattr(error, "metadata", {}).get("first_job", "")
        if getattr(error, "reason", "") == _KEY_REUSED and first:
            return await _ended(runtime, first)
        failure = failure_of(error)
        match failure:
            case Refused():
                return Outcome(None, reason=failure.rpc_reason, message=failure.message)
            case Unavailable() | EndUnknown():
                hint = "When it is back: `dome mission recover`"
                raise OperationPending(
                    f"Operation {key} is under way", why=f"the daemon cannot say how it ended: {error}", hint=hint
                ) from error
            case None:
                raise


async def _ended(runtime: "Runtime", job_id: str) -> Outcome:
    async for _ in runtime.events(job_id, follow=True):
        pass
    ended = (await runtime.status(job_id)).outcome
    if ended is None or not ended.result:
        reason, message = ("", "") if ended is None else (ended.failure_reason_code, ended.message)
        return Outcome(job_id, reason=reason, message=message)
    result = json.loads(ended.result)
    return Outcome(job_id, commit=result["commit"], parent=result["parent"])


def _settle(
    status: MissionStatus, package: str, effector: Effector, outcome: Outcome, *, given: Given
) -> CommitReceipt:
    prepared = status.package(package).prepared
    assert prepared is not None
    if outcome.commit is None or outcome.parent is None:
        cause = AbortCause.REFERENCE_MOVED if outcome.reason in _MOVED else AbortCause.COMMIT_REFUSED
        status.state(package, _aborted(prepared, cause, outcome.reason or "It ended without a commit"), effector)
        status.save()
        raise CommitRefused(
            f"{package}: the commit was not made",
            why=f"{outcome.reason}: {outcome.message}" if outcome.message else outcome.reason,
            hint="The package stands where it stood; mend it and move it again",
        )
    receipt = _receipt(prepared, outcome.commit, outcome.parent, found_by=ReceiptSource.ANSWER, job_id=outcome.job_id)
    status.complete(package, receipt, _with_commit(given, status.package(package), receipt), effector=effector)
    status.save()
    return receipt


def _with_work(wish: Wish, head: str) -> Wish:
    """The wish with the work that the commit is about to be, where it names none: what is decided is the same after it."""
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
