"""Searches for a value that satisfies a formula, or proves that there is none.

Boolean structure is taken apart here by cases; what remains is a conjunction of atoms of one kind, which the module of
that kind decides, asking back for the parts of arrays and objects.

Recursion: a smallest value cannot hold a part that satisfies all the value itself has to satisfy. So while a formula is
being decided, any demand for a part that includes it has no model that matters. That is the whole of the induction, and
it is sound because every part is smaller than what holds it; references that lead back without a step into a part are
refused before a schema gets here. An answer that leaned on an undecided formula further out holds for as long as that
one is being decided, since all that is asked until then is about smaller values, and for good if that one has no model.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from dome_spec.contracts.compatibility.subsumption import numbers, strings
from dome_spec.contracts.compatibility.subsumption.arrays import decide as decide_array
from dome_spec.contracts.compatibility.subsumption.budget import Budget
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.judging import holds
from dome_spec.contracts.compatibility.subsumption.objects import decide as decide_object
from dome_spec.contracts.compatibility.subsumption.outcome import Model, NoModel, Open, Outcome
from dome_spec.contracts.compatibility.subsumption.terms import (
    FALSE,
    TRUE,
    All,
    Cases,
    Either,
    Formula,
    Kind,
    Literal,
    Reference,
)

DEPTH_MAX: Final = 40
"""Parts within parts that a proof goes down."""

_SIMPLEST: Final[Mapping[Kind, Any]] = {
    Kind.NULL: None,
    Kind.BOOLEAN: False,
    Kind.NUMBER: 0,
    Kind.STRING: "",
    Kind.ARRAY: [],
    Kind.OBJECT: {},
}
_NONE: Final = NoModel()
_OUTERMOST: Final = 2**62


class Search:
    """One search, with all it has found out so far."""

    def __init__(self, formulas: Formulas, budget: Budget) -> None:
        self.formulas: Final = formulas
        self._budget = budget
        self._known: dict[tuple[Kind, Formula], Outcome] = {}
        self._deciding: list[tuple[Kind, frozenset[Formula]]] = []
        self._leaned_on = _OUTERMOST
        self._leaning: dict[tuple[Kind, Formula], int] = {}
        """What has no model as long as the formula at that position of those being decided has none; the last last."""

    def member(self, sets: Iterable[Cases]) -> Outcome:
        """A value that is in all of the sets; of the simplest kind that there is."""
        each = [one.formulas for one in sets]
        why: Open | None = None
        for kind in Kind:
            outcome = self.value(kind, self.formulas.all_of(formulas[kind] for formulas in each))
            match outcome:
                case Model():
                    return outcome
                case Open():
                    why = why or outcome
                case NoModel():
                    pass
        return why or _NONE

    def value(self, kind: Kind, formula: Formula) -> Outcome:
        """A value of the kind that satisfies the formula."""
        formula = self._unfolded(formula)
        if formula is FALSE:
            return _NONE
        if formula is TRUE:
            return Model(_SIMPLEST[kind])
        known = self._known.get((kind, formula))
        if known is not None:
            return known
        leaning = self._leaning.get((kind, formula))
        if leaning is not None:
            self._leaned_on = min(self._leaned_on, leaning)
            return _NONE
        parts = frozenset(parts_of(formula))
        for position, (other_kind, others) in enumerate(self._deciding):
            if other_kind is kind and others <= parts:
                self._leaned_on = min(self._leaned_on, position)
                return _NONE
        if len(self._deciding) >= DEPTH_MAX:
            return Open("the schemas are nested too deep")
        self._budget.spend()
        return self._decide(kind, formula, parts)

    def spend(self, steps: int = 1) -> None:
        """Count so many steps. Raises BudgetSpent when there were too many."""
        self._budget.spend(steps)

    def glance(self, count: int) -> None:
        """Count something much smaller than a step, so many times. Raises BudgetSpent."""
        self._budget.glance(count)

    def _decide(self, kind: Kind, formula: Formula, parts: frozenset[Formula]) -> Outcome:
        position, found_before = len(self._deciding), len(self._leaning)
        before, self._leaned_on = self._leaned_on, _OUTERMOST
        self._deciding.append((kind, parts))
        outcome = self._by_cases(kind, formula)
        self._deciding.pop()
        leaned_on, self._leaned_on = self._leaned_on, before
        within = [self._leaning.popitem() for _ in range(len(self._leaning) - found_before)]
        if isinstance(outcome, Model) or leaned_on >= position:
            self._known[kind, formula] = outcome
            if isinstance(outcome, NoModel):
                self._known.update((each, _NONE) for each, _ in within)
            return outcome
        self._leaned_on = min(before, leaned_on)
        if isinstance(outcome, NoModel):
            self._leaning.update((each, min(position_of, leaned_on)) for each, position_of in reversed(within))
            self._leaning[kind, formula] = leaned_on
        return outcome

    def _by_cases(self, kind: Kind, formula: Formula) -> Outcome:
        """Decide a formula about one value: the atoms by their kind, the disjunctions one case after the other."""
        self._budget.spend()
        propagated = self._propagated(formula)
        if propagated is None:
            return _NONE
        literals, clauses = propagated
        outcome = _DECIDE[kind](self, literals)
        broken = clauses
        if isinstance(outcome, Model):
            broken = [clause for clause in clauses if not holds(self.formulas, clause, outcome.value)]
        if isinstance(outcome, NoModel) or not broken:
            return outcome
        chosen = min(broken, key=lambda clause: len(clause.parts))
        rest: list[Formula] = [*literals, *(clause for clause in clauses if clause is not chosen)]
        why: Open | None = None
        for part in chosen.parts:
            found = self._by_cases(kind, self.formulas.all_of([part, *rest]))
            match found:
                case Model():
                    return found
                case Open():
                    why = why or found
                case NoModel():
                    pass
        return why or _NONE

    def _propagated(self, formula: Formula) -> tuple[list[Literal], list[Either]] | None:
        """Literals and clauses, with references unfolded and clauses shortened by the literals; None if they clash."""
        unfolded: set[Formula] = set()
        while formula is not FALSE:
            literals: dict[Formula, None] = {}
            clauses: list[Either] = []
            references: list[Literal] = []
            for part in parts_of(formula):
                if isinstance(part, Either):
                    clauses.append(part)
                elif isinstance(part, Literal) and isinstance(part.atom, Reference):
                    references.append(part)
                else:
                    literals[part] = None
            shortened = [self._shortened(clause, literals) for clause in clauses]
            targets = [self._target(each) for each in references if each not in unfolded]
            if not targets and all(short is clause for short, clause in zip(shortened, clauses, strict=True)):
                return [each for each in literals if isinstance(each, Literal)], clauses
            unfolded.update(references)
            formula = self.formulas.all_of([*literals, *targets, *shortened])
        return None

    def _unfolded(self, formula: Formula) -> Formula:
        """The formula with what its references stand for, so that it is known again whichever way led to it."""
        while any(isinstance(part, Literal) and isinstance(part.atom, Reference) for part in parts_of(formula)):
            formula = self.formulas.all_of(
                self._target(part) if isinstance(part, Literal) and isinstance(part.atom, Reference) else part
                for part in parts_of(formula)
            )
        return formula

    def _target(self, literal: Literal) -> Formula:
        assert isinstance(literal.atom, Reference)
        formula = self.formulas.unfold(literal.atom)
        return formula if literal.holds else self.formulas.negate(formula)

    def _shortened(self, clause: Either, literals: Mapping[Formula, None]) -> Formula:
        """The clause without the parts that the literals rule out; true when they assure one of them."""
        self._budget.glance(len(clause.parts))
        left = []
        for part in clause.parts:
            if part in literals:
                return TRUE
            if not any(self.formulas.negate(each) in literals for each in parts_of(part)):
                left.append(part)
        return clause if len(left) == len(clause.parts) else self.formulas.any_of(left)


def parts_of(formula: Formula) -> tuple[Formula, ...]:
    """What has to hold for the formula to hold."""
    return formula.parts if isinstance(formula, All) else (formula,)


def _null(search: Search, literals: list[Literal]) -> Outcome:
    return Model(None)


def _boolean(search: Search, literals: list[Literal]) -> Outcome:
    for value in (False, True):
        if all(holds(search.formulas, each, value) for each in literals):
            return Model(value)
    return _NONE


_DECIDE: Final[Mapping[Kind, Callable[[Search, list[Literal]], Outcome]]] = {
    Kind.NULL: _null,
    Kind.BOOLEAN: _boolean,
    Kind.NUMBER: numbers.decide,
    Kind.STRING: strings.decide,
    Kind.ARRAY: decide_array,
    Kind.OBJECT: decide_object,
}
