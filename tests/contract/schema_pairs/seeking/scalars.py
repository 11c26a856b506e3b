"""Numbers, truth values and null that satisfy a leaf, those at its bounds first."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import ceil, floor, gcd, lcm
from typing import Any, Final

from tests.contract.schema_pairs.seeking.goals import Leaf

_STEPS: Final = 12
"""How many multiples beside each bound are tried."""
_PLAIN: Final = tuple(map(Fraction, (0, 1, -1, 2, 3, 10, -2, 5, 7, 100, 1000, -100)))
_BROKEN: Final = tuple(Fraction(number, 20) for number in (10, 30, -10, 2, 5, 1, 50, 22))
NUMBER_MAX: Final = Fraction(10) ** 300
"""Beyond it, not every validator can say what a number is."""


def numbers(leaf: Leaf, *, whole: bool) -> Iterator[int | float]:
    """Integers, or numbers with a fraction, within the bounds of the leaf or just at them."""
    points = [*_bounds(leaf), *_numbers_named(leaf)]
    steps = [step for node in leaf.flat if (step := _fraction(node.get("multipleOf"))) is not None and step > 0]
    # A number that is not to be a multiple is looked for among the multiples of half and third of the step.
    barred = [
        part
        for keyword, node in leaf.duties
        if keyword == "multipleOf" and (part := _fraction(node.get("multipleOf"))) is not None
    ]
    seen: set[Fraction] = set()
    for value in _candidates(points, _common([*steps, Fraction(1)] if whole else steps), barred):
        if value in seen or abs(value) > NUMBER_MAX or (value.denominator == 1) is not whole:
            continue
        seen.add(value)
        yield int(value) if whole else float(value)


def _candidates(points: list[Fraction], step: Fraction | None, barred: list[Fraction]) -> Iterator[Fraction]:
    centres = [*points, Fraction(0)]
    if step is not None:
        for centre in centres:
            nearest = floor(centre / step)
            for distance in range(_STEPS):
                yield (nearest + distance) * step
                yield (nearest - distance) * step
        for part in barred:
            yield step * part.numerator
            yield step * part.denominator
    else:
        for centre in centres:
            yield centre
            for offset in (*_PLAIN, *_BROKEN):
                yield centre + offset
                yield centre - offset
        yield from ((low + high) / 2 for low, high in zip(sorted(points), sorted(points)[1:], strict=False))
        for part in barred:
            yield from (part / 2, part / 3, part * 3 / 2)
    yield from (value + offset for value in (*_PLAIN, *points) for offset in (Fraction(0), Fraction(1, 2)))


def _bounds(leaf: Leaf) -> Iterator[Fraction]:
    for node in (*(node for _, node in leaf.duties), *leaf.flat):
        for keyword in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
            if (bound := _fraction(node.get(keyword))) is not None:
                yield from (bound, Fraction(ceil(bound)), Fraction(floor(bound)))


def _numbers_named(leaf: Leaf) -> Iterator[Fraction]:
    """The largest number that is refused by name: the next one is another."""
    for keyword, node in leaf.duties:
        named = [node.schema[keyword]] if keyword == "const" else node.schema[keyword] if keyword == "enum" else []
        found = [value for part in named if (value := _fraction(part)) is not None]
        if found:
            yield max(found) + 1


def _fraction(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(repr(value))
    return Fraction(number) if number.is_finite() else None


def _common(steps: list[Fraction]) -> Fraction | None:
    """The smallest number that is a multiple of all."""
    if not steps:
        return None
    return reduce(lambda one, other: Fraction(lcm(one.numerator, other.numerator), _gcd(one, other)), steps)


def _gcd(one: Fraction, other: Fraction) -> int:
    return gcd(one.denominator, other.denominator)
