"""The job that makes a commit: asking the daemon for it, its end, and seeing to it that it will never run.

Knows the daemon and its keys; what a commit means for a mission it does not know.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, assert_never

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.missions.status_event import TransitionPrepared
from dome_spec.dispatch import EndUnknown, Refused, Unavailable, failure_of
from dome_spec.mission_runtime.refusals import OperationPending

if TYPE_CHECKING:
    from dome_spec.kernel import Runtime

COMMIT_SKILL: Final = "repo.commit"
_KEY_REUSED: Final = "IDEMPOTENCY_KEY_REUSED"
_NEVER: Final = "f" * 40
"""No reference names it: a request for it can only be refused."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tool that commits ended. `commit` is None where it made none; then `reason` says why."""

    job_id: str | None
    commit: str | None = None
    parent: str | None = None
    reason: str = ""
    message: str = ""
    is_forgotten: bool = False
    """Whether there was a job, and nobody can say any more how it ended."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks the daemon: through what, and from within which job."""

    runtime: "Runtime"
    parent_job_id: str = ""
    """The job that asks and waits. Its child waits for nothing that it holds itself, be it its place or a lock."""


async def commit_job(asking: Asking, tool_input: Mapping[str, Any], operation_id: str, worktree_root: str) -> Outcome:
    """How the job of the operation ended. Raises OperationPending where nobody can say."""
    outcome = await _of_key(asking, tool_input, operation_id, worktree_root)
    if outcome.is_forgotten:
        raise _pending(operation_id, outcome.message)
    return outcome


async def close_key(asking: Asking, prepared: TransitionPrepared, worktree_root: str) -> None:
    """Make sure that the daemon will not make the commit any more: wait for its job, or take the key from it.

    A request that can only be refused is sent under the operation's key. Where the key has a job already, the daemon
    names it, and it is waited for; else the key belongs to the refused one from now on. Raises OperationPending where
    the daemon did not take the request: then the key is still free for whoever prepared the transition.
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
    outcome = await _of_key(asking, nothing, prepared.operation_id, worktree_root)
    if outcome.job_id is None and not outcome.is_forgotten:  # a job is forgotten only after its end
        raise _pending(prepared.operation_id, f"the daemon did not let it be closed: {outcome.message}")


async def _of_key(asking: Asking, tool_input: Mapping[str, Any], key: str, worktree_root: str) -> Outcome:
    """The end of the job of the key: of this request, or of the one that had the key before."""
    from dome_contracts.runtime.v1 import Correlation  # what travels is loaded when something is sent

    data, runtime = canonical_bytes(dict(tool_input)), asking.runtime
    by = Correlation(parent_job_id=asking.parent_job_id)
    try:
        job = await runtime.execute(
            COMMIT_SKILL, data, idempotency_key=key, working_directory=worktree_root, correlation=by
        )
    except Exception as error:
        first = getattr(error, "metadata", {}).get("first_job")
        if getattr(error, "reason", "") != _KEY_REUSED or not first:
            failure = failure_of(error)
            if failure is None:
                raise
            return _told(failure, key)
        return await _ended(runtime, first, key)
    return await _ended(runtime, job.job_id, key)


def _told(failure: Refused | Unavailable | EndUnknown, key: str) -> Outcome:
    """What the daemon said instead of taking the request. Raises OperationPending."""
    match failure:
        case Refused():
            return Outcome(None, reason=failure.rpc_reason, message=failure.message)
        case EndUnknown():
            return Outcome(None, reason=failure.rpc_reason, message=failure.message, is_forgotten=True)
        case Unavailable():
            raise _pending(key, f"the daemon does not answer: {failure.message}")
        case _:
            assert_never(failure)


def _pending(operation_id: str, why: str) -> OperationPending:
    return OperationPending(
        f"Operation {operation_id} is under way", why=why, hint="When the daemon is there: `dome mission recover`"
    )


async def _ended(runtime: "Runtime", job_id: str, key: str) -> Outcome:
    """How the job ended, once it has. A daemon that refuses to say so has not said that it will not be made."""
    try:
        async for _ in runtime.events(job_id, follow=True):
            pass
        ended = (await runtime.status(job_id)).outcome
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        if isinstance(failure, EndUnknown):
            return _told(failure, key)
        raise _pending(key, f"the daemon does not say how it ended: {failure.message}") from error
    if ended is None or not ended.result:
        reason, message = ("", "") if ended is None else (ended.failure_reason_code, ended.message)
        return Outcome(job_id, reason=reason, message=message)
    result = json.loads(ended.result)
    return Outcome(job_id, commit=result["commit"], parent=result["parent"])
