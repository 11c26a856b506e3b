"""How much work a proof may cost, by name."""

from typing import Final

PROOF_STEPS_MAX: Final = 60_000
"""Formulas built and questions asked in one proof; about a second of work."""


class BudgetSpent(Exception):
    """The proof costs more than it may."""


class Budget:
    """Counts the steps of a proof."""

    def __init__(self, steps_max: int = PROOF_STEPS_MAX) -> None:
        self.steps_max: Final = steps_max
        self._left = steps_max

    def restart(self) -> None:
        """Allow as many steps as in the beginning."""
        self._left = self.steps_max

    def spend(self, steps: int = 1) -> None:
        """Raises BudgetSpent when there is nothing left."""
        self._left -= steps
        if self._left < 0:
            raise BudgetSpent
