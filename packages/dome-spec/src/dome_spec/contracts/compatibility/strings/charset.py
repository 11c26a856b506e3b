"""Sets of characters as intervals of code points. A character is what JSON text can hold: surrogates are none."""

from collections.abc import Iterable
from typing import Final

CharSet = tuple[tuple[int, int], ...]
"""Intervals, both ends included; ordered, and with a gap between any two."""

LAST: Final = 0x10FFFF
_SURROGATES: Final = (0xD800, 0xDFFF)
ALL: Final[CharSet] = ((0, _SURROGATES[0] - 1), (_SURROGATES[1] + 1, LAST))
NONE: Final[CharSet] = ()


def of(*characters: str) -> CharSet:
    """The set of these characters; of two characters joined in one text, all from the first to the second."""
    return union([((ord(text[0]), ord(text[-1])),) for text in characters])


def union(sets: Iterable[CharSet]) -> CharSet:
    """What is in any of the sets."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(interval for members in sets for interval in members):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return intersection(tuple(merged), ALL) if _touches_surrogates(merged) else tuple(merged)


def intersection(first: CharSet, second: CharSet) -> CharSet:
    """What is in both sets."""
    common: list[tuple[int, int]] = []
    left = right = 0
    while left < len(first) and right < len(second):
        low = max(first[left][0], second[right][0])
        high = min(first[left][1], second[right][1])
        if low <= high:
            common.append((low, high))
        if first[left][1] < second[right][1]:
            left += 1
        else:
            right += 1
    return tuple(common)


def complement(members: CharSet) -> CharSet:
    """Every character that is not in the set."""
    gaps: list[tuple[int, int]] = []
    begin = 0
    for low, high in members:
        if begin < low:
            gaps.append((begin, low - 1))
        begin = high + 1
    if begin <= LAST:
        gaps.append((begin, LAST))
    return intersection(tuple(gaps), ALL)


def _touches_surrogates(intervals: Iterable[tuple[int, int]]) -> bool:
    return any(low <= _SURROGATES[1] and high >= _SURROGATES[0] for low, high in intervals)


DIGIT: Final = of("09")
WORD: Final = of("09", "AZ", "_", "az")
SPACE: Final = of("\t\r", " ", "\xa0", "\u1680", "\u2000\u200a", "\u2028\u2029", "\u202f", "\u205f", "\u3000", "\ufeff")
ANY_BUT_NEWLINE: Final = complement(of("\n"))
"""What `.` stands for. ECMA-262 leaves out three more ends of lines; the validator does not."""
