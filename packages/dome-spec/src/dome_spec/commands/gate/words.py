"""Decisions and evaluations as words for people, and as objects for programs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.guardrails_bundle import Feedback
from dome_contracts.schema.knowledge.guard_evaluation import GuardEvaluation
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import GuardDecision, GuardStatus, Verdict
from dome_spec.commands.gate.deciding import Answer
from dome_spec.governance import Guardrails

_WORDS: Final = {Verdict.APPROVE: "approved", Verdict.REJECT: "rejected", Verdict.NEEDS_HUMAN: "needs a person"}
_DIGEST_SHOWN: Final = 12


def answer_document(answer: Answer) -> dict[str, Any]:
    """The decision for programs, with its name and whether it was known."""
    value = answer.decision.to_value()
    return {**value, "decision_digest": digest(value), "known": answer.is_known}


def answer_lines(answer: Answer, plan: Plan, guardrails: Guardrails) -> Iterator[str]:
    """The decision for people: the verdict, its reasons, and what refused."""
    decision = answer.decision
    yield decision_line(decision, plan)
    feedback = feedback_of(guardrails)
    for each in answer.judgement.evaluations:
        if each.decision is GuardDecision.DENY:
            yield from evaluation_lines(each, feedback.get((each.bundle.digest, each.guard_id)), is_full=False)


def decision_line(decision: GateDecision, plan: Plan) -> str:
    """A decision in one line."""
    spec = plan.tasks[decision.task_id].spec
    reasons = [*decision.failure_reason_codes, *decision.policy_reason_codes]
    missing = [f"missing {each.value}" for each in decision.missing_evidence or ()]
    more = f"  ({', '.join([*reasons, *missing])})" if reasons or missing else ""
    what = f"{spec.action.kind.value} {spec.target.id}"
    return f"{_WORDS[decision.verdict]:<14}  {decision.gate_id}  {what}  {short(decision.task_id)}{more}"


def feedback_of(guardrails: Guardrails) -> Mapping[tuple[str, str], Feedback]:
    """What each guard says when it refuses, by the digest of its bundle and its id."""
    return {(bundle.digest, guard_id): guard.feedback for bundle, guard_id, guard in guardrails.guards()}


def evaluation_lines(evaluation: GuardEvaluation, feedback: Feedback | None, *, is_full: bool) -> Iterator[str]:
    """What a guard found: the status, what it looked at, what it lacks, and what would let it pass."""
    is_refused = evaluation.decision is GuardDecision.DENY
    code = f"  {evaluation.policy_reason_code}" if is_refused else ""
    yield f"  {evaluation.status.value:<8}{evaluation.guard_id}{code}"
    if is_full and evaluation.status is not GuardStatus.SKIP:
        for member in evaluation.evidence:
            yield f"            looked at {member.kind.value} {member.evidence.location}"
    for kind in evaluation.missing_evidence:
        yield f"            missing   {kind.value}"
    for unknown in evaluation.unknowns:
        yield f"            not known {unknown}"
    if is_refused and feedback is not None:
        yield f"            {feedback.message} {feedback.hint} (next: {feedback.next_step.value})"


def short(name: str) -> str:
    """Enough of a digest for people."""
    return name.removeprefix("sha256:")[:_DIGEST_SHOWN]
