"""Puts a promotion's question together, hears the person, and keeps the answer. Moves no reference."""

from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.control.control_event import ControlTopic
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.promotion_decision import (
    ConfirmationAnswer,
    HumanConfirmation,
    PromotionDecision,
    PromotionSubject,
)
from dome_contracts.schema.shared.definitions import Effector, Verdict
from dome_spec.commands.gate.asking import GATES, Asking, asking
from dome_spec.commands.gate.deciding import EXITS, gates_of
from dome_spec.commands.promote.person import must_have_seen, person_of
from dome_spec.commands.promote.subject import commit_of, reference_of
from dome_spec.commands.promote.words import promotion_document, promotion_lines, shown_lines
from dome_spec.commands.verb import UsageWrong
from dome_spec.dispatch import control_events
from dome_spec.gates import (
    TO_DONE,
    Judgement,
    NothingToPromote,
    PromotionQuestion,
    Standing,
    TaskState,
    TooMuchToPromote,
    TransitionUnknown,
    decide_promotion,
    keep_bundles,
    of_ruling,
    promotion_name,
    question_digest,
    shown_digest,
    situation_of,
    standing,
    task_states,
)
from dome_spec.governance import Ruling, evaluate
from dome_spec.kernel import Refusal, timestamp

if TYPE_CHECKING:
    from dome_spec.commands.console import Console

_STATEMENT_CHARACTERS_MAX: Final = 240
_WORDS: Final = {ConfirmationAnswer.CONFIRMED: "confirm", ConfirmationAnswer.DECLINED: "decline"}


class NothingDecided(Refusal):
    """No gate has decided anything that a promotion could rest on."""

    code = "NOTHING_DECIDED"


class TooMuchDecided(Refusal):
    """More gates have decided in the run than one promotion can name."""

    code = "TOO_MUCH_DECIDED"


class ShownDiffers(Refusal):
    """The gates have decided anew since the person was shown something."""

    code = "SHOWN_DIFFERS"


class StateAmbiguous(Refusal):
    """What happened in the run does not fit together, so that nobody can say where its tasks stand."""

    code = "STATE_AMBIGUOUS"


def promote(arguments: Namespace, console: "Console") -> int:
    """Decide, keep the decision, tell it; the exit code says which it is."""
    if arguments.statement is not None and _answer_of(arguments) is None:
        raise UsageWrong("--statement goes with --confirm or --decline")
    if arguments.commit is None or arguments.to is None:
        raise UsageWrong("name what is promoted: --commit SHA --to REF")
    destination, statement = reference_of(arguments.to), _line(arguments.statement)
    with asking(arguments.run_id, arguments.overlay) as asked:
        subject = PromotionSubject(commit_sha=commit_of(asked.infra.root, arguments.commit), destination=destination)
        keep_bundles(asked.guardrails, asked.store)
        decided = asked.decided()
        now = _standing(asked, decided)
        if not console.as_json:
            console.text("\n".join(shown_lines(now, asked.plan)))
        confirmation = _confirmation(arguments, statement, asked, now, console=console)
        by = GATES if confirmation is None else confirmation.effector
        decision = _decision(arguments, asked, subject, now, by=by, confirmation=confirmation)
        states = _states(asked)
        asked.remember()
    if console.as_json:
        console.record(promotion_document(decision, now, states))
    else:
        console.text("\n".join(promotion_lines(decision, now, states, arguments.run_id)))
    return EXITS[decision.verdict]


def _standing(asked: Asking, decided: Mapping[tuple[str, str], GateDecision]) -> Standing:
    """The gates that tasks name, and those that have decided of a task that names none."""
    tasks = []
    for task_id in (each for wave in asked.plan.waves for each in wave):
        spec, group_id = asked.plan.tasks[task_id].spec, asked.last_attempt(task_id)
        gates = gates_of(asked, task_id) or sorted(gate for group, gate in decided if group == group_id)
        if asked.is_left_out(task_id):
            continue
        tasks.append((f"{spec.action.kind.value} {spec.target.id}", group_id, gates))
    now = standing(tasks, decided)
    if not now.decisions:
        raise NothingDecided(
            f"No gate has decided in {asked.record.run_id}",
            hint=f"`dome gate eval {asked.record.run_id}` asks them; `--all` also about tasks that name none",
        )
    return now


