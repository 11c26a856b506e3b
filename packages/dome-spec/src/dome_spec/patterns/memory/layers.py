"""Layers of memory: what a higher one says goes before, and only the highest may permit anything. Pure.

    policy > repository > run > episodic

Of entries with one key the highest layer counts, in it the newest. What lower layers say of it is kept beside, as
advice. An entry below `policy` that means to permit something is taken for advice, and that is said: what was learnt,
or what a model wrote down, never widens what may be done. Every answer keeps where it came from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.patterns.memory_entry import MemoryAuthority, MemoryEntry, MemoryLayer
from dome_contracts.schema.shared.definitions import TaskKey
from dome_spec.kernel import micros

_HEIGHT: Final[Mapping[MemoryLayer, int]] = {
    MemoryLayer.POLICY: 3,
    MemoryLayer.REPOSITORY: 2,
    MemoryLayer.RUN: 1,
    MemoryLayer.EPISODIC: 0,
}
_MAY_GRANT: Final = frozenset({MemoryLayer.POLICY})


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What memory is asked about."""

    repository_id: str
    run_id: str | None = None
    task: TaskKey | None = None
    now: str
    """The moment for which the answer holds, RFC 3339."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of one key."""

    entry: MemoryEntry
    """The entry that counts."""
    is_granted: bool
    """Whether it permits something. Only an entry of the highest layer does."""
    beside: tuple[MemoryEntry, ...]
    """What else is remembered of it, the highest and newest first: advice."""
    demoted: bool
    """Whether it meant to permit something from a layer that cannot."""


def recall(entries: Iterable[MemoryEntry], about: About) -> tuple[Remembered, ...]:
    """What counts there, by key. The same entries in any order give the same answer."""
    by_key: dict[str, list[MemoryEntry]] = {}
    for entry in _counting(entries, about):
        by_key.setdefault(entry.key, []).append(entry)
    return tuple(_remembered(by_key[key]) for key in sorted(by_key))


def _remembered(found: Sequence[MemoryEntry]) -> Remembered:
    first, *beside = sorted(found, key=_rank)
    wants = first.authority is MemoryAuthority.GRANT
    may = first.layer in _MAY_GRANT
    return Remembered(entry=first, is_granted=wants and may, beside=tuple(beside), demoted=wants and not may)


def _rank(entry: MemoryEntry) -> tuple[int, int, str]:
    """The highest layer first, in it the newest; of equals the smaller digest."""
    return -_HEIGHT[entry.layer], -micros(entry.create_time), digest(entry.to_value())


def _counting(entries: Iterable[MemoryEntry], about: About) -> Iterator[MemoryEntry]:
    """Entries that concern what is asked about, hold at the moment, and are not replaced."""
    holding = {digest(each.to_value()): each for each in entries if _concerns(each, about)}
    replaced = {
        old
        for each in holding.values()
        for old in each.supersedes or ()
        if old in holding and _HEIGHT[each.layer] >= _HEIGHT[holding[old].layer]  # a lower one replaces no higher one
    }
    yield from (each for name, each in sorted(holding.items()) if name not in replaced)


def _concerns(entry: MemoryEntry, about: About) -> bool:
    now = micros(about.now)
    return (
        (entry.expire_time is None or micros(entry.expire_time) > now)
        and micros(entry.create_time) <= now
        and (entry.repository_id is None or entry.repository_id == about.repository_id)
        and (entry.run_id is None or entry.run_id == about.run_id)
        and (entry.task_key is None or entry.task_key == about.task)
    )
