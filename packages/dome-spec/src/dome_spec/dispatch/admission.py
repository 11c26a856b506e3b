"""Asks the guards before an attempt begins, and keeps what they said. Decides no rule of its own.

Asked again of an attempt that it was asked about, it answers as it did: also after a crash, and under other guardrails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import ToolSummary
from dome_contracts.schema.gates.guardrails_bundle import Guard
from dome_contracts.schema.gates.standard_report import ReportStatus
from dome_contracts.schema.planning.plan import Plan, PriorEffect
from dome_contracts.schema.shared.definitions import Effector, GuardDecision, TaskKey
from dome_spec.dispatch.job.result import Assignment
from dome_spec.dispatch.ports import Denial
from dome_spec.dispatch.record.run_record import RunRecord
from dome_spec.gates import (
    TO_RUNNING,
    GateRecord,
    Judgement,
    asks_for_clean_tree,
    of_ruling,
    task_key,
)
from dome_spec.governance import Attempt, Guardrails, Situation, evaluate
from dome_spec.kernel import Clock, timestamp

ToolStatus = Callable[[str, str], ReportStatus | None]
"""What the newest standard report says of a tool, by its id and digest; None where there is none."""


_AHEAD: Final = "run-ahead"
_NO_MOMENT: Final = "1970-01-01T00:00:00Z"
"""Guards look at no time; their answer here is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedAdmission:
    """The guards over the transition from queued to running, for one run."""

    guardrails: Guardrails
    record: RunRecord
    plan: Plan
    tool_status: ToolStatus
    is_worktree_clean: Callable[[], bool | None]
    """Whether the working tree equals its commit; asked only where a guard asks."""
    clock: Clock

    def ask(self, assignment: Assignment, tool: ToolSummary) -> Denial | None:
        """Why the attempt may not begin; None where it may. What was found is kept either way."""
        kept = GateRecord(self.record.directory)
        name = digest({"transition": TO_RUNNING.to_value(), "group_id": assignment.group_id})
        judged = kept.kept(name)
        if judged is None:
            ruling = evaluate(
                self.guardrails, self._situation(assignment, tool), evaluate_time=timestamp(self.clock.now())
            )
            judged = kept.keep(name, of_ruling(ruling))
        if judged.record.decision is GuardDecision.ALLOW:
            return None
        return Denial(judged.record.policy_reason_code, _told(judged, self.guardrails))

    def _situation(self, assignment: Assignment, tool: ToolSummary) -> Situation:
        asks = asks_for_clean_tree(self.guardrails, TO_RUNNING)
        return Situation(
            attempt=Attempt(run_id=assignment.run_id, task_id=assignment.task_id, group_id=assignment.group_id),
            task=task_key(assignment.task.spec),
            transition=TO_RUNNING,
            effector=assignment.effector,
            is_worktree_clean=self.is_worktree_clean() if asks else None,
            attempts=assignment.attempt.attempt,
            tool_status=self.tool_status(tool.tool_id, tool.tool_digest),
            is_prescribed=is_prescribed(self.plan, assignment.task_id),
        )


def refusal_ahead(guardrails: Guardrails, task: TaskKey, effector: Effector) -> str | None:
    """The policy reason for which guards would refuse the first attempt at a prescribed remedy; None where none would.

    What only the moment of the attempt decides, the state of the working tree, is taken to be as they ask. So is what
    the tool's report says, which speaks for itself where a remedy is judged.
    """
    situation = Situation(
        attempt=Attempt(run_id=_AHEAD, task_id=digest(task.to_value())),
        task=task,
        transition=TO_RUNNING,
        effector=effector,
        is_worktree_clean=True if asks_for_clean_tree(guardrails, TO_RUNNING) else None,
        attempts=1,
        tool_status=ReportStatus.PASS,
        is_prescribed=True,
    )
    record = evaluate(guardrails, situation, evaluate_time=_NO_MOMENT).record
    return None if record.decision is GuardDecision.ALLOW else record.policy_reason_code


def is_prescribed(plan: Plan, task_id: str) -> bool:
    """Whether a prior has placed the task first."""
    return any(each.task_id == task_id and each.effect is PriorEffect.PLACED_FIRST for each in plan.priors)


def _told(judged: Judgement, guardrails: Guardrails) -> str:
    """What was refused, with what would let it pass, where the guardrails still have the guard."""
    guards: dict[str, Guard] = {guard_id: guard for _, guard_id, guard in guardrails.guards()}
    refused = [each for each in judged.evaluations if each.decision is GuardDecision.DENY]
    if not refused:
        return "The guardrails do not know the transition from queued to running."
    parts = []
    for each in refused:
        feedback = guards[each.guard_id].feedback if each.guard_id in guards else None
        unknown = f" (not known: {', '.join(each.unknowns)})" if each.unknowns else ""
        words = f" {feedback.message} {feedback.hint}" if feedback is not None else ""
        parts.append(f"Guard {each.guard_id}: {each.status.value}, {each.policy_reason_code}{unknown}.{words}")
    return " ".join(parts)
