"""Texts that satisfy a leaf: of its lengths, patterns and formats, and outside of those it has to violate."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from dome_spec.contracts.compatibility.strings.question import StringQuestion, several
from tests.contract.schema_pairs.seeking.goals import Leaf
from tests.contract.schema_pairs.seeking.samples import SPOILT, of_formats

LENGTH_MAX: Final = 20_000
"""A document with a longer text shows nobody anything."""
TEXTS_MAX: Final = 8
"""How many texts are asked for at once."""


def texts(leaf: Leaf) -> Iterator[str]:
    """Texts that are likely to satisfy the leaf, plain ones first."""
    shortest = max([0, *_flat(leaf, "minLength"), *(length + 1 for length in _duty(leaf, "maxLength"))])
    longest = min([LENGTH_MAX, *_flat(leaf, "maxLength"), *(length - 1 for length in _duty(leaf, "minLength"))])
    if shortest > longest:
        return
    excluded = frozenset(_named(leaf))
    required, barred = frozenset(_flat(leaf, "pattern")), frozenset(_duty(leaf, "pattern"))
    formats = tuple(sorted({*_flat(leaf, "format"), *_duty(leaf, "format")}))
    plain = _plain(shortest, longest)
    if formats:
        spoilt = SPOILT if _duty(leaf, "format") else ()
        pool = (*spoilt, *of_formats(formats), *SPOILT)
        yield from (text for text in pool if shortest <= len(text) <= longest and text not in excluded)
    elif not (required or barred):
        yield from (text for text in islice(plain, TEXTS_MAX + len(excluded)) if text not in excluded)
        return
    if required or barred:
        bound = None if longest == LENGTH_MAX else longest
        question = StringQuestion(required, barred, shortest, bound, excluded)
        # One is enough most of the time, and each costs a search.
        yield from several(question, 1)
        yield from several(question, TEXTS_MAX)
    else:
        yield from islice(plain, TEXTS_MAX)


def _plain(shortest: int, longest: int) -> Iterator[str]:
    """Texts of the shortest length that tells them apart, then a few longer ones."""
    yield "a" * shortest
    for number in range(1, 200):
        text = _word(number)
        if len(text) < shortest:
            text = "a" * (shortest - len(text)) + text
        if len(text) <= longest:
            yield text
    yield "a" * longest


def _word(number: int) -> str:
    letters = ""
    while number >= 0:
        letters = chr(ord("a") + number % 26) + letters
        number = number // 26 - 1
    return letters


def _flat(leaf: Leaf, keyword: str) -> list[Any]:
    return [value for node in leaf.flat if (value := node.get(keyword)) is not None]


def _duty(leaf: Leaf, keyword: str) -> list[Any]:
    return [node.schema[keyword] for name, node in leaf.duties if name == keyword]


def _named(leaf: Leaf) -> Iterator[str]:
    for value in (*_duty(leaf, "const"), *(part for parts in _duty(leaf, "enum") for part in parts)):
        if isinstance(value, str):
            yield value
