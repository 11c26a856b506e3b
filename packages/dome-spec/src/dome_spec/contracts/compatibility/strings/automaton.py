"""The automaton of one pattern, built as far as it is walked. It reads whole texts, from first character to last."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from dome_spec.contracts.compatibility.strings.alphabet import partition
from dome_spec.contracts.compatibility.strings.ecma import parse
from dome_spec.contracts.compatibility.strings.program import (
    AtBegin,
    AtEnd,
    Fork,
    LookAhead,
    Matched,
    Read,
    Step,
    program,
)
from dome_spec.contracts.compatibility.strings.states import (
    ALWAYS,
    AT_END,
    NEVER,
    REST,
    Both,
    Denied,
    Factor,
    State,
    Term,
    accepts_empty,
    both,
    either,
)

TERMS_MAX: Final = 200_000
"""Most alternatives in all states of one automaton that are built."""
LOOSE_ENDS_MAX: Final = 300_000
"""Most ways to go on without reading a character that are tried in one automaton."""
TERMS_A_MOVE: Final = 4
"""Alternatives of a state that are gone over in the time of one move."""
_KEPT: Final = 512
"""How many automata are kept for the next question."""


class AutomatonTooLarge(Exception):
    """More states would have to be built than is allowed."""

    def __init__(self, pattern: str) -> None:
        super().__init__(f"The pattern {pattern!r:.120} leads to more states than are tried.")


class Automaton:
    """Says which texts one pattern matches somewhere in them. States are numbers, and so are kinds of characters.

    Raises PatternUnsupported where the pattern cannot be read.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        written = program(parse(pattern))
        self._steps = written.steps
        self.size = len(self._steps)
        """How long it takes to read the pattern."""
        self._loose_ends = 0
        self._terms = 0
        sets = [step.members for step in self._steps if isinstance(step, Read)]
        self.partition, self._contained = partition(sets)
        self._after: dict[int, State] = {}
        self._numbers: dict[State, int] = {}
        self._states: list[State] = []
        self._accepting: list[bool] = []
        self._moves: list[dict[int, int]] = []
        self._elsewhere = self._closure(written.start, at_begin=False)
        """The pattern begun anew: at every character but the first. NEVER where it is bound to the beginning."""
        self._always = self._number(ALWAYS)
        self._never = self._number(NEVER)
        self.first = self._number(self._closure(written.start, at_begin=True))

    def step(self, state: int, kind: int) -> int:
        """The state after a character of the kind. Raises AutomatonTooLarge."""
        moves = self._moves[state]
        if kind not in moves:
            moves[kind] = self._number(either(self._read(self._states[state], kind), self._elsewhere))
        return moves[kind]

    def accepts(self, state: int) -> bool:
        """Whether a text that ends here is matched."""
        return self._accepting[state]

    def is_certain(self, state: int) -> bool:
        """Whether every text that goes on from here is known to be matched."""
        return state == self._always

    def is_hopeless(self, state: int) -> bool:
        """Whether no text that goes on from here is known to be matched."""
        return state == self._never and not self._elsewhere

    def weight(self, state: int) -> int:
        """How long it takes to step on from a state, in moves."""
        return 1 + len(self._states[state]) // TERMS_A_MOVE

    def matches(self, text: str) -> bool:
        """Whether the pattern matches somewhere in the text. Raises AutomatonTooLarge."""
        state = self.first
        for character in text:
            state = self.step(state, self.partition.kind(ord(character)))
        return self.accepts(state)

    def _number(self, state: State) -> int:
        number = self._numbers.get(state)
        if number is None:
            number = len(self._states)
            self._terms += 1 + len(state)
            if self._terms > TERMS_MAX:
                raise AutomatonTooLarge(self._pattern)
            self._numbers[state] = number
            self._states.append(state)
            self._accepting.append(accepts_empty(state))
            self._moves.append({})
        return number

    def _read(self, state: State, kind: int) -> State:
        """What is left to be matched after a character of the kind."""
        found: set[Term] = set()
        for term in state:
            if isinstance(term, Both):
                found |= both(self._read_factor(factor, kind) for factor in term.factors)
            elif term == REST:
                return ALWAYS
            elif term >= 0:
                step = self._steps[term]
                if isinstance(step, Read) and kind in self._contained[step.members]:
                    found |= self._closed(step.after)
        return ALWAYS if REST in found else frozenset(found)

    def _read_factor(self, factor: Factor, kind: int) -> Factor:
        if isinstance(factor, Denied):
            return Denied(self._read(factor.state, kind))
        return self._read(factor, kind)

    def _closed(self, index: int) -> State:
        state = self._after.get(index)
        if state is None:
            state = self._after[index] = self._closure(index, at_begin=False)
        return state

    def _closure(self, start: int, *, at_begin: bool) -> State:
        """Where the steps from here lead without a character: to those that read one, or to the end."""
        found: set[Term] = set()
        seen: set[tuple[int, frozenset[Factor]]] = set()
        pending: list[tuple[int, frozenset[Factor]]] = [(start, frozenset())]
        while pending:
            way = pending.pop()
            if way in seen:
                continue
            seen.add(way)
            self._loose_ends += 1
            if self._loose_ends > LOOSE_ENDS_MAX:
                raise AutomatonTooLarge(self._pattern)
            index, conditions = way
            match self._steps[index]:
                case Read():
                    found |= both([frozenset({index}), *conditions]) if conditions else {index}
                case Matched():
                    found |= both(conditions)
                case step:
                    pending.extend(
                        (target, conditions | more) for target, more in self._onward(step, at_begin=at_begin)
                    )
        return ALWAYS if REST in found else frozenset(found)

    def _onward(self, step: Step, *, at_begin: bool) -> Iterator[tuple[int, frozenset[Factor]]]:
        """Where a step that reads nothing leads, and what must hold there."""
        match step:
            case Fork(after):
                for target in after:
                    yield target, frozenset()
            case AtBegin(after):
                if at_begin:
                    yield after, frozenset()
            case AtEnd(after):
                yield after, frozenset({AT_END})
            case LookAhead(body, negated, after):
                ahead = self._closure(body, at_begin=at_begin)
                yield after, frozenset({Denied(ahead) if negated else ahead})


@lru_cache(maxsize=_KEPT)
def automaton(pattern: str) -> Automaton:
    """The automaton of a pattern, with the states that earlier questions have built."""
    return Automaton(pattern)