def _decision(
    arguments: Namespace,
    asked: Asking,
    subject: PromotionSubject,
    now: Standing,
    *,
    by: Effector,
    confirmation: HumanConfirmation | None,
) -> PromotionDecision:
    """The kept decision of this question, else a new one; the log has it last either way."""
    rulings = [_ruling(asked, each, by) for each in now.decisions if each.verdict is not Verdict.REJECT]
    wanted = bool(arguments.ask)
    name = promotion_name(
        subject,
        now,
        rulings=[digest(each.record.to_value()) for each in rulings],
        effector=by,
        confirmation=confirmation,
        is_person_wanted=wanted,
    )
    asked.tell(ControlTopic.PROMOTION_ASKED, {"message": f"{subject.commit_sha} to {subject.destination}"}, by=by)
    question = PromotionQuestion(
        run_id=asked.record.run_id,
        subject=subject,
        decisions=now.decisions,
        undecided=now.undecided,
        ruling=rulings,
        effector=by,
        confirmation=confirmation,
        is_person_wanted=wanted,
    )
    try:
        decision = decide_promotion(question, decide_time=timestamp(asked.scene.clock.now()))
    except NothingToPromote as error:
        raise NothingDecided(str(error)) from error
    except TooMuchToPromote as error:
        raise TooMuchDecided(
            "Too much was decided for one promotion", why=str(error), hint="Promote it in runs of fewer tasks"
        ) from error
    kept = asked.kept.keep_promotion(name, decision)
    payload = {"decision_digest": digest(kept.to_value()), "verdict": kept.verdict.value}
    asked.tell(ControlTopic.PROMOTION_DECIDED, payload, by=by)
    return kept


def _ruling(asked: Asking, decision: GateDecision, by: Effector) -> Ruling:
    """What the guards say of the last step of an attempt; asked once, and kept."""
    shown = asked.shown(decision.group_id, TO_DONE, effector=by, approvals=asked.approvals(decision.group_id))
    situation = situation_of(shown, TO_DONE, asked.guardrails)
    name = question_digest("", situation, asked.guardrails, digest(shown.capsule.to_value()))
    kept = asked.kept.kept(name)
    at = timestamp(asked.scene.clock.now()) if kept is None else kept.record.attempt_time
    ruling = evaluate(asked.guardrails, situation, evaluate_time=at)
    judged: Judgement = asked.kept.keep(name, of_ruling(ruling))
    return Ruling(evaluations=judged.evaluations, classes=ruling.classes, record=judged.record)


def _confirmation(
    arguments: Namespace, statement: str | None, asked: Asking, now: Standing, *, console: "Console"
) -> HumanConfirmation | None:
    answer = _answer_of(arguments)
    if answer is None:
        return None
    kind, named = answer
    person = person_of(asked.scene)
    shown = shown_digest(now.decisions)
    if named and not (shown == named or (len(named) >= len("sha256:") + 8 and shown.startswith(named))):
        raise ShownDiffers(
            f"What was shown as {named} is not what the gates say now",
            why=f"now it is {shown}",
            hint="Look at it again: the same command without an answer shows it",
        )
    if not named:
        must_have_seen(console, _WORDS[kind])
    more = {} if statement is None else {"statement": statement}
    return HumanConfirmation(
        effector=person,
        answer=kind,
        shown_digest=shown,
        confirm_time=timestamp(asked.scene.clock.now()),
        **more,
    )


def _answer_of(arguments: Namespace) -> tuple[ConfirmationAnswer, str] | None:
    if hasattr(arguments, "confirm"):
        return ConfirmationAnswer.CONFIRMED, arguments.confirm
    if hasattr(arguments, "decline"):
        return ConfirmationAnswer.DECLINED, arguments.decline
    return None


def _line(statement: str | None) -> str | None:
    if statement is None:
        return None
    line = " ".join(statement.split())
    if not line or len(line) > _STATEMENT_CHARACTERS_MAX or not line.isprintable():
        raise UsageWrong(f"--statement takes a line of at most {_STATEMENT_CHARACTERS_MAX} printable characters")
    return line


def _states(asked: Asking) -> Mapping[str, TaskState]:
    try:
        return task_states(asked.plan.tasks, control_events(asked.record))
    except TransitionUnknown as error:
        raise StateAmbiguous("Where the tasks of the run stand cannot be told", why=str(error)) from error
