"""The decision on bringing a commit to its destination. It rests on gate decisions and, where asked for, on a person.

Pure: the moment is handed in. A person confirms what they were shown, by digest: gate decisions that came later make
the confirmation one of something else, and it counts as none. Nor does one of a model or a program.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.guardrails_bundle import GuardClass
from dome_contracts.schema.gates.promotion_decision import (
    ConfirmationAnswer,
    HumanConfirmation,
    PromotionDecision,
    PromotionSubject,
)
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, GuardDecision, Verdict
from dome_spec.gates.rules import PROMOTION_RULES, Against, policy_digest, verdict
from dome_spec.governance import Ruling

_NO_REASON: Final = "NONE"


DECISIONS_MAX: Final = 4096
"""On how many gate decisions a promotion can rest."""


class TooMuchToPromote(ValueError):
    """There are more gate decisions than a promotion can name. The message says how many."""


class NothingToPromote(ValueError):
    """There is no gate decision that a promotion could rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionQuestion:
    """Everything that the decision depends on."""

    run_id: str
    subject: PromotionSubject
    decisions: Sequence[GateDecision]
    """The last decision of each gate on each task, in the order in which a person is shown them."""
    undecided: Sequence[str] = ()
    """Gates that were asked for and have not decided."""
    ruling: Sequence[Ruling] = ()
    """What the guards said of the transition of each task."""
    effector: Effector
    confirmation: HumanConfirmation | None = None
    is_person_wanted: bool = False
    """Whether a person is asked also where no gate and no guard asks for one."""
    mission_id: str | None = None


def shown_digest(decisions: Sequence[GateDecision]) -> str:
    """Digest of what a person is shown: the gate decisions in their order."""
    return digest([digest(each.to_value()) for each in decisions])


def asks_for_person(question: PromotionQuestion) -> bool:
    """Whether somebody has to confirm: a gate left it to a person, an advisory guard refused, or it was wanted."""
    left = any(each.verdict is Verdict.NEEDS_HUMAN for each in question.decisions)
    return question.is_person_wanted or left or any(_refusals(question.ruling, mild=True))


def decide_promotion(question: PromotionQuestion, *, decide_time: str) -> PromotionDecision:
    """The verdict, and every reason for it.

    Raises NothingToPromote where no gate has decided, and TooMuchToPromote.
    """
    if not question.decisions:
        raise NothingToPromote(f"no gate has decided in {question.run_id}")
    if len(question.decisions) > DECISIONS_MAX:
        raise TooMuchToPromote(f"{len(question.decisions)} gate decisions, and at most {DECISIONS_MAX} can be named")
    is_person_required = asks_for_person(question)
    confirmation = question.confirmation if _is_heard(question) else None
    found = tuple(_objections(question, confirmation, is_person_required=is_person_required))
    given: Mapping[str, object] = {
        **({} if question.mission_id is None else {"mission_id": question.mission_id}),
        **({} if confirmation is None else {"human_confirmation": confirmation}),
    }
    failures = {code for each in question.decisions for code in each.failure_reason_codes}
    reached = verdict(PROMOTION_RULES, (against for against, _ in found))
    return PromotionDecision.model_validate(
        {
            "schema_version": "1",
            "run_id": question.run_id,
            **given,
            "subject": question.subject,
            "verdict": reached,
            "gate_decisions": sorted({digest(each.to_value()) for each in question.decisions}),
            "policy_digest": policy_digest(PROMOTION_RULES),
            "human_confirmation_required": is_person_required,
            "failure_reason_codes": sorted(failures) if reached is Verdict.REJECT else [],
            "policy_reason_codes": sorted({code for _, code in found if code != _NO_REASON}),
            "effector": question.effector,
            "decide_time": decide_time,
        }
    )


def _is_heard(question: PromotionQuestion) -> bool:
    """Whether the answer is one of a person, and to what these decisions are."""
    answer = question.confirmation
    return (
        answer is not None
        and answer.effector.kind is EffectorKind.HUMAN
        and answer.shown_digest == shown_digest(question.decisions)
    )


def _objections(
    question: PromotionQuestion, confirmation: HumanConfirmation | None, *, is_person_required: bool
) -> Iterator[tuple[Against, str]]:
    for decision in question.decisions:
        if decision.verdict is Verdict.REJECT:
            for code in decision.policy_reason_codes or [_NO_REASON]:
                yield Against.GATE_REJECTED, code
    for _ in question.undecided:
        yield Against.GATE_UNDECIDED, PolicyReason.EVIDENCE_MISSING
    for code in _refusals(question.ruling, mild=False):
        yield Against.GUARD_REFUSED, code
    if confirmation is not None and confirmation.answer is ConfirmationAnswer.DECLINED:
        yield Against.PERSON_DECLINED, PolicyReason.PROMOTION_DECLINED
    elif is_person_required and confirmation is None:
        yield Against.PERSON_ABSENT, PolicyReason.GATE_NEEDS_HUMAN


def _refusals(rulings: Sequence[Ruling], *, mild: bool) -> Iterator[str]:
    """The codes of the refusals, of advisory guards or of the others."""
    for ruling in rulings:
        if not ruling.evaluations and not ruling.is_allowed and not mild:
            yield ruling.record.policy_reason_code
        for evaluation, guard_class in zip(ruling.evaluations, ruling.classes, strict=True):
            if evaluation.decision is GuardDecision.DENY and (guard_class is GuardClass.ADVISORY) is mild:
                yield evaluation.policy_reason_code
