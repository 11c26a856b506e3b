"""Builds formulas, interned and in normal form. Knows no JSON Schema and proves nothing.

Two formulas that were built alike are the same object, which makes equality free; only atoms are negated.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

from dome_spec.contracts.compatibility.subsumption.budget import Budget
from dome_spec.contracts.compatibility.subsumption.terms import (
    FALSE,
    TRUE,
    All,
    Atom,
    Cases,
    Either,
    Formula,
    Kind,
    Literal,
    Member,
    Reference,
    Truth,
)


class Formulas:
    """Builds formulas, interned and simplified where that costs nothing. One for each proof: it holds all it built."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._literals: dict[tuple[Atom, bool], Literal] = {}
        self._joined: dict[tuple[type[All | Either], frozenset[Formula]], Formula] = {}
        self._negations: dict[Formula, Formula] = {TRUE: FALSE, FALSE: TRUE}
        self._cases: dict[tuple[Formula, ...], Cases] = {}
        self._cases_negated: dict[Cases, Cases] = {}
        self._definitions: dict[str, Cases] = {}
        self.everything: Final = self.cases([TRUE] * len(Kind))
        self.nothing: Final = self.cases([FALSE] * len(Kind))

    def literal(self, atom: Atom, *, holds: bool = True) -> Literal:
        """The atom, or its negation."""
        key = (atom, holds)
        found = self._literals.get(key)
        if found is None:
            found = self._literals[key] = Literal(atom, holds)
            opposite = self._literals[atom, not holds] = Literal(atom, not holds)
            self._negations[found] = opposite
            self._negations[opposite] = found
        return found

    def member(self, values: Iterable[Fraction | str]) -> Formula:
        """The number or the string is one of these."""
        wanted = frozenset(values)
        return self.literal(Member(wanted)) if wanted else FALSE

    def all_of(self, formulas: Iterable[Formula]) -> Formula:
        """The conjunction."""
        return self._join(All, formulas)

    def any_of(self, formulas: Iterable[Formula]) -> Formula:
        """The disjunction."""
        return self._join(Either, formulas)

    def negate(self, formula: Formula) -> Formula:
        """The negation, in the same normal form: only atoms are negated."""
        found = self._negations.get(formula)
        if found is None:
            match formula:
                case All(parts):
                    found = self.any_of([self.negate(part) for part in parts])
                case Either(parts):
                    found = self.all_of([self.negate(part) for part in parts])
                case Truth() | Literal():
                    raise AssertionError(formula)
            self._negations[formula] = found
            self._negations.setdefault(found, formula)
        return found

    def cases(self, formulas: Sequence[Formula]) -> Cases:
        """A set of values from its six formulas."""
        key = tuple(formulas)
        found = self._cases.get(key)
        if found is None:
            self._budget.spend()
            found = self._cases[key] = Cases(key)
        return found

    def cases_all(self, sets: Iterable[Cases]) -> Cases:
        """What is in all of the sets."""
        each = [one.formulas for one in sets]
        if not each:
            return self.everything
        return self.cases([self._all_of_column(column) for column in zip(*each, strict=True)])

    def _all_of_column(self, column: Sequence[Formula]) -> Formula:
        parts = [formula for formula in column if formula is not TRUE]
        return (parts[0] if parts else TRUE) if len(parts) < 2 else self.all_of(parts)

    def cases_any(self, sets: Iterable[Cases]) -> Cases:
        """What is in one of the sets."""
        each = [one.formulas for one in sets]
        return self.cases([self.any_of(column) for column in zip(*each, strict=True)]) if each else self.nothing

    def cases_not(self, values: Cases) -> Cases:
        """What is not in the set."""
        found = self._cases_negated.get(values)
        if found is None:
            found = self.cases([self.negate(formula) for formula in values.formulas])
            self._cases_negated[values] = found
            self._cases_negated[found] = values
        return found

    def of_kind(self, kind: Kind, formula: Formula = TRUE) -> Cases:
        """The values of one kind that satisfy the formula."""
        return self.cases([formula if each is kind else FALSE for each in Kind])

    def reference(self, label: str) -> Cases:
        """What the definition of that label says, which may still be missing."""
        return self.cases([self.literal(Reference(label, kind)) for kind in Kind])

    def define(self, label: str, values: Cases) -> None:
        """Say what a label stands for."""
        self._definitions[label] = values

    def definition(self, label: str) -> Cases | None:
        """What the label stands for, if that was said."""
        return self._definitions.get(label)

    def unfold(self, reference: Reference) -> Formula:
        """What the reference stands for."""
        return self._definitions[reference.label].formulas[reference.kind]

    def glance(self, count: int) -> None:
        """Count the work of going over so many parts of formulas. Raises BudgetSpent."""
        self._budget.glance(count)

    def _join(self, joint: type[All | Either], formulas: Iterable[Formula]) -> Formula:
        neutral, absorbing = (TRUE, FALSE) if joint is All else (FALSE, TRUE)
        parts: dict[Formula, None] = {}
        for formula in formulas:
            if formula is absorbing:
                return absorbing
            if isinstance(formula, joint):
                parts.update(dict.fromkeys(formula.parts))
            elif formula is not neutral:
                parts[formula] = None
        if len(parts) < 2:
            return next(iter(parts), neutral)
        self._budget.spend()
        self._budget.glance(len(parts))
        key = (joint, frozenset(parts))
        found = self._joined.get(key)
        if found is None:
            negations = self._negations
            contradicting = any(negations.get(part) in parts for part in parts)
            found = self._joined[key] = absorbing if contradicting else joint(tuple(parts))
        return found
