"""Characters that nothing tells apart, taken together: few kinds instead of a million characters."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Final

from dome_spec.contracts.compatibility.strings.charset import ALL, LAST, CharSet

_PREFERRED: Final = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/@+,;=#%&*!?~$^|()[]{}<>'\"`\\ "
"""Printable characters in the order in which a reader likes to see them."""
_GLANCES_A_MOVE: Final = 4
"""Characters whose kind is looked up in the time of one move of an automaton."""
_PROBES_MAX: Final = 256
"""Most characters of one interval that are looked at for one that can be printed."""


@dataclass(frozen=True, eq=False)
class Partition:  # without slots, because what is derived from it is kept with it
    """Which kind each character is of. Kinds are numbers from 0 without gaps."""

    starts: Sequence[int]
    """Where an interval of one kind begins; the first is 0."""
    kinds: Sequence[int]

    def kind(self, code: int) -> int:
        """The kind of a character."""
        return self.kinds[bisect_right(self.starts, code) - 1]

    def kinds_of(self, codes: Iterable[int]) -> list[int]:
        """The kinds of several characters."""
        starts, kinds = self.starts, self.kinds
        return [kinds[bisect_right(starts, code) - 1] for code in codes]

    @cached_property
    def preferred(self) -> list[int]:
        """The kinds of the characters that a reader likes to see."""
        return self.kinds_of(map(ord, _PREFERRED))


def partition(sets: Iterable[CharSet]) -> tuple[Partition, dict[CharSet, frozenset[int]]]:
    """The coarsest partition that every set is a union of kinds in, and those kinds."""
    distinct = list(dict.fromkeys(sets))
    changes: dict[int, int] = {0: 0}
    for number, members in enumerate(distinct):
        for low, high in members:
            changes[low] = changes.get(low, 0) ^ (1 << number)
            changes[high + 1] = changes.get(high + 1, 0) ^ (1 << number)
    starts = sorted(start for start in changes if start <= LAST)
    signature, numbers, kinds = 0, dict[int, int](), []
    for start in starts:
        signature ^= changes[start]
        kinds.append(numbers.setdefault(signature, len(numbers)))
    contained = {
        members: frozenset(kind for mask, kind in numbers.items() if mask >> number & 1)
        for number, members in enumerate(distinct)
    }
    return Partition(starts, kinds), contained


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind of character to several readers at once, with the character that stands for it."""

    character: str
    kinds: tuple[int, ...]
    """The kind to each reader."""
    plain: bool
    """Whether the character is printable ASCII."""


def alphabet(readers: Sequence[Partition], *, spend: Callable[[int], None]) -> list[Letter]:
    """What the readers together tell apart; the most pleasant to read first. The work is counted before it is done."""
    starts = sorted({start for reader in readers for start in reader.starts} | {low for low, _ in ALL})
    spend((len(starts) + len(_PREFERRED)) * max(len(readers), 1) // _GLANCES_A_MOVE)
    intervals: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    following = [*starts[1:], LAST + 1]
    for start, end, kinds in zip(
        starts, following, _columns([each.kinds_of(starts) for each in readers]), strict=False
    ):
        if any(low <= start <= high for low, high in ALL):
            intervals.setdefault(kinds, []).append((start, end - 1))
    letters = []
    for character, kinds in zip(_PREFERRED, _columns([each.preferred for each in readers]), strict=False):
        if intervals.pop(kinds, None):
            letters.append(Letter(character, kinds, plain=True))
    others = [Letter(_most_readable(found), kinds, plain=False) for kinds, found in intervals.items()]
    return letters + sorted(others, key=lambda letter: (not letter.character.isprintable(), letter.character))


def _columns(kinds: Sequence[Sequence[int]]) -> Iterable[tuple[int, ...]]:
    """For each character its kind to every reader; without readers, all are alike."""
    return zip(*kinds, strict=True) if kinds else repeat(())


def _most_readable(intervals: Iterable[tuple[int, int]]) -> str:
    """A character of the intervals: a letter rather than something else that can be printed, rather than anything."""
    tests: tuple[Callable[[str], bool], ...] = (str.isalpha, str.isprintable)
    candidates = [chr(code) for low, high in intervals for code in range(low, min(high, low + _PROBES_MAX) + 1)]
    for test in tests:
        for character in candidates:
            if test(character):
                return character
    return candidates[0]
