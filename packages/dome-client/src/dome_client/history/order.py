"""The places of events: gaps, repetitions and events that stand where others belong. Knows numbers only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

SHOWN_MAX: Final = 10
"""Most faults that are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """What one event covers."""

    seq: int
    last_seq: int

    @classmethod
    def unreadable(cls) -> Self:
        """An event that cannot be read. It has a place, and no number."""
        return cls(0, 0)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    message: str
    seqs: Sequence[int]
    """First numbers of the events that it is about; none where there are more than can be told."""


def faults(spans: Sequence[Span]) -> list[Fault]:
    """What is wrong with events that are stored in this order."""
    found = [*_missing(spans), *_misplaced(spans)]
    if len(found) > SHOWN_MAX:
        return [*found[:SHOWN_MAX], Fault(f"{len(found) - SHOWN_MAX} more faults of order are not told.", ())]
    return found


def _missing(spans: Sequence[Span]) -> Iterator[Fault]:
    """Numbers that no event covers, and numbers that several do. One that cannot be read may have been any of them."""
    readable = sorted(span for span in spans if span.seq)
    unreadable = len(spans) - len(readable)
    for before, after in pairwise([Span(0, 0), *readable]):
        if after.seq <= before.last_seq:
            yield Fault(
                f"The numbers {after.seq} to {min(before.last_seq, after.last_seq)} are there twice.", [after.seq]
            )
        elif after.seq > before.last_seq + 1 and unreadable == 0:
            yield Fault(f"{_numbers(before.last_seq + 1, after.seq - 1)} missing.", [before.last_seq + 1])


def _misplaced(spans: Sequence[Span]) -> Iterator[Fault]:
    """Events that stand in the place of others."""
    readable = [span for span in spans if span.seq]
    for there, here in zip(readable, sorted(readable), strict=True):
        if there != here:
            yield Fault(f"Event {there.seq} stands where event {here.seq} belongs.", [there.seq])


def _numbers(first: int, last: int) -> str:
    return f"Event {first} is" if first == last else f"The events {first} to {last} are"
