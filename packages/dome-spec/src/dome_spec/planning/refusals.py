"""Why the planner refuses: each refusal names the places in the document, as JSON pointers.

PlanningRefused
├── PacketRefused     the packet asks for what cannot be planned
├── PatternRefused    the pattern is no order of steps, or its parameters are not filled
├── PlanTooLarge      more tasks than the strategies or the budgets allow
└── PlanInvalid       the plan does not hold together
"""

from dataclasses import dataclass
from typing import ClassVar

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import DocumentInvalid, Violation


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, as a JSON pointer; what; and what to do."""

    place: str
    what: str
    remedy: str = ""

    @property
    def violation(self) -> Violation:
        """The same as it is told."""
        return Violation(self.place, f"{self.what}. {self.remedy}" if self.remedy else self.what)


class PlanningRefused(DocumentInvalid):
    """Nothing was planned; the problems say why."""

    code = "PLANNING_REFUSED"
    exit_code = Exit.INVALID
    subject: ClassVar[str] = "planning/packet"
    """Family of the document in which the places are."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(self.subject, tuple(each.violation for each in problems))
        self.what = f"Of this {self.subject} no plan can be made"
        self.hint = ""
        self.args = ("; ".join(f"{each.place or '(whole)'}: {each.message}" for each in self.violations),)
        self.problems = problems
        """Never empty, in the order of the places."""


class PacketRefused(PlanningRefused):
    """The packet asks for what cannot be planned."""

    code = "PACKET_REFUSED"


class PatternRefused(PlanningRefused):
    """The pattern is no order of steps, or its parameters are not filled."""

    code = "PATTERN_REFUSED"
    subject = "patterns/pattern"


class PlanTooLarge(PlanningRefused):
    """The plan would have more tasks than it may have."""

    code = "PLAN_TOO_LARGE"


class PlanInvalid(PlanningRefused):
    """The plan does not hold together."""

    code = "PLAN_INVALID"
    subject = "planning/plan"
