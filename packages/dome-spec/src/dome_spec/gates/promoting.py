"""A promotion's question from what was judged in a run: the last decision of each gate on each task. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dome_contracts.canonical import digest
from dome_contracts.schema.control.control_event import ControlEvent, ControlTopic
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.promotion_decision import HumanConfirmation, PromotionDecision, PromotionSubject
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.gates.judgement import Judgement
from dome_spec.gates.rules import PROMOTION_RULES, policy_digest


@dataclass(frozen=True, slots=True)
class Standing:
    """What the gates of a run say now."""

    decisions: tuple[GateDecision, ...]
    """The last one of each gate on the last attempt of each task, in the order of the plan and of the gates."""
    undecided: tuple[str, ...]
    """Gates that were asked for and have not decided on the last attempt."""


def last_decisions(
    judgements: Iterable[Judgement], events: Iterable[ControlEvent]
) -> Mapping[tuple[str, str], GateDecision]:
    """By attempt and gate, the decision that was told of last."""
    known = {digest(each.decision.to_value()): each.decision for each in judgements if each.decision is not None}
    found: dict[tuple[str, str], GateDecision] = {}
    for event in events:
        decision = known.get(event.payload.decision_digest or "")
        if event.topic is ControlTopic.GATE_DECIDED and decision is not None:
            found[decision.group_id, decision.gate_id] = decision
    return found


def last_promotion(
    promotions: Iterable[PromotionDecision],
    events: Iterable[ControlEvent],
    *,
    commit_sha: str | None = None,
    destination: str | None = None,
) -> PromotionDecision | None:
    """The decision that was told of last, of this commit and destination where they are named; None where none was."""
    known = {digest(each.to_value()): each for each in promotions}
    told = [each.payload.decision_digest or "" for each in events if each.topic is ControlTopic.PROMOTION_DECIDED]
    for decision in (known[each] for each in reversed(told) if each in known):
        subject = decision.subject
        if commit_sha in (None, subject.commit_sha) and destination in (None, subject.destination):
            return decision
    return None


def standing(
    asked: Sequence[tuple[str, str | None, Sequence[str]]], decided: Mapping[tuple[str, str], GateDecision]
) -> Standing:
    """`asked` are the tasks in the order of the plan: the name, the last attempt if there was one, the gates."""
    decisions: list[GateDecision] = []
    undecided: list[str] = []
    for name, group_id, gates in asked:
        for gate_id in gates:
            decision = None if group_id is None else decided.get((group_id, gate_id))
            if decision is None:
                undecided.append(f"{gate_id} of {name}")
            else:
                decisions.append(decision)
    return Standing(tuple(decisions), tuple(undecided))


def promotion_name(
    subject: PromotionSubject,
    now: Standing,
    *,
    rulings: Sequence[str],
    effector: Effector,
    confirmation: HumanConfirmation | None,
    is_person_wanted: bool,
) -> str:
    """Names the question. A person who answers again is asked again; of anybody else the same question has one answer.

    `rulings` are the digests of what the guards said.
    """
    return digest(
        {
            "subject": subject.to_value(),
            "decisions": [digest(each.to_value()) for each in now.decisions],
            "undecided": list(now.undecided),
            "rulings": list(rulings),
            "effector": effector.to_value(),
            "confirmation": None if confirmation is None else confirmation.to_value(),
            "is_person_wanted": is_person_wanted,
            "policy": policy_digest(PROMOTION_RULES),
        }
    )
