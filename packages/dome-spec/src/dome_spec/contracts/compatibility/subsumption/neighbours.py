"""Which parts of a formula speak of the same property or item as another formula does.

Where those few leave no model, all of them together leave none. Most statements of a large object are settled so, with
no look at the other thousand.
"""

from collections.abc import Hashable, Iterable

from dome_spec.contracts.compatibility.subsumption.terms import At, Formula, Has, Literal, Property


class Neighbours:
    """The parts of one formula, by what they speak of."""

    def __init__(self, parts: Iterable[Formula]) -> None:
        self._by_subject: dict[Hashable, list[Formula]] = {}
        for part in parts:
            subject = _subject(part)
            if subject is not None:
                self._by_subject.setdefault(subject, []).append(part)

    def of(self, formula: Formula) -> list[Formula]:
        """The parts that speak of what the formula speaks of; none where that is not one property or item."""
        return self._by_subject.get(_subject(formula), [])


def _subject(formula: Formula) -> Hashable:
    if isinstance(formula, Literal):
        match formula.atom:
            case Has(name) | Property(name):
                return name
            case At(index):
                return index
            case _:
                return None
    return None
