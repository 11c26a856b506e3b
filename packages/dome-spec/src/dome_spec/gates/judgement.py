"""One question and its answer: what the guards said, what the gate decided of it, and what is learnt of a refusal.

Pure: the moment and the event that asked are handed in. The same judgement gives the same facts, whoever tells them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.base import Contract
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.knowledge.fact import (
    DocumentSource,
    EvidenceGroupFact,
    Fact,
    FactBody,
    GateFact,
    GuardEvaluationFact,
    TransitionFact,
)
from dome_contracts.schema.knowledge.guard_evaluation import GuardEvaluation
from dome_contracts.schema.knowledge.transition_record import TransitionRecord
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.shared.definitions import (
    AttemptOutcome,
    FallbackMode,
    GuardDecision,
    Lineage,
    Verdict,
    WrapperSignal,
)
from dome_spec.binding import make_fact
from dome_spec.gates.decide import GateQuestion, decide_gate
from dome_spec.gates.question import TO_GATED, Shown, situation_of, task_key
from dome_spec.governance import Guardrails, Ruling, evaluate
from dome_spec.kernel import family_of, moment

_EVIDENCE_MAX: Final = 64
"""How many pieces of evidence a wrapper names. All of an attempt's are facts of their own, under its group."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found and decided about one attempted transition."""

    evaluations: tuple[GuardEvaluation, ...]
    record: TransitionRecord
    decision: GateDecision | None = None
    """What the gate decided, where one was asked."""
    wrapper: WrapperEnvelope | None = None
    """What makes the binder learn of a refusal."""

    def documents(self) -> Iterator[Contract]:
        """Every document, in their order."""
        yield from self.evaluations
        yield self.record
        if self.decision is not None:
            yield self.decision
        if self.wrapper is not None:
            yield self.wrapper

    def facts(self, repository_id: str) -> Iterator[Fact]:
        """Every document as a fact. What has no clock of its own was decided when the transition was attempted."""
        for document in self.documents():
            when = document.evaluate_time if isinstance(document, GuardEvaluation) else self.record.attempt_time
            source = source_of(type(document), _digest(document))
            yield make_fact(_body(document), source=source, repository_id=repository_id, occur_time=moment(when))


def source_of(model: type[Contract], document_digest: str) -> DocumentSource:
    """Where the fact of a document comes from."""
    return DocumentSource(origin="document", family=family_of(model), digest=document_digest)


def of_ruling(ruling: Ruling) -> Judgement:
    """A ruling that no gate has to decide on."""
    return Judgement(ruling.evaluations, ruling.record)


def judge(
    gate_id: str,
    shown: Shown,
    guardrails: Guardrails,
    *,
    evaluate_time: str,
    lineage: Lineage,
    fallback_mode: FallbackMode,
) -> Judgement:
    """Ask the guards whether the attempt may be gated, and the gate what follows. A rejection is wrapped."""
    ruling = evaluate(guardrails, situation_of(shown, TO_GATED, guardrails), evaluate_time=evaluate_time)
    question = GateQuestion(
        gate_id=gate_id,
        spec=shown.spec,
        capsule=shown.capsule,
        guardrails=guardrails,
        ruling=ruling,
        standard_report=shown.standard_report,
    )
    decision = decide_gate(question)
    wrapper = None
    if decision.verdict is Verdict.REJECT:
        wrapper = _gate_failure(decision, shown, ruling, lineage=lineage, fallback_mode=fallback_mode)
    return Judgement(ruling.evaluations, ruling.record, decision, wrapper)


def _gate_failure(
    decision: GateDecision, shown: Shown, ruling: Ruling, *, lineage: Lineage, fallback_mode: FallbackMode
) -> WrapperEnvelope:
    """The outcome is the attempt's; the failure and the refusal that the gate found fill in where it states none."""
    capsule = shown.capsule
    refusing = sorted(digest(each.to_value()) for each in ruling.evaluations if each.decision is GuardDecision.DENY)
    outcome = AttemptOutcome(
        status=capsule.outcome.status,
        failure_reason_code=_told(capsule.outcome.failure_reason_code, decision.failure_reason_codes),
        policy_reason_code=_told(capsule.outcome.policy_reason_code, decision.policy_reason_codes),
    )
    more: dict[str, Any] = {"guard_evaluations": refusing} if refusing else {}
    return WrapperEnvelope(
        schema_version="1",
        run_id=decision.run_id,
        task_id=decision.task_id,
        group_id=decision.group_id,
        signal=WrapperSignal.GATE_FAILURE,
        wrapper_policy=fallback_mode,
        task=task_key(shown.spec),
        outcome=outcome,
        gate_decision=digest(decision.to_value()),
        **more,
        evidence=[member.evidence for member in capsule.members[:_EVIDENCE_MAX]],
        lineage=lineage,
        wrap_time=ruling.record.attempt_time,
    )


def _told(stated: str, found: list[str]) -> str:
    return found[0] if stated == "NONE" and found else stated


def _body(document: Contract) -> FactBody:
    match document:
        case GuardEvaluation():
            return GuardEvaluationFact(kind="guard_evaluation", evaluation=document)
        case TransitionRecord():
            return TransitionFact(kind="transition", record=document)
        case GateDecision():
            return GateFact(kind="gate", decision=document)
        case WrapperEnvelope():
            return EvidenceGroupFact(kind="evidence_group", wrapper=document)
        case _:
            raise TypeError(f"{type(document).__name__} is no document of a judgement")


def _digest(document: Contract) -> str:
    return digest(document.to_value())
