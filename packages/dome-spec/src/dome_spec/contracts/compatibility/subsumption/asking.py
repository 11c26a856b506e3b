"""What the modules of the kinds may ask the search for."""

from collections.abc import Iterable
from typing import Protocol

from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.outcome import Outcome
from dome_spec.contracts.compatibility.subsumption.terms import (
    Cases,
    Formula,
    Kind,
)


class Asking(Protocol):
    """The search, as those see it who decide a conjunction of atoms."""

    @property
    def formulas(self) -> Formulas:
        """Where formulas are built."""
        ...

    def member(self, sets: Iterable[Cases]) -> Outcome:
        """A value that is in all of the sets."""
        ...

    def value(self, kind: Kind, formula: Formula) -> Outcome:
        """A value of the kind that satisfies the formula."""
        ...

    def spend(self, steps: int = 1) -> None:
        """Count so many steps. Raises BudgetSpent when there were too many."""
        ...

    def glance(self, count: int) -> None:
        """Count something much smaller than a step, so many times. Raises BudgetSpent."""
        ...
