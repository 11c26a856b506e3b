"""Decides a conjunction of atoms about strings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dome_spec.contracts.compatibility.strings.question import (
    TEXT_CHARS_MAX,
    Empty,
    StringQuestion,
    Unknown,
    find,
    several,
)
from dome_spec.contracts.compatibility.subsumption.asking import Asking
from dome_spec.contracts.compatibility.subsumption.formats import FORMATS, NEAR_MISSES
from dome_spec.contracts.compatibility.subsumption.judging import holds
from dome_spec.contracts.compatibility.subsumption.outcome import Model, NoModel, Open, Outcome
from dome_spec.contracts.compatibility.subsumption.terms import (
    Conforms,
    Literal,
    LongerThan,
    Matches,
    Member,
)

GLANCES_A_MOVE: Final = 2
"""How the moves of automata count in the budget of a proof."""
TEXTS_MAX: Final = 16
"""Texts of a language that are tried for a format."""


@dataclass(slots=True)
class _Asked:
    named: set[str] | None = None
    required: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    excluded: set[str] = field(default_factory=set)
    length_min: int = 0
    length_max: int | None = None
    formats: list[str] = field(default_factory=list)
    formats_barred: list[str] = field(default_factory=list)


def decide(search: Asking, literals: list[Literal]) -> Outcome:
    """A string for which all the literals hold."""

    def fits(text: str) -> bool:
        return all(holds(search.formulas, each, text) for each in literals)

    asked = _asked(literals)
    if asked.named is not None:
        text = next((each for each in sorted(asked.named, key=lambda name: (len(name), name)) if fits(each)), None)
        return NoModel() if text is None else Model(text)
    if asked.length_max is not None and asked.length_min > asked.length_max:
        return NoModel()
    if asked.length_min > TEXT_CHARS_MAX:
        return Open(f"texts of more than {TEXT_CHARS_MAX} characters")
    if any(barred in _including(name) for name in asked.formats for barred in asked.formats_barred):
        return NoModel()
    text = next((each for each in _samples(asked) if fits(each)), None)
    return _from_language(search, asked, literals) if text is None else Model(text)


def _asked(literals: list[Literal]) -> _Asked:
    asked = _Asked()
    for literal in literals:
        match literal.atom:
            case Member(values):
                texts = {each for each in values if isinstance(each, str)}
                if not literal.holds:
                    asked.excluded |= texts
                else:
                    asked.named = texts if asked.named is None else asked.named & texts
            case LongerThan(length):
                if literal.holds:
                    asked.length_min = max(asked.length_min, length + 1)
                else:
                    asked.length_max = length if asked.length_max is None else min(asked.length_max, length)
            case Matches(pattern):
                (asked.required if literal.holds else asked.barred).add(pattern)
            case Conforms(name):
                (asked.formats if literal.holds else asked.formats_barred).append(name)
            case _:
                raise AssertionError(literal)
    return asked


def _including(name: str) -> set[str]:
    """The formats that every text of this format has."""
    return {other for other, known in FORMATS.items() if name in known.includes} | {name}


def _samples(asked: _Asked) -> Iterator[str]:
    if asked.required and not asked.formats:
        return
    if not asked.formats:
        yield from (each for each in _PLAIN if asked.length_min <= len(each))
        # So that one of many names is found without looking at all those that are taken.
        taken = len(asked.excluded)
        yield from (f"k{number}".ljust(asked.length_min, "k") for number in range(taken, 2 * taken + 1))
    for name in asked.formats:
        yield from FORMATS[name].samples
    if asked.formats_barred:
        yield from NEAR_MISSES


_PLAIN: Final = ("", "a", "b", "0", "aa")


def _from_language(search: Asking, asked: _Asked, literals: list[Literal]) -> Outcome:
    shapes = {shape for name in asked.formats if (shape := FORMATS[name].shape) is not None}
    kernels = {kernel for name in asked.formats_barred if (kernel := FORMATS[name].kernel) is not None}
    question = StringQuestion(
        required=frozenset(asked.required | shapes),
        barred=frozenset(asked.barred | kernels),
        length_min=asked.length_min,
        length_max=asked.length_max,
        excluded=frozenset(asked.excluded),
    )
    search.spend(1 + len(asked.excluded))
    answer = find(question)
    search.glance(GLANCES_A_MOVE * answer.moves)
    if isinstance(answer, Empty):
        return NoModel()
    if isinstance(answer, Unknown):
        return Open(answer.why)
    if all(holds(search.formulas, each, answer.text) for each in literals):
        return Model(answer.text)
    if asked.formats or asked.formats_barred:
        search.glance(GLANCES_A_MOVE * TEXTS_MAX * answer.moves)
        for text in several(question, TEXTS_MAX):
            if all(holds(search.formulas, each, text) for each in literals):
                return Model(text)
    names = ", ".join(sorted({*asked.formats, *asked.formats_barred})) or "the patterns"
    return Open(f"no text was found for {names} together with the other limits")
