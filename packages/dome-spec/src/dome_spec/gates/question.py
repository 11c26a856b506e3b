"""From what is known of an attempt to what guards look at, for each transition that is asked about. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.gates.guardrails_bundle import GateApproved, WorktreeClean
from dome_contracts.schema.gates.standard_report import ReportStatus
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import Effector, TaskKey, Transition, Verdict
from dome_spec.gates.rules import GATE_RULES, policy_digest
from dome_spec.gates.states import TaskState
from dome_spec.governance import Attempt, Guardrails, Situation, reference

TO_RUNNING: Final = Transition.from_value({"from": TaskState.QUEUED.value, "to": TaskState.RUNNING.value})
TO_GATED: Final = Transition.from_value({"from": TaskState.RUNNING.value, "to": TaskState.GATED.value})
TO_DONE: Final = Transition.from_value({"from": TaskState.GATED.value, "to": TaskState.DONE.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An attempt that has ended, and all that is known of it."""

    spec: TaskSpec
    capsule: EvidenceCapsule
    effector: Effector
    """Who wants the transition."""
    attempts: int
    evidence_intact: Mapping[str, bool]
    """By digest, whether the bytes are those of the digest; of what was looked for and is not there, False."""
    tool_status: ReportStatus | None = None
    standard_report: str | None = None
    """Digest of the report that says the tool's status."""
    is_prescribed: bool = False
    is_worktree_clean: bool | None = None
    approvals: Mapping[str, Verdict] = field(default_factory=lambda: MappingProxyType({}))
    """What gates have decided of this attempt."""


def task_key(spec: TaskSpec) -> TaskKey:
    """The key of a TaskSpec."""
    return TaskKey(
        scope=spec.scope, target=spec.target, action=spec.action, failure_reason_code=spec.failure_reason_code
    )


def situation_of(shown: Shown, transition: Transition, guardrails: Guardrails) -> Situation:
    """The attempt at a transition. Of what no guard looks at nothing is said, so that it changes no answer."""
    capsule = shown.capsule
    asked = gates_asked_for(guardrails)
    return Situation(
        attempt=Attempt(run_id=capsule.run_id, task_id=capsule.task_id, group_id=capsule.group_id),
        task=task_key(shown.spec),
        transition=transition,
        effector=shown.effector,
        failure_reason_code=capsule.outcome.failure_reason_code,
        evidence=tuple(capsule.members),
        evidence_intact=dict(sorted(shown.evidence_intact.items())),
        change=capsule.change,
        is_worktree_clean=shown.is_worktree_clean,
        attempts=shown.attempts,
        approvals={gate: shown.approvals[gate] for gate in sorted(asked & shown.approvals.keys())},
        tool_status=shown.tool_status,
        is_prescribed=shown.is_prescribed,
    )


def gates_asked_for(guardrails: Guardrails) -> frozenset[str]:
    """The gates whose approval some guard asks for."""
    predicates = (guard.predicate for _, _, guard in guardrails.guards())
    return frozenset(each.gate_id for each in predicates if isinstance(each, GateApproved))


def asks_for_clean_tree(guardrails: Guardrails, transition: Transition) -> bool:
    """Whether some guard of the transition looks at the working tree."""
    return any(
        isinstance(guard.predicate, WorktreeClean) and transition in guard.applies_to.transitions
        for _, _, guard in guardrails.guards()
    )


def question_digest(
    gate_id: str, situation: Situation, guardrails: Guardrails, evidence: str, *, report: str | None = None
) -> str:
    """Names the question: the same one has one answer, whenever it is asked.

    `evidence` is the capsule's digest, `report` that of the standard report on the tool, where there is one.
    """
    attempt, overlay = situation.attempt, guardrails.overlay
    return digest(
        {
            **({} if report is None else {"standard_report": report}),
            "gate_id": gate_id,
            "attempt": {"run_id": attempt.run_id, "task_id": attempt.task_id, "group_id": attempt.group_id},
            "situation": situation.to_value(),
            "evidence": evidence,
            "bundles": [
                reference(bundle).to_value()
                for bundle in (guardrails.bundle, guardrails.invariants, *(() if overlay is None else (overlay,)))
            ],
            "policy": policy_digest(GATE_RULES),
        }
    )
