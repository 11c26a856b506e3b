"""Asks gates about the last attempts of a run, and keeps what they answer. The same question is answered once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.control.control_event import ControlTopic
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.shared.definitions import Lineage, Verdict
from dome_spec.commands.gate.asking import Asking
from dome_spec.dispatch import opening_of
from dome_spec.gates import TO_GATED, Judgement, Shown, judge, keep_bundles, question_digest, situation_of
from dome_spec.kernel import Refusal, timestamp

DEFAULT_GATE: Final = "outcome"
"""The gate of a task that names none: its outcome, its evidence and its own bounds."""


class TaskUnknown(Refusal):
    """The run has no such task."""

    code = "TASK_UNKNOWN"
    exit_code = Exit.NOT_FOUND


class NothingToJudge(Refusal):
    """There is no attempt that a gate could be asked about."""

    code = "NOTHING_TO_JUDGE"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate answered."""

    decision: GateDecision
    judgement: Judgement
    is_known: bool
    """Whether the same question was answered before."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which gates are asked about which tasks."""

    task: str | None = None
    """The beginning of a task's id; None for all."""
    gate: str | None = None
    is_every_task: bool = False
    """Whether tasks that name no gate are judged by the default one."""


def decide_gates(asked: Asking, wanted: Wanted) -> Iterator[Answer]:
    """Each answer, in the order of the plan and of the gates. Raises TaskUnknown, NothingToJudge, EvidenceNotSealed."""
    keep_bundles(asked.guardrails, asked.store)
    decided = dict(asked.decided())
    is_any = False
    for task_id in _tasks(asked, wanted.task):
        named = gates_of(asked, task_id)
        gates = named or ([DEFAULT_GATE] if wanted.is_every_task or wanted.gate == DEFAULT_GATE else [])
        group_id = asked.last_attempt(task_id)
        if group_id is None:
            continue
        for gate_id in gates:
            if wanted.gate in (None, gate_id):
                is_any = True
                answer = _answer(asked, gate_id, group_id, decided, before=gates[: gates.index(gate_id)])
                decided[group_id, gate_id] = answer.decision
                yield answer
    if not is_any:
        raise NothingToJudge(
            "No gate was asked",
            why="no task that was attempted names such a gate",
            hint="`--all` judges every attempt, also of tasks that name no gate",
        )


def gates_of(asked: Asking, task_id: str) -> list[str]:
    """The gates that a task names."""
    return list(asked.plan.tasks[task_id].spec.gates or [])


def _tasks(asked: Asking, beginning: str | None) -> list[str]:
    order = [task_id for wave in asked.plan.waves for task_id in wave]
    if beginning is None:
        return order
    wanted = beginning if beginning.startswith("sha256:") else f"sha256:{beginning}"
    found = [task_id for task_id in order if task_id.startswith(wanted)]
    if len(found) != 1:
        raise TaskUnknown(
            f"{beginning!r} names {'no task' if not found else f'{len(found)} tasks'} of {asked.record.run_id}",
            hint=f"`dome plan status {asked.record.run_id}` shows its tasks",
        )
    return found


def _answer(
    asked: Asking, gate_id: str, group_id: str, decided: Mapping[tuple[str, str], GateDecision], *, before: list[str]
) -> Answer:
    shown = asked.shown(group_id, TO_GATED)
    approvals = {each: decided[group_id, each].verdict for each in before if (group_id, each) in decided}
    shown = replace(shown, approvals=approvals)
    name = question_digest(
        gate_id,
        situation_of(shown, TO_GATED, asked.guardrails),
        asked.guardrails,
        digest(shown.capsule.to_value()),
        report=shown.standard_report,
    )
    kept = asked.kept.kept(name)
    judgement = kept or _judged(asked, gate_id, shown, name)
    decision = judgement.decision
    if decision is None:
        raise TypeError("a gate that was asked has decided")
    last = decided.get((group_id, gate_id))
    if last is None or digest(last.to_value()) != digest(decision.to_value()):
        asked.tell(ControlTopic.GATE_DECIDED, _payload(decision), about=_about(decision.task_id, decision.group_id))
    return Answer(decision, judgement, is_known=kept is not None)


def _judged(asked: Asking, gate_id: str, shown: Shown, name: str) -> Judgement:
    capsule = shown.capsule
    event = asked.tell(
        ControlTopic.GATE_ASKED, {"message": f"Gate {gate_id}"}, about=_about(capsule.task_id, capsule.group_id)
    )
    judgement = judge(
        gate_id,
        shown,
        asked.guardrails,
        evaluate_time=timestamp(asked.scene.clock.now()),
        lineage=Lineage(event_id=event.event_id, sequence=event.sequence, run_id=event.run_id),
        fallback_mode=opening_of(asked.record).fallback_mode,
    )
    return asked.kept.keep(name, judgement)


def _payload(decision: GateDecision) -> dict[str, str]:
    return {"decision_digest": digest(decision.to_value()), "verdict": decision.verdict.value}


def _about(task_id: str, group_id: str) -> dict[str, str]:
    return {"task_id": task_id, "group_id": group_id}


def strictest(verdicts: list[Verdict]) -> Verdict:
    """The one that holds for all."""
    return next(each for each in (Verdict.REJECT, Verdict.NEEDS_HUMAN, Verdict.APPROVE) if each in verdicts)


EXITS: Final = {Verdict.APPROVE: Exit.OK, Verdict.REJECT: Exit.FAILED, Verdict.NEEDS_HUMAN: Exit.PRECONDITION}
"""What a command ends with, by the verdict."""
