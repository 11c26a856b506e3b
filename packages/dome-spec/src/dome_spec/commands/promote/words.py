"""A promotion as words for people, and as an object for programs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.gates.promotion_decision import PromotionDecision
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import Verdict
from dome_spec.commands.gate.words import decision_line
from dome_spec.gates import Standing, TaskState, shown_digest

_COMMIT_SHOWN: Final = 12


def shown_lines(now: Standing, plan: Plan) -> Iterator[str]:
    """What a person confirms or declines."""
    for decision in now.decisions:
        yield decision_line(decision, plan)
    for gate in now.undecided:
        yield f"{'undecided':<14}  {gate}"
    yield f"what is shown: {shown_digest(now.decisions)}"


def promotion_lines(
    decision: PromotionDecision, now: Standing, states: Mapping[str, TaskState], run_id: str
) -> Iterator[str]:
    """The decision, why it is so, and what a person can do."""
    subject = decision.subject
    reasons = [*decision.failure_reason_codes, *decision.policy_reason_codes]
    yield (
        f"{decision.verdict.value}  {subject.commit_sha[:_COMMIT_SHOWN]} -> {subject.destination}"
        f"{'  (' + ', '.join(reasons) + ')' if reasons else ''}"
    )
    person = decision.human_confirmation
    if person is not None:
        said = "" if person.statement is None else f": {person.statement}"
        yield f"  {person.answer.value.lower()} by {person.effector.id}{said}"
    counts = Counter(states.values())
    yield f"  tasks: {', '.join(f'{counts[state]} {state.value}' for state in TaskState if counts[state])}"
    if decision.verdict is Verdict.NEEDS_HUMAN:
        shown = shown_digest(now.decisions)
        yield (
            f"  A person answers: dome promote {run_id} --commit {subject.commit_sha} --to {subject.destination} "
            f"--confirm {shown}   (or --decline)"
        )


def promotion_document(decision: PromotionDecision, now: Standing, states: Mapping[str, TaskState]) -> dict[str, Any]:
    """For programs: the decision, and beside it its name, what was shown, and where each task stands."""
    value = decision.to_value()
    return {
        **value,
        "decision_digest": digest(value),
        "shown_digest": shown_digest(now.decisions),
        "shown": [each.to_value() for each in now.decisions],
        "undecided": list(now.undecided),
        "task_states": {task_id: state.value for task_id, state in states.items()},
    }
