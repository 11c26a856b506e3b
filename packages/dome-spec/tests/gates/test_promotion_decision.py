"""The decision of a promotion: what the gates said, what a person confirmed, and of what."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.promotion_decision import HumanConfirmation, PromotionDecision, PromotionSubject
from dome_contracts.schema.shared.definitions import Verdict
from dome_spec.gates import (
    GateQuestion,
    NothingToPromote,
    PromotionQuestion,
    TooMuchToPromote,
    decide_gate,
    decide_promotion,
    shown_digest,
)
from dome_spec.gates.promotion import DECISIONS_MAX
from dome_spec.governance import evaluate
from tests.judged import AGENT, AT, PERSON, RUN_ID, capsule, guard, guardrails, situation, spec

SUBJECT = PromotionSubject.from_value({"commit_sha": "3" * 40, "destination": "refs/heads/main"})


def gate(verdict: Verdict, name: str = "unit-tests") -> GateDecision:
    """A decision with this verdict."""
    task, sealed = spec(), capsule()
    if verdict is Verdict.NEEDS_HUMAN:
        task = spec(acceptance_criteria=[{"criterion_id": "AC01", "statement": "It reads well."}])
    if verdict is Verdict.REJECT:
        sealed = capsule(status="FAILED", failure="TESTS.FAILED")
    rails = guardrails({})
    ruling = evaluate(rails, situation(), evaluate_time=AT)
    made = decide_gate(GateQuestion(gate_id=name, spec=task, capsule=sealed, guardrails=rails, ruling=ruling))
    assert made.verdict is verdict
    return made


def confirmed(decisions: Sequence[GateDecision], answer: str = "CONFIRMED") -> HumanConfirmation:
    """What a person said of these decisions."""
    return HumanConfirmation.from_value(
        {
            "effector": PERSON.to_value(),
            "answer": answer,
            "shown_digest": shown_digest(decisions),
            "confirm_time": AT,
        }
    )


def promoted(decisions: Sequence[GateDecision], **given_too: Any) -> PromotionDecision:
    question = PromotionQuestion(run_id=RUN_ID, subject=SUBJECT, decisions=decisions, effector=AGENT, **given_too)
    return decide_promotion(question, decide_time=AT)


def test_what_every_gate_approved_is_promoted_without_a_person() -> None:
    decision = promoted([gate(Verdict.APPROVE), gate(Verdict.APPROVE, "lint")])
    assert decision.verdict is Verdict.APPROVE
    assert not decision.human_confirmation_required


def test_one_rejection_rejects_and_keeps_its_reasons() -> None:
    decision = promoted([gate(Verdict.APPROVE), gate(Verdict.REJECT, "lint")])
    assert decision.verdict is Verdict.REJECT
    assert decision.failure_reason_codes == ["TESTS.FAILED"]


def test_no_person_talks_a_rejection_away() -> None:
    decisions = [gate(Verdict.REJECT)]
    assert promoted(decisions, confirmation=confirmed(decisions)).verdict is Verdict.REJECT


@pytest.mark.parametrize("kind", ["llm", "service"])
def test_what_is_no_person_confirms_and_declines_nothing(kind: str) -> None:
    decisions = [gate(Verdict.NEEDS_HUMAN)]
    for answer in ("CONFIRMED", "DECLINED"):
        said = confirmed(decisions, answer).to_value() | {"effector": {"kind": kind, "id": "agent-1"}}
        decision = promoted(decisions, confirmation=HumanConfirmation.from_value(said))
        assert (decision.verdict, decision.human_confirmation) == (Verdict.NEEDS_HUMAN, None)


def test_a_run_of_many_tasks_is_promoted_and_one_beyond_all_bounds_is_told() -> None:
    many = [gate(Verdict.APPROVE, f"gate-{number}") for number in range(70)]
    assert len(promoted(many).gate_decisions) == 70
    with pytest.raises(TooMuchToPromote, match=str(DECISIONS_MAX)):
        promoted([many[0]] * (DECISIONS_MAX + 1))


def test_a_gate_that_has_not_decided_rejects() -> None:
    decision = promoted([gate(Verdict.APPROVE)], undecided=["lint"])
    assert (decision.verdict, decision.policy_reason_codes) == (Verdict.REJECT, ["EVIDENCE.MISSING"])


def test_what_a_gate_left_to_a_person_waits_for_one() -> None:
    decisions = [gate(Verdict.NEEDS_HUMAN)]
    waits = promoted(decisions)
    assert (waits.verdict, waits.policy_reason_codes) == (Verdict.NEEDS_HUMAN, ["GATE.NEEDS_HUMAN"])
    assert promoted(decisions, confirmation=confirmed(decisions)).verdict is Verdict.APPROVE


def test_who_declines_is_heard() -> None:
    decisions = [gate(Verdict.APPROVE)]
    declined = promoted(decisions, confirmation=confirmed(decisions, "DECLINED"), is_person_wanted=True)
    assert (declined.verdict, declined.policy_reason_codes) == (Verdict.REJECT, ["PROMOTION.DECLINED"])


def test_a_confirmation_of_earlier_decisions_counts_as_none() -> None:
    earlier, later = [gate(Verdict.NEEDS_HUMAN)], [gate(Verdict.NEEDS_HUMAN, "release")]
    decision = promoted(later, confirmation=confirmed(earlier))
    assert decision.verdict is Verdict.NEEDS_HUMAN
    assert decision.human_confirmation is None


def test_an_advisory_guard_asks_for_a_person_and_another_guard_rejects() -> None:
    refuses = {"kind": "effector_among", "effector_kinds": ["human"]}
    decisions = [gate(Verdict.APPROVE)]
    for guard_class, verdict in (("advisory", Verdict.NEEDS_HUMAN), ("structural", Verdict.REJECT)):
        rails = guardrails({"a": guard(refuses, guard_class=guard_class)})
        ruling = evaluate(rails, situation(), evaluate_time=AT)
        assert promoted(decisions, ruling=[ruling]).verdict is verdict


def test_without_a_gate_decision_there_is_nothing_to_promote() -> None:
    with pytest.raises(NothingToPromote, match=RUN_ID):
        promoted([])


VERDICTS = st.lists(st.sampled_from(Verdict), min_size=1, max_size=4)
MADE = {verdict: gate(verdict) for verdict in Verdict}


@given(VERDICTS, st.sampled_from([None, "CONFIRMED", "DECLINED"]), st.booleans(), st.booleans())
def test_a_promotion_is_approved_exactly_when_nothing_speaks_against_it(
    verdicts: list[Verdict], answer: str | None, is_wanted: bool, is_undecided: bool
) -> None:
    decisions = [MADE[each] for each in verdicts]
    decision = promoted(
        decisions,
        confirmation=None if answer is None else confirmed(decisions, answer),
        is_person_wanted=is_wanted,
        undecided=["lint"] if is_undecided else [],
    )
    rejected = Verdict.REJECT in verdicts or is_undecided or answer == "DECLINED"
    waits = (is_wanted or Verdict.NEEDS_HUMAN in verdicts) and answer is None
    expected = Verdict.REJECT if rejected else Verdict.NEEDS_HUMAN if waits else Verdict.APPROVE
    assert decision.verdict is expected
    assert (decision.verdict is Verdict.APPROVE) == (
        not decision.failure_reason_codes and not decision.policy_reason_codes
    )
