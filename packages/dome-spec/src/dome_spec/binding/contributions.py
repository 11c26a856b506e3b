"""What one attempt contributes: to which capsule, how it counts, and why it counts at all.

A contribution is made from an attempt and from what was said of it (wrappers, evidence, the run's mode, triggers),
never from another contribution: whether a failure contradicts is a matter of the order, and belongs to the capsule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from dome_contracts.canonical import digest
from dome_spec.binding.evidence import location_of
from dome_spec.binding.modes import DENIALS, FAILURES, Result, admit, mode_of
from dome_spec.binding.values import (
    NONE,
    Attempt,
    GateVerdict,
    GuardRefusal,
    Order,
    Proof,
    TaskColumns,
    Wrapping,
    task_value,
)

_KNOWN_MAX: Final = 65_536
_PROOFS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Matter:
    """All that was said of one attempt, by itself or before its own fact came."""

    act: bytes
    attempt: Attempt | None = None
    wrappings: tuple[Wrapping, ...] = ()
    """In the order of the facts' names."""
    members: tuple[Proof, ...] = ()
    verdicts: tuple[GateVerdict, ...] = ()
    refusals: tuple[GuardRefusal, ...] = ()
    stated_mode: str | None = None
    """The mode of the run; None while no fact states it."""
    named: tuple[str, ...] = ()
    """Triggers that name the attempt."""

    @property
    def task(self) -> TaskColumns | None:
        """The key of its TaskSpec, once anything says it: the attempt itself, else its first wrapper."""
        if self.attempt is not None:
            return self.attempt.task
        return self.wrappings[0].task if self.wrappings else None


class Contribution(NamedTuple):
    """A line of the ledger: what an attempt contributes under one version of the binder."""

    binder_version: str
    act: bytes
    run_id: str
    task_id: str
    group_id: str
    capsule_id: str
    task: TaskColumns
    """The capsule's TaskSpec key: with the failure observed where none was addressed."""
    fingerprint_hash: str
    template_digest: str
    result: Result
    addresses: bool
    """Whether the task set out to mend the failure, and did not only observe it."""
    begins: bool
    """Whether a capsule may begin with it."""
    admitted_by: str
    end_us: int
    job_id: str

    @property
    def order(self) -> Order:
        """Its place among the contributions: end, then job."""
        return self.end_us, self.job_id, self.act


@dataclass(frozen=True, slots=True)
class Observed:
    """How an attempt ended, all wrappers taken into account."""

    result: Result
    failure: str
    policy: str


def observed(attempt: Attempt, wrappings: Sequence[Wrapping]) -> Observed | None:
    """How an attempt ended; None where it was cancelled, which says nothing.

    A gate's failure makes a failure of what the task itself calls a success; one that rests on reasons of policy alone
    is a refusal. What was denied did not run, so that nothing said of it afterwards makes a failure of it. A refusal
    never gives a failure code, and a failure never a policy code.
    """
    chosen = [each for each in wrappings if not each.is_triggered]
    refusing = [each for each in chosen if _refuses(each)]
    failing = [each for each in chosen if each.signal in FAILURES and not _refuses(each)]
    failure = _first((attempt.failure, *sorted(each.failure for each in failing)))
    policy = _first((attempt.policy, *sorted(each.policy for each in refusing)))
    if attempt.status == "DENIED":
        return Observed(Result.REFUSAL, failure, policy)
    if attempt.status == "FAILED" or failing:
        return Observed(Result.FAILURE, failure, policy)
    if refusing:
        return Observed(Result.REFUSAL, failure, policy)
    return Observed(Result.SUCCESS, failure, policy) if attempt.status == "SUCCEEDED" else None


def _refuses(wrapping: Wrapping) -> bool:
    """Whether a wrapper tells of a refusal: a guard's, or a gate's that found no failure."""
    if wrapping.signal in DENIALS:
        return True
    return wrapping.signal in FAILURES and wrapping.failure == NONE != wrapping.policy


def contribution(matter: Matter, *, binder_version: str, default_mode: str) -> Contribution | None:
    """What the attempt contributes; None where it does not count, or its own fact has not come yet."""
    attempt = matter.attempt
    if attempt is None or (seen := observed(attempt, matter.wrappings)) is None:
        return None
    # What nothing shows, and what nothing ran for, supports nothing.
    if seen.result is Result.SUCCESS and not (attempt.tool_version and _is_shown(matter)):
        return None
    mode = mode_of(matter.stated_mode, matter.wrappings, default_mode)
    addressed = attempt.task.failure_reason_code
    admission = admit(mode, seen.result, addresses=addressed != NONE, wrappings=matter.wrappings, named=matter.named)
    if admission is None:
        return None
    task = _under(attempt.task, seen.failure if addressed == NONE else addressed)
    return Contribution(
        binder_version=binder_version,
        act=attempt.act,
        run_id=attempt.run_id,
        task_id=attempt.task_id,
        group_id=attempt.group_id,
        capsule_id=capsule_id(task, attempt.fingerprint_hash, binder_version),
        task=task,
        fingerprint_hash=attempt.fingerprint_hash,
        template_digest=attempt.template_digest,
        result=seen.result,
        addresses=addressed != NONE,
        begins=admission.begins,
        admitted_by=admission.by,
        end_us=attempt.end_us,
        job_id=attempt.job_id,
    )


def proofs(matter: Matter) -> tuple[Proof, ...]:
    """The evidence of an attempt, one piece for each digest; its evidence capsule where nothing else is named."""
    pieces = {each.digest: each for each in sorted((*_wrapped(matter), *matter.members), reverse=True)}
    sealed = matter.attempt.evidence_capsule if matter.attempt else ""
    if not pieces and sealed:
        return (Proof(sealed, location_of(sealed), "application/json"),)
    return tuple(sorted(pieces.values()))[:_PROOFS_MAX]


@lru_cache(maxsize=_KNOWN_MAX)
def capsule_id(task: TaskColumns, fingerprint_hash: str, binder_version: str) -> str:
    """The digest of a capsule's key, in the form of its contract."""
    return digest({"task": task_value(task), "fingerprint_hash": fingerprint_hash, "binder_version": binder_version})


def _is_shown(matter: Matter) -> bool:
    """Whether there is any evidence, whichever it is."""
    sealed = matter.attempt.evidence_capsule if matter.attempt else ""
    return bool(sealed or matter.members or any(each.proofs for each in matter.wrappings))


def _wrapped(matter: Matter) -> tuple[Proof, ...]:
    return tuple(proof for each in matter.wrappings for proof in each.proofs)


def _under(task: TaskColumns, failure: str) -> TaskColumns:
    if task.failure_reason_code == failure:
        return task
    return TaskColumns(task.scope, task.target_kind, task.target_id, task.action_kind, failure)


def _first(codes: tuple[str, ...]) -> str:
    """The first code that says something."""
    for code in codes:
        if code != NONE:
            return code
    return NONE
