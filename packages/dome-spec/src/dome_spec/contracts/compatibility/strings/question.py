"""Is there a text that matches these patterns and not those? Answers with a short and readable one, or with a proof.

All patterns are walked at once, breadth first, through states that are built on the way. Knows no schemas.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Protocol

from dome_spec.contracts.compatibility.strings.alphabet import Letter, Partition, alphabet
from dome_spec.contracts.compatibility.strings.automaton import AutomatonTooLarge, automaton
from dome_spec.contracts.compatibility.strings.syntax import PatternUnsupported
from dome_spec.contracts.compatibility.strings.words import Words

LIMIT: Final = 20_000
"""Most combinations of states that are looked at for one question."""
TEXT_CHARS_MAX: Final = 100_000
"""Longest text that is made."""


@dataclass(frozen=True, slots=True)
class StringQuestion:
    """What a text should be like. Lengths count characters, as JSON Schema does."""

    required: frozenset[str] = frozenset()
    """Patterns that it matches, every one."""
    barred: frozenset[str] = frozenset()
    """Patterns of which it matches none."""
    length_min: int = 0
    length_max: int | None = None
    excluded: frozenset[str] = frozenset()
    """Texts that are not wanted."""


@dataclass(frozen=True, slots=True)
class Found:
    """There is such a text, and this is one."""

    text: str


@dataclass(frozen=True, slots=True)
class Empty:
    """Proven: there is no such text."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither found nor disproven."""

    why: str


EMPTY: Final = Empty()
Answer = Found | Empty | Unknown


_States = tuple[int, ...]
"""The state of every reader."""


class Reader(Protocol):
    """Reads a text character by character, and says in the end whether it is one of its texts."""

    first: int
    partition: Partition

    def step(self, state: int, kind: int) -> int: ...
    def accepts(self, state: int) -> bool: ...
    def is_certain(self, state: int) -> bool: ...
    def is_hopeless(self, state: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Wish:
    """A reader, and whether the text should be one of its texts."""

    reader: Reader
    wanted: bool

    def holds(self, state: int) -> bool:
        return self.reader.accepts(state) is self.wanted

    def is_settled(self, state: int) -> bool:
        return self.reader.is_certain(state) if self.wanted else self.reader.is_hopeless(state)

    def is_lost(self, state: int) -> bool:
        return self.reader.is_hopeless(state) if self.wanted else self.reader.is_certain(state)


class _TooMany(Exception):
    """The limit of a question is reached."""


@lru_cache(maxsize=4096)
def find(question: StringQuestion, *, limit: int = LIMIT) -> Answer:
    """The shortest text that fits, printable if possible; EMPTY where there is none; Unknown where that is open."""
    length_max = question.length_min if question.length_max is None else question.length_max
    if question.required & question.barred or length_max < question.length_min:
        return EMPTY
    if question.length_min > TEXT_CHARS_MAX:
        return Unknown(f"It would have more than {TEXT_CHARS_MAX} characters.")
    try:
        wishes = [_Wish(automaton(pattern), wanted=True) for pattern in sorted(question.required)]
        wishes += [_Wish(automaton(pattern), wanted=False) for pattern in sorted(question.barred)]
        if question.excluded:
            wishes.append(_Wish(Words(question.excluded), wanted=False))
        letters = alphabet([wish.reader.partition for wish in wishes])
        plain = [letter for letter in letters if letter.plain]
        for chosen in (plain, letters) if len(plain) < len(letters) else (letters,):
            text = _search(wishes, chosen, question, limit)
            if text is not None:
                return Found(text)
    except (PatternUnsupported, AutomatonTooLarge) as error:
        return Unknown(str(error))
    except _TooMany:
        return Unknown(f"More than {limit} combinations of states were looked at.")
    return EMPTY


def several(question: StringQuestion, count: int, *, limit: int = LIMIT) -> list[str]:
    """Up to so many different texts that fit, the shortest first."""
    texts: list[str] = []
    while len(texts) < count:
        answer = find(replace(question, excluded=question.excluded | set(texts)), limit=limit)
        if not isinstance(answer, Found):
            break
        texts.append(answer.text)
    return texts


def contains(wider: Iterable[str], narrower: Iterable[str], *, limit: int = LIMIT) -> bool | None:
    """Whether every text that matches all `narrower` patterns matches all `wider` ones too; None where not settled."""
    required = frozenset(narrower)
    answers = [find(StringQuestion(required, frozenset({pattern})), limit=limit) for pattern in wider]
    if any(isinstance(answer, Found) for answer in answers):
        return False
    return None if any(isinstance(answer, Unknown) for answer in answers) else True


def _search(wishes: list[_Wish], letters: list[Letter], question: StringQuestion, limit: int) -> str | None:
    """The first text that fits, by length and then by the order of the letters. Raises _TooMany, AutomatonTooLarge."""
    first = tuple(wish.reader.first for wish in wishes)
    trail: list[tuple[int, str]] = [(-1, "")]
    level = [] if _lost(wishes, first) else [(first, 0)]
    seen = set[tuple[tuple[int, ...], int]]()
    length = 0
    while level:
        for states, number in level:
            missing = question.length_min - length
            if missing <= 0 and _fits(wishes, states):
                return _text(trail, number)
            if missing > 0 and letters and _settled(wishes, states):
                # Whatever follows is welcome, so it need not be looked for.
                return _text(trail, number) + letters[0].character * missing
        if length == question.length_max:
            return None
        length += 1
        following = []
        for states, number in level:
            for letter in letters:
                target = _step(wishes, states, letter)
                key = target, min(length, question.length_min)
                if key in seen or _lost(wishes, target):
                    continue
                seen.add(key)
                trail.append((number, letter.character))
                following.append((target, len(trail) - 1))
            if len(seen) > limit:
                raise _TooMany
        level = following
    return None


def _step(wishes: list[_Wish], states: _States, letter: Letter) -> _States:
    return tuple(
        [wish.reader.step(state, kind) for wish, state, kind in zip(wishes, states, letter.kinds, strict=True)]
    )


def _fits(wishes: list[_Wish], states: _States) -> bool:
    return all(wish.holds(state) for wish, state in zip(wishes, states, strict=True))


def _settled(wishes: list[_Wish], states: _States) -> bool:
    return all(wish.is_settled(state) for wish, state in zip(wishes, states, strict=True))


def _lost(wishes: list[_Wish], states: _States) -> bool:
    return any(wish.is_lost(state) for wish, state in zip(wishes, states, strict=True))


def _text(trail: list[tuple[int, str]], number: int) -> str:
    characters = []
    while number >= 0:
        number, character = trail[number]
        characters.append(character)
    return "".join(reversed(characters))
