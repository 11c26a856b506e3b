"""What guards look at: one attempted transition of one task, and what is known about it.

A value, made by whoever asks. `None` means that it is not known, which is another thing than empty: a guard that needs
it cannot be evaluated then, and unknown is a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dome_contracts.schema.gates.standard_report import ReportStatus
from dome_contracts.schema.knowledge.evidence_capsule import ChangeSummary, EvidenceMember
from dome_contracts.schema.shared.definitions import Effector, TaskKey, Transition, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Whose transition it is. `group_id` is None before the first attempt."""

    run_id: str
    task_id: str
    group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One attempted transition, and what is known when it is attempted."""

    attempt: Attempt
    task: TaskKey
    transition: Transition
    effector: Effector
    failure_reason_code: str = "NONE"
    """The failure of the attempt as it stands. Guards never change it."""
    evidence: tuple[EvidenceMember, ...] = ()
    evidence_intact: Mapping[str, bool] = field(default_factory=dict)
    """By digest, whether the bytes were read and have the digest. One that is left out was not read."""
    change: ChangeSummary | None = None
    is_worktree_clean: bool | None = None
    attempts: int | None = None
    """Attempts at the task within its run, this one included."""
    approvals: Mapping[str, Verdict] = field(default_factory=dict)
    """What each gate decided of the task, by the gate's id. One that is left out has not decided."""
    tool_status: ReportStatus | None = None
    """What the newest standard report of the tool says, in the version that acts."""
    is_prescribed: bool = False
    """Whether a prior has placed the task first."""

    def to_value(self) -> dict[str, Any]:
        """All that a predicate may look at, as JSON values: the same value gives the same status."""
        return {
            "task": self.task.to_value(),
            "transition": self.transition.to_value(),
            "effector": self.effector.to_value(),
            "failure_reason_code": self.failure_reason_code,
            "evidence": [member.to_value() for member in self.evidence],
            "evidence_intact": dict(self.evidence_intact),
            "change": None if self.change is None else self.change.to_value(),
            "is_worktree_clean": self.is_worktree_clean,
            "attempts": self.attempts,
            "approvals": {gate: str(verdict) for gate, verdict in self.approvals.items()},
            "tool_status": None if self.tool_status is None else str(self.tool_status),
            "is_prescribed": self.is_prescribed,
        }
