"""Decides a conjunction of atoms about numbers, exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Final

from dome_spec.contracts.compatibility.subsumption.asking import Asking
from dome_spec.contracts.compatibility.subsumption.judging import holds
from dome_spec.contracts.compatibility.subsumption.outcome import Model, NoModel, Open, Outcome
from dome_spec.contracts.compatibility.subsumption.scalars import written
from dome_spec.contracts.compatibility.subsumption.terms import (
    Above,
    AtLeast,
    Literal,
    Member,
    MultipleOf,
)

TRIES_MAX: Final = 512
"""Numbers that are tried before a question about numbers is left open."""


@dataclass(slots=True)
class _Range:
    low: Fraction | None = None
    high: Fraction | None = None
    low_excluded: bool = False
    high_excluded: bool = False

    def raise_to(self, limit: Fraction, *, excluded: bool) -> None:
        if self.low is None or (limit, excluded) > (self.low, self.low_excluded):
            self.low, self.low_excluded = limit, excluded

    def lower_to(self, limit: Fraction, *, excluded: bool) -> None:
        if self.high is None or (limit, not excluded) < (self.high, not self.high_excluded):
            self.high, self.high_excluded = limit, excluded

    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_excluded or self.high_excluded))


def decide(search: Asking, literals: list[Literal]) -> Outcome:
    """A number for which all the literals hold."""
    named = next((each.atom.values for each in literals if isinstance(each.atom, Member) and each.holds), None)
    if named is not None:
        return _first(
            search, literals, iter(sorted(each for each in named if isinstance(each, Fraction))), complete=True
        )
    within = _range(literals)
    if within.empty():
        return NoModel()
    step = _step(literals)
    if step is None:
        complete = within.low is not None and within.low == within.high
        return _first(search, literals, _dense(within), complete=complete)
    barred = [each.atom.step for each in literals if isinstance(each.atom, MultipleOf) and not each.holds]
    if any((step / each).denominator == 1 for each in barred):
        return NoModel()
    return _first(search, literals, _grid(within, step), complete=_count(within, step) <= TRIES_MAX)


def _range(literals: list[Literal]) -> _Range:
    within = _Range()
    for literal in literals:
        match literal.atom:
            case AtLeast(limit):
                if literal.holds:
                    within.raise_to(limit, excluded=False)
                else:
                    within.lower_to(limit, excluded=True)
            case Above(limit):
                if literal.holds:
                    within.raise_to(limit, excluded=True)
                else:
                    within.lower_to(limit, excluded=False)
            case _:
                pass
    return within


def _step(literals: list[Literal]) -> Fraction | None:
    """The least common multiple of all steps that are asked for."""
    found: Fraction | None = None
    for literal in literals:
        if isinstance(literal.atom, MultipleOf) and literal.holds:
            step = literal.atom.step
            if found is None:
                found = step
            else:
                whole = lcm(found.numerator * step.denominator, step.numerator * found.denominator)
                found = Fraction(whole, found.denominator * step.denominator)
    return found


def _bounds(within: _Range, step: Fraction) -> tuple[int | None, int | None]:
    """The first and the last multiple of the step in the range, counted in steps."""
    first = last = None
    if within.low is not None:
        first = floor(within.low / step) + 1 if within.low_excluded else ceil(within.low / step)
    if within.high is not None:
        last = ceil(within.high / step) - 1 if within.high_excluded else floor(within.high / step)
    return first, last


def _count(within: _Range, step: Fraction) -> int:
    first, last = _bounds(within, step)
    return 2 * TRIES_MAX if first is None or last is None else max(0, last - first + 1)


def _grid(within: _Range, step: Fraction) -> Iterator[Fraction]:
    """Multiples of the step in the range, those near zero first where the range allows."""
    first, last = _bounds(within, step)
    if first is not None and (first >= 0 or last is not None):
        count = TRIES_MAX if last is None else min(TRIES_MAX, last - first + 1)
        order: Iterator[int] = iter(range(first, first + count))
        if last is not None and first < 0 <= last:
            order = iter(sorted(order, key=abs))
    elif last is not None and last <= 0:
        order = iter(range(last, last - TRIES_MAX, -1))
    else:
        order = (sign * each for each in range(TRIES_MAX) for sign in (1, -1))
    for each in order:
        yield each * step


def _dense(within: _Range) -> Iterator[Fraction]:
    """Some numbers of a range that has more than one can list: its ends, whole numbers, and fractions between."""
    low, high = within.low, within.high
    if low is None and high is None:
        low, high = Fraction(0), Fraction(16)
    elif low is None and high is not None:
        low = min(Fraction(0), high) - 16
    elif high is None and low is not None:
        high = max(Fraction(0), low) + 16
    assert low is not None and high is not None
    yield from (low, high, low + Fraction(1, 2), high - Fraction(1, 2))
    yield from (Fraction(each) for each in range(ceil(low), min(floor(high), ceil(low) + 64) + 1))
    for parts in (2, 4, 5, 8, 10, 3, 7, 16, 100):
        for part in range(1, min(parts, 16)):
            between = low + (high - low) * Fraction(part, parts)
            yield between
            nearest = Fraction(str(float(between))) if abs(between) < 2**1000 else between
            yield nearest


def _first(search: Asking, literals: list[Literal], candidates: Iterator[Fraction], *, complete: bool) -> Outcome:
    skipped = not complete
    for candidate in candidates:
        number = written(candidate)
        if number is None:
            skipped = True
        elif all(holds(search.formulas, each, number) for each in literals):
            return Model(number)
    return Open("no number was found that satisfies these limits") if skipped else NoModel()
