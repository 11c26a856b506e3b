"""How much work a proof may cost: counted, not timed, so that one question has one answer on every machine."""

from typing import Final

PROOF_STEPS_MAX: Final = 40_000
"""Formulas built and questions asked in one proof; less than a second of work."""
GLANCES_A_STEP: Final = 32
"""Parts of formulas that are gone over, and moves of automata, in the time of one step."""


class BudgetSpent(Exception):
    """The proof costs more than it may."""


class Budget:
    """Counts the steps of a proof."""

    def __init__(self, steps_max: int = PROOF_STEPS_MAX) -> None:
        self.steps_max: Final = steps_max
        self._left = steps_max * GLANCES_A_STEP

    def restart(self) -> None:
        """Allow as many steps as in the beginning."""
        self._left = self.steps_max * GLANCES_A_STEP

    def spend(self, steps: int = 1) -> None:
        """Count so many steps. Raises BudgetSpent when there is nothing left."""
        self.glance(steps * GLANCES_A_STEP)

    def glance(self, count: int) -> None:
        """Count something much smaller than a step, so many times. Raises BudgetSpent when there is nothing left."""
        self._left -= count
        if self._left < 0:
            raise BudgetSpent
