"""Priors: what was learnt of a TaskSpec, each with whether it prescribes or only advises. The one question of planning.

A task that addresses a failure is told what mended it; a task that addresses none is told what went wrong with it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_contracts.schema.knowledge.capsule import (
    Capsule,
    CapsuleUse,
    Eligibility,
    EligibilityCode,
    FingerprintInput,
)
from dome_contracts.schema.shared.definitions import TaskKey
from dome_spec.binding.capsules import Learnt, capsule_document
from dome_spec.binding.eligibility import NOTHING_KNOWN, Verifier, judge
from dome_spec.binding.fingerprint import fingerprint_hash
from dome_spec.binding.policy import Policy
from dome_spec.binding.rollout import rollout
from dome_spec.binding.store.port import Ledger, Views
from dome_spec.binding.values import NONE, columns
from dome_spec.binding.views import LIMIT_DEFAULT, LIMIT_MAX, CapsuleFilter, bounded


class Asked(Views, Ledger, Protocol):
    """What priors are asked of."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A capsule, judged for a moment."""

    capsule: Capsule
    """The capsule in the form of its contract, its eligibility included."""
    eligibility: Eligibility
    stage: RolloutStage
    """The stage that holds: in the shadow stage a prior changes no plan."""

    @property
    def is_prescriptive(self) -> bool:
        """Whether its remedy may be put first."""
        return self.eligibility.use is CapsuleUse.PRESCRIPTIVE

    @property
    def would_prescribe(self) -> bool:
        """Whether it would, if only the rollout were in its last stage."""
        return all(each.code is EligibilityCode.ROLLOUT_STAGE for each in self.eligibility.reasons)


def priors(
    memory: Asked,
    task_key: TaskKey,
    fingerprint: FingerprintInput,
    *,
    now: datetime,
    policy: Policy | None = None,
    limit: int = LIMIT_DEFAULT,
    verifier: Verifier = NOTHING_KNOWN,
    stage: RolloutStage | None = None,
) -> tuple[Prior, ...]:
    """What was learnt of a TaskSpec key: of the same circumstances first, then what prescribes, then the surest.

    The stage is the one that holds by the rollout's evidence, unless it is given. Raises LimitOutOfRange.
    """
    bounded(limit)
    policy = policy or memory.policy
    stage = stage or rollout(memory, policy).effective_stage
    named = fingerprint_hash(fingerprint)
    found = []
    for learnt in _found(memory, task_key, named):
        judged = judge(learnt, policy, now=now, stage=stage, verifier=verifier, fingerprint_hash=named)
        found.append(Prior(capsule_document(learnt, policy, judged), judged, stage))
    found.sort(key=lambda each: _rank(each, named))
    return tuple(found[:limit])


def _found(memory: Views, task_key: TaskKey, named: str) -> list[Learnt]:
    task = columns(task_key)
    failure = None if task.failure_reason_code == NONE else task.failure_reason_code
    parts = {
        "scope": task.scope,
        "target_kind": task.target_kind,
        "target_id": task.target_id,
        "action_kind": task.action_kind,
        "failure_reason_code": failure,
    }
    # Asked for apart, so that no number of other circumstances can crowd them out.
    same = memory.capsules(CapsuleFilter(**parts, fingerprint_hash=named), limit=LIMIT_MAX)
    every = memory.capsules(CapsuleFilter(**parts), limit=LIMIT_MAX)
    return [*same, *(each for each in every if each.tally.fingerprint_hash != named)]


def _rank(prior: Prior, named: str) -> tuple[bool, bool, float, str]:
    capsule = prior.capsule
    is_elsewhere = capsule.key.fingerprint_hash != named
    return is_elsewhere, not prior.would_prescribe, -capsule.confidence, capsule.capsule_id
