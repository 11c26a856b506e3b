"""The automaton of a finite set of words: tells them from everything else. For texts that are not wanted."""

from collections.abc import Iterable
from typing import Final

from dome_spec.contracts.compatibility.strings.alphabet import partition
from dome_spec.contracts.compatibility.strings.charset import of

_NO_WORD: Final = 0
"""The state from which no word is reached."""


class Words:
    """Says which texts are words. States are numbers, and so are kinds of characters."""

    def __init__(self, words: Iterable[str]) -> None:
        listed = sorted(words)
        characters = sorted({character for word in listed for character in word})
        self.partition, contained = partition([of(character) for character in characters])
        kinds = {character: next(iter(contained[of(character)])) for character in characters}
        self.first = 1
        self._moves: list[dict[int, int]] = [{}, {}]
        self._ends: set[int] = set()
        self.size = sum(map(len, listed))
        for word in listed:
            state = self.first
            for character in word:
                state = self._moves[state].setdefault(kinds[character], len(self._moves))
                if state == len(self._moves):
                    self._moves.append({})
            self._ends.add(state)

    def step(self, state: int, kind: int) -> int:
        """The state after a character of the kind."""
        return self._moves[state].get(kind, _NO_WORD)

    def weight(self, state: int) -> int:
        """How long it takes to step on from a state."""
        return 1

    def accepts(self, state: int) -> bool:
        """Whether a text that ends here is a word."""
        return state in self._ends

    def is_certain(self, state: int) -> bool:
        """Never: words are finite."""
        return False

    def is_hopeless(self, state: int) -> bool:
        """Whether no text that goes on from here is a word."""
        return state == _NO_WORD
