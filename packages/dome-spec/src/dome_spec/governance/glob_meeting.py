"""Whether two patterns of paths have a path in common, and which. Exact, for the patterns of `globs`.

Both patterns are read as automata and walked side by side; a shortest common path is found first.
"""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from dome_spec.governance.globs import pieces

_SLASH: Final = "/"
_OTHERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789_"


def common_path(one: str, other: str) -> str | None:
    """A shortest path within a repository that both patterns match, None where there is none."""
    return _common_path(*sorted((one, other)))


@lru_cache(maxsize=4096)
def _common_path(one: str, other: str) -> str | None:
    first, second = _Automaton(one), _Automaton(other)
    # The last member says whether a part of the path has yet to begin: no part is empty.
    start = (first.closed(0), second.closed(0), True)
    seen, waiting = {start}, deque([(start, "")])
    while waiting:
        (left, right, begins), path = waiting.popleft()
        if first.end in left and second.end in right and not begins:
            return path
        for symbol in _symbols(first.named(left) | second.named(right), begins=begins):
            following = (first.after(left, symbol), second.after(right, symbol), symbol == _SLASH)
            if following[0] and following[1] and following not in seen:
                seen.add(following)
                waiting.append((following, path + symbol))
    return None


def _symbols(named: set[str], *, begins: bool) -> Iterator[str]:
    """Characters worth trying: the named ones, one that is not named, and a slash where one may stand."""
    yield from sorted(named - {_SLASH})
    yield next(each for each in _OTHERS if each not in named)
    if not begins:
        yield _SLASH


class _Automaton:
    """A pattern as a row of pieces. State 2n: n pieces are behind. State 2n + 1: within a part that piece n takes."""

    def __init__(self, glob: str) -> None:
        self._pieces = tuple(_single(glob))
        self.end = 2 * len(self._pieces)

    def closed(self, *states: int) -> frozenset[int]:
        """The states with those that are reached without a character."""
        found, waiting = set[int](), list(states)
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                if state % 2 == 0 and self._piece(state) in {"*", "**", "**/"}:
                    waiting.append(state + 2)
        return frozenset(found)

    def after(self, states: frozenset[int], symbol: str) -> frozenset[int]:
        """The states after a character."""
        return self.closed(*(each for state in states for each in self._next(state, symbol)))

    def named(self, states: frozenset[int]) -> set[str]:
        """The characters that the next pieces name."""
        return {piece for state in states if len(piece := self._piece(state)) == 1 and piece not in "*?"}

    def _piece(self, state: int) -> str:
        return self._pieces[state // 2] if state < self.end else ""

    def _next(self, state: int, symbol: str) -> Iterator[int]:
        piece, is_slash = self._piece(state), symbol == _SLASH
        match piece:
            case "**":
                yield state
            case "**/":
                if is_slash and state % 2 == 1:
                    yield state - 1
                elif not is_slash:
                    yield state | 1
            case "*":
                if not is_slash:
                    yield state
            case "?":
                if not is_slash:
                    yield state + 2
            case _:
                if piece == symbol:
                    yield state + 2


def _single(glob: str) -> Iterator[str]:
    """The pieces, text as single characters."""
    for piece in pieces(glob):
        if piece in {"*", "**", "?", "**/"}:
            yield piece
        else:
            yield from piece
