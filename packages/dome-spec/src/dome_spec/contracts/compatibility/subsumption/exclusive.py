"""Sees that formulas exclude each other by a value that tells them apart, as the branches of a `oneOf` mostly do.

Exactly one of such formulas holds when any of them does, which spares a formula for each pair. Says no where it cannot
tell at a glance.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from dome_spec.contracts.compatibility.subsumption.terms import (
    FALSE,
    All,
    Cases,
    Formula,
    Has,
    Kind,
    Literal,
    Member,
    Property,
)


def exclude_each_other(formulas: Sequence[Formula]) -> bool:
    """Whether it is plain that no value satisfies two of the formulas, all of one kind."""
    told = [_told_by(formula) for formula in formulas]
    shared = set.intersection(*(set(each) for each in told)) if told else set()
    return any(_disjoint(each[name] for each in told) for name in sorted(shared, key=str))


def _told_by(formula: Formula) -> dict[str | None, frozenset[object]]:
    """The values to which the formula holds a required property, by its name; those of the value itself under None."""
    parts = formula.parts if isinstance(formula, All) else (formula,)
    atoms = [part.atom for part in parts if isinstance(part, Literal) and part.holds]
    required = {atom.name for atom in atoms if isinstance(atom, Has)}
    found: dict[str | None, frozenset[object]] = {}
    for atom in atoms:
        if isinstance(atom, Member):
            found[None] = frozenset(atom.values)
        elif isinstance(atom, Property) and atom.name in required:
            values = _listed(atom.values)
            if values is not None:
                found[atom.name] = values
    return found


def _listed(values: Cases) -> frozenset[object] | None:
    """The numbers and texts of a set that holds nothing else."""
    found: set[Fraction | str] = set()
    for kind, formula in zip(Kind, values.formulas, strict=True):
        if formula is FALSE:
            continue
        if kind not in (Kind.NUMBER, Kind.STRING) or not isinstance(formula, Literal):
            return None
        if not isinstance(formula.atom, Member) or not formula.holds:
            return None
        found |= formula.atom.values
    return frozenset(found)


def _disjoint(sets: Iterable[frozenset[object]]) -> bool:
    seen: set[object] = set()
    for each in sets:
        if not seen.isdisjoint(each):
            return False
        seen |= each
    return True
