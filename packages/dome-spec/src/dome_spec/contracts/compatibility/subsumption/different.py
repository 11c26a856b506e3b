"""Many values that are different from each other, quickly: one is found, and others are made like it.

Finds them or does not; that it does not proves nothing.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, product
from typing import Any, Final

from dome_spec.contracts.compatibility.equality import identity
from dome_spec.contracts.compatibility.subsumption.asking import Asking
from dome_spec.contracts.compatibility.subsumption.judging import belongs
from dome_spec.contracts.compatibility.subsumption.outcome import Model
from dome_spec.contracts.compatibility.subsumption.terms import Cases, Kind

FAILURES_MAX: Final = 40
"""Values in a row that do not belong, before no more of their sort are made."""

_LETTERS: Final = ("abcdefghjk", "ABCDEFGHJK", "0123456789")
"""Characters that stand for each other, as patterns have them."""
_VARIED_MAX: Final = 4
"""Characters at the end of a text that are varied."""

Fits = Callable[[Any], bool]
PutBack = Callable[[Any], Any]
"""The whole with another part in one place."""


def different(search: Asking, goals: Sequence[Sequence[Cases]]) -> list[Any] | None:
    """A value for each goal, in all of its sets, no two equal; None where they were not found."""
    pools: dict[tuple[Cases, ...], Iterator[Any]] = {}
    used: set[Hashable] = set()
    found = []
    for goal in goals:
        key = tuple(goal)
        if key not in pools:
            pools[key] = _pool(search, key)
        value = next((each for each in pools[key] if identity(each) not in used), _NOTHING)
        if value is _NOTHING:
            return None
        used.add(identity(value))
        found.append(value)
    return found


_NOTHING: Final = object()


def _pool(search: Asking, goal: tuple[Cases, ...]) -> Iterator[Any]:
    def fits(value: Any) -> bool:
        search.spend()
        return all(belongs(search.formulas, values, value) for values in goal)

    for kind in Kind:
        first = search.value(kind, search.formulas.all_of(values.formulas[kind] for values in goal))
        if isinstance(first, Model):
            yield first.value
            yield from _like(first.value, fits)


def _like(value: Any, fits: Fits) -> Iterator[Any]:
    """Values that fit and are like this one, each a little different."""
    match value:
        case bool() | None:
            return
        case str():
            yield from _fitting(_texts_like(value, fits), fits)
            yield from _fitting(_texts_from(value), fits)
        case int() | float():
            yield from _fitting((value + step for step in count(1)), fits)
            yield from _fitting((value - step for step in count(1)), fits)
        case list():
            yield from _in_turn([(part, _item(value, at)) for at, part in enumerate(value)], fits)
            yield from _fitting(([*value, number] for number in count()), fits)
        case dict():
            yield from _in_turn([(part, _member(value, name)) for name, part in value.items()], fits)
            yield from _fitting(({**value, f"k{number}": None} for number in count()), fits)


def _fitting(values: Iterable[Any], fits: Fits) -> Iterator[Any]:
    failures = 0
    for value in values:
        if fits(value):
            failures = 0
            yield value
        else:
            failures += 1
            if failures >= FAILURES_MAX:
                return


def _texts_like(text: str, fits: Fits) -> Iterator[str]:
    """Texts of the same length, with other characters of the same sort at the end, each of which fits by itself."""
    first = max(len(text) - _VARIED_MAX, 0)
    alphabets = [
        [each for each in _sort_of(text[at]) if each == text[at] or fits(text[:at] + each + text[at + 1 :])]
        for at in range(first, len(text))
    ]
    for at in reversed(range(first, len(text))):
        yield from (text[:at] + "".join(tail) for tail in product(*alphabets[at - first :]))


def _texts_from(text: str) -> Iterator[str]:
    """Longer texts that begin with this one."""
    letters = _sort_of(text[-1:])
    for more in range(1, _VARIED_MAX + 1):
        yield from (text + "".join(tail) for tail in product(letters, repeat=more))


def _sort_of(character: str) -> str:
    return next((letters for letters in _LETTERS if character in letters), character)


def _in_turn(parts: list[tuple[Any, PutBack]], fits: Fits) -> Iterator[Any]:
    """The whole with one of its parts a little different: each part in turn."""
    ways = [(_like(part, partial(_fits_put_back, fits, put_back)), put_back) for part, put_back in parts]
    while ways:
        left = []
        for values, put_back in ways:
            value = next(values, _NOTHING)
            if value is not _NOTHING:
                yield put_back(value)
                left.append((values, put_back))
        ways = left


def _fits_put_back(fits: Fits, put_back: PutBack, part: Any) -> bool:
    return fits(put_back(part))


def _member(value: dict[str, Any], name: str) -> PutBack:
    return lambda part: {**value, name: part}


def _item(value: list[Any], at: int) -> PutBack:
    return lambda part: [*value[:at], part, *value[at + 1 :]]
