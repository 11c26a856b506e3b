"""What was judged in a run, gathered from facts: each attempted transition with its evaluations, and the decisions.

The feedback of guards stands in their bundles, which the evidence store has by digest. Without one, nothing is guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dome_contracts.canonical import digest
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.guardrails_bundle import Feedback, GuardrailsBundle
from dome_contracts.schema.knowledge.fact import Fact, GateFact, GuardEvaluationFact, TransitionFact
from dome_contracts.schema.knowledge.guard_evaluation import GuardEvaluation
from dome_contracts.schema.knowledge.transition_record import TransitionRecord
from dome_spec.binding import LIMIT_MAX, EvidenceDamaged, EvidenceMissing
from dome_spec.commands.gate.words import evaluation_lines, short
from dome_spec.kernel import DocumentInvalid, Refusal, micros, read_document

if TYPE_CHECKING:
    from dome_spec.binding import EvidenceStore, FactLog


class NothingJudged(Refusal):
    """Nothing of a run was judged."""

    code = "NOTHING_JUDGED"
    exit_code = Exit.NOT_FOUND


def nothing_judged(run_id: str) -> NothingJudged:
    """That no fact speaks of a judgement."""
    return NothingJudged(
        f"Nothing was judged in {run_id}, as far as is remembered here",
        hint=f"`dome gate eval {run_id}` asks its gates",
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """One attempted transition, what every guard said, and what gates decided of it."""

    record: TransitionRecord
    evaluations: tuple[GuardEvaluation, ...]
    decisions: tuple[GateDecision, ...]
    feedback: dict[tuple[str, str], Feedback] = field(default_factory=dict)

    def documents(self) -> Iterator[dict[str, Any]]:
        """For programs: what each document is of, and the document; a guard's with its feedback."""
        for each in self.evaluations:
            said = self.feedback.get((each.bundle.digest, each.guard_id))
            feedback = None if said is None else said.to_value()
            yield {"kind": "guard_evaluation", "evaluation": each.to_value(), "feedback": feedback}
        yield {"kind": "transition", "record": self.record.to_value()}
        for decision in self.decisions:
            yield {"kind": "gate", "decision": decision.to_value()}

    def lines(self) -> Iterator[str]:
        """For people."""
        record = self.record
        steps = record.transition.to_value()
        attempt = f", attempt {short(record.group_id)}" if record.group_id is not None else ""
        yield f"{steps['from']} -> {steps['to']}  {record.decision.value}  task {short(record.task_id)}{attempt}"
        for each in self.evaluations:
            said = self.feedback.get((each.bundle.digest, each.guard_id))
            yield from evaluation_lines(each, said, is_full=True)
        for decision in self.decisions:
            reasons = (
                ", ".join([*decision.failure_reason_codes, *decision.policy_reason_codes]) or "no reason against it"
            )
            yield f"  gate {decision.gate_id}: {decision.verdict.value}, {reasons}"
            if (report := decision.inputs.standard_report) is not None:
                yield f"       by the standard report {short(report)} on its tool"


def explanations(
    memory: "FactLog", evidence: "EvidenceStore | None", run_id: str, task: str | None
) -> tuple[Explanation, ...]:
    """Every attempted transition of a run, or of one task of it, in the order of time."""
    evaluations = {digest(each.to_value()): each for each in _evaluations(memory, run_id)}
    decisions = list(_decisions(memory, run_id))
    bundles: dict[str, GuardrailsBundle | None] = {}
    found = []
    for record in _records(memory, run_id):
        if task is not None and not short_or_long(record.task_id, task):
            continue
        asked = tuple(evaluations[each] for each in record.guard_evaluations if each in evaluations)
        names = sorted(record.guard_evaluations)
        decided = tuple(each for each in decisions if names and sorted(each.guard_evaluations) == names)
        found.append(Explanation(record, asked, decided, _feedback(asked, evidence, bundles)))
    return tuple(sorted(found, key=lambda each: (micros(each.record.attempt_time), each.record.task_id)))


def short_or_long(name: str, beginning: str) -> bool:
    """Whether a digest begins so, with or without its prefix."""
    return name.startswith(beginning) or name.removeprefix("sha256:").startswith(beginning)


def _feedback(
    evaluations: tuple[GuardEvaluation, ...],
    evidence: "EvidenceStore | None",
    bundles: dict[str, GuardrailsBundle | None],
) -> dict[tuple[str, str], Feedback]:
    found = {}
    for each in evaluations:
        name = each.bundle.digest
        if name not in bundles:
            bundles[name] = None if evidence is None else _bundle(evidence, name)
        bundle = bundles[name]
        if bundle is not None and each.guard_id in bundle.guards:
            found[name, each.guard_id] = bundle.guards[each.guard_id].feedback
    return found


def _bundle(evidence: "EvidenceStore", name: str) -> GuardrailsBundle | None:
    try:
        return read_document(GuardrailsBundle, evidence.read(name))
    except (EvidenceMissing, EvidenceDamaged, DocumentInvalid):
        return None


def _evaluations(memory: "FactLog", run_id: str) -> Iterator[GuardEvaluation]:
    for fact in _facts(memory, "guard_evaluation"):
        if isinstance(fact.body, GuardEvaluationFact) and fact.body.evaluation.run_id == run_id:
            yield fact.body.evaluation


def _records(memory: "FactLog", run_id: str) -> Iterator[TransitionRecord]:
    for fact in _facts(memory, "transition"):
        if isinstance(fact.body, TransitionFact) and fact.body.record.run_id == run_id:
            yield fact.body.record


def _decisions(memory: "FactLog", run_id: str) -> Iterator[GateDecision]:
    for fact in _facts(memory, "gate"):
        if isinstance(fact.body, GateFact) and fact.body.decision.run_id == run_id:
            yield fact.body.decision


def _facts(memory: "FactLog", kind: str) -> Iterator[Fact]:
    after = ""
    while page := memory.facts(kind=kind, after=after, limit=LIMIT_MAX):
        yield from page
        after = page[-1].fact_id
