"""Why the planner refuses: each refusal names the places in the document, as JSON pointers.

PlanningRefused
├── PacketRefused     the packet asks for what cannot be planned
├── StrategiesRefused  an answer of the control strategies could not be executed
├── PatternRefused    the pattern is no order of steps, or its parameters are not filled
├── PlanTooLarge      more tasks than the strategies or the budgets allow
├── PlansExhausted    the packet allows no further plan
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


class StrategiesRefused(PlanningRefused):
    """An answer of the control strategies could not be executed."""

    code = "STRATEGIES_REFUSED"
    subject = "control/control_strategies"


class PatternRefused(PlanningRefused):
    """The pattern is no order of steps, or its parameters are not filled."""

    code = "PATTERN_REFUSED"
    subject = "patterns/pattern"


class PlanTooLarge(PlanningRefused):
    """The plan would have more tasks than it may have."""

    code = "PLAN_TOO_LARGE"


class PlansExhausted(PlanningRefused):
    """As many plans were made for the packet as it allows."""

    code = "PLANS_EXHAUSTED"


class PlanInvalid(PlanningRefused):
    """The plan does not hold together."""

    code = "PLAN_INVALID"
    subject = "planning/plan"
