"""Questions that go before a step: an answer that it needs, or the yes of the accountable person. Pure.

A question may be answered while it is asked, and by whom it is asked of; what was answered with no is asked still.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.agent_profile import AgentProfile
from dome_contracts.schema.governance.mission_type import MissionStep, MissionType
from dome_contracts.schema.governance.step_contract import InputKind, Need, StepContract
from dome_contracts.schema.mission_runtime.mission_run import Answer, MissionRun, Strictness
from dome_contracts.schema.shared.definitions import Accountable, Effector, EffectorKind
from dome_spec.mission_runtime.refusals import RuntimeRefusal
from dome_spec.mission_runtime.run.raci import responsibility

AGREED: Final = "approve"
_AUDIT: Final = "audit:"
_INPUT: Final = "input:"


class QuestionNotAsked(RuntimeRefusal):
    """An answer to what nobody asks now, or that is none of those that are offered."""

    code = "QUESTION_NOT_ASKED"


class AnswerOfAnother(RuntimeRefusal):
    """The question is asked of somebody else."""

    code = "ANSWER_OF_ANOTHER"
    exit_code = Exit.PRECONDITION


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What goes before a step."""

    question: Mapping[str, Any] | None = None
    """What has to be answered first."""
    objection: str | None = None
    """That the accountable person said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who is asked in a run, how much, and what was answered."""

    accountable: Accountable
    strictness: Strictness
    answers: tuple[Answer, ...] = ()


def before(step: MissionStep, asking: Asking, contract: StepContract | None, effector: Effector | None) -> Before:
    """What has to be settled before a step is handed out."""
    person = asking.accountable
    answers = {each.question_id: each.value for each in asking.answers}
    for each in () if contract is None else contract.inputs:
        name = f"{_INPUT}{each.id}"
        if each.kind is InputKind.ANSWER and each.need is Need.REQUIRED and name not in answers:
            text = f"What is `{each.id}`, which {step.title[0].lower()}{step.title[1:]} needs?"
            return Before(question=_question(name, text, audience="effector"))
    if not responsibility(step, person, effector, asking.strictness).is_audited:
        return Before()
    name = f"{_AUDIT}{step.id}"
    said = {each.question_id: each.value for each in asking.answers if _is(each.answerer, person)}
    match said.get(name):
        case None:
            options = [{"value": AGREED, "label": "Yes"}, {"value": "reject", "label": "No"}]
            text = f"Shall this be done: {step.title}?"
            return Before(question=_question(name, text, audience="accountable", options=options))
        case value if value == AGREED:
            return Before()
        case _:
            return Before(objection=f"{person.id} said no to: {step.title}")


def _question(name: str, text: str, *, audience: str, options: "list[dict[str, str]] | None" = None) -> dict[str, Any]:
    return {
        "kind": "decision_required",
        "question_id": name,
        "question": text,
        "options": options or [],
        "audience": audience,
    }


def reconsidered(run: MissionRun) -> MissionRun:
    """The run as it asks again what was answered with no."""
    kept = [each.to_value() for each in run.answers if not each.question_id.startswith(_AUDIT) or each.value == AGREED]
    return MissionRun.from_value({**run.to_value(), "answers": kept})


def refuse_answer(
    question_id: str, value: str, asked: Mapping[str, Any] | None, *, effector: Effector, run: MissionRun
) -> None:
    """Refuse what nobody asks, what is not offered, and another's answer. Raises QuestionNotAsked, AnswerOfAnother."""
    known = None if asked is None else asked["question_id"]
    if asked is None or question_id != known:
        raise QuestionNotAsked(
            f"{question_id} is not asked",
            why="nothing is asked now" if known is None else f"what is asked now is {known}",
            hint="See what comes next: `dome mission next MISSION --query`",
        )
    offered = [each["value"] for each in asked["options"]]
    if offered and value not in offered:
        raise QuestionNotAsked(
            f"{value!r} is no answer to {question_id}", hint=f"Answer it with one of: {', '.join(offered)}"
        )
    if asked["audience"] == "accountable" and not _is(effector, run.accountable):
        raise AnswerOfAnother(
            f"{effector.kind.value} {effector.id} cannot answer {question_id}",
            why=f"it is asked of {run.accountable.id}, who answers for the mission",
            hint=f"Let that person do it: `--as human:{run.accountable.id}`",
        )


def refuse_other_part(
    question_id: str,
    mission_type: MissionType,
    contracts: Mapping[str, StepContract],
    *,
    effector: Effector,
    profile: AgentProfile | None,
) -> None:
    """Refuse an answer to a step by who plays no part in it. A person without a profile may. Raises AnswerOfAnother."""
    if profile is None and effector.kind is EffectorKind.HUMAN:
        return
    roles = {step.role for step in mission_type.steps if _needs(contracts.get(step.id), question_id)}
    if profile is not None and roles & set(profile.roles):
        return
    raise AnswerOfAnother(
        f"{effector.kind.value} {effector.id} cannot answer {question_id}",
        why=f"it is asked of: {', '.join(sorted(roles)) or 'a person'}",
        hint="Let a person answer, or act with a profile of that role",
    )


def _needs(contract: StepContract | None, question_id: str) -> bool:
    return contract is not None and any(f"{_INPUT}{each.id}" == question_id for each in contract.inputs)


def _is(answerer: Effector, person: Accountable) -> bool:
    """Whether it was the accountable person who answered: for them nobody else says yes."""
    return (answerer.kind, answerer.id) == (EffectorKind.HUMAN, person.id)
