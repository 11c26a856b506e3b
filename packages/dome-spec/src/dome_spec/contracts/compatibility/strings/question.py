"""Is there a text that matches these patterns and not those? Answers with a short and readable one, or with a proof.

All patterns are walked at once, breadth first, through states that are built on the way. Knows no schemas.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Protocol

from dome_spec.contracts.compatibility.strings.alphabet import Letter, Partition, alphabet
from dome_spec.contracts.compatibility.strings.automaton import AutomatonTooLarge, automaton
from dome_spec.contracts.compatibility.strings.syntax import PatternUnsupported
from dome_spec.contracts.compatibility.strings.words import Words

MOVES_MAX: Final = 600_000
"""Most moves of automata that are looked at for one question: half a second of work."""
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
    moves: int = field(default=0, compare=False)
    """What it costs to find out, the same whether it was found out before or not."""


@dataclass(frozen=True, slots=True)
class Empty:
    """Proven: there is no such text."""

    moves: int = field(default=0, compare=False)
    """What it costs to find out, the same whether it was found out before or not."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither found nor disproven."""

    why: str
    moves: int = field(default=0, compare=False)
    """What it costs to find out, the same whether it was found out before or not."""


EMPTY: Final = Empty()
Answer = Found | Empty | Unknown


_States = tuple[int, ...]
"""The state of every reader."""


class Reader(Protocol):
    """Reads a text character by character, and says in the end whether it is one of its texts."""

    first: int
    size: int
    """How long it takes to read what it reads for."""
    partition: Partition

    def step(self, state: int, kind: int) -> int: ...
    def accepts(self, state: int) -> bool: ...
    def is_certain(self, state: int) -> bool: ...
    def is_hopeless(self, state: int) -> bool: ...
    def weight(self, state: int) -> int: ...


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


class _Moves:
    """Counts what a question costs."""

    def __init__(self, moves_max: int) -> None:
        self.made = 0
        self._most = moves_max

    def spend(self, count: int) -> None:
        """Raises _TooMany where there were too many."""
        self.made += count
        if self.made > self._most:
            raise _TooMany


@lru_cache(maxsize=4096)
def find(question: StringQuestion, *, moves_max: int = MOVES_MAX) -> Answer:
    """The shortest text that fits, printable if possible; Empty where there is none; Unknown where that is open."""
    moves = _Moves(moves_max)
    try:
        try:
            return _answer(question, moves)
        except AutomatonTooLarge:
            # What earlier questions have built counts for nothing: each has the same answer whatever was asked before.
            automaton.cache_clear()
            return _answer(question, moves)
    except (PatternUnsupported, AutomatonTooLarge) as error:
        return Unknown(str(error), moves=moves.made)
    except _TooMany:
        return Unknown(f"More than {moves_max} moves of automata were looked at.", moves=moves.made)


def _answer(question: StringQuestion, moves: _Moves) -> Answer:
    moves.made = 0
    length_max = question.length_min if question.length_max is None else question.length_max
    if question.required & question.barred or length_max < question.length_min:
        return EMPTY
    if question.length_min > TEXT_CHARS_MAX:
        return Unknown(f"It would have more than {TEXT_CHARS_MAX} characters.")
    wishes = [_Wish(automaton(pattern), wanted=True) for pattern in sorted(question.required)]
    wishes += [_Wish(automaton(pattern), wanted=False) for pattern in sorted(question.barred)]
    if question.excluded:
        wishes.append(_Wish(Words(question.excluded), wanted=False))
    moves.spend(sum(wish.reader.size for wish in wishes))
    letters = alphabet([wish.reader.partition for wish in wishes], spend=moves.spend)
    plain = [letter for letter in letters if letter.plain]
    for chosen in (plain, letters) if len(plain) < len(letters) else (letters,):
        text = _search(wishes, chosen, question, moves)
        if text is not None:
            return Found(text, moves=moves.made)
    return Empty(moves=moves.made)


def several(question: StringQuestion, count: int) -> list[str]:
    """Up to so many different texts that fit, the shortest first."""
    texts: list[str] = []
    while len(texts) < count:
        answer = find(replace(question, excluded=question.excluded | set(texts)))
        if not isinstance(answer, Found):
            break
        texts.append(answer.text)
    return texts


def _search(wishes: list[_Wish], letters: list[Letter], question: StringQuestion, moves: _Moves) -> str | None:
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
            moves.spend(len(letters) * _weight(wishes, states))
            for letter in letters:
                target = _step(wishes, states, letter)
                key = target, min(length, question.length_min)
                if key in seen or _lost(wishes, target):
                    continue
                seen.add(key)
                trail.append((number, letter.character))
                following.append((target, len(trail) - 1))
        level = following
    return None


def _step(wishes: list[_Wish], states: _States, letter: Letter) -> _States:
    return tuple(
        [wish.reader.step(state, kind) for wish, state, kind in zip(wishes, states, letter.kinds, strict=True)]
    )


def _weight(wishes: list[_Wish], states: _States) -> int:
    return sum(wish.reader.weight(state) for wish, state in zip(wishes, states, strict=True))


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
