"""The order of tasks: what waits for what, circles in it, how many wait for each, and the waves. Pure, over names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Waits = Mapping[str, Sequence[str]]
"""Each name, and the names that it waits for."""


def cycle_in(waits: Waits) -> tuple[str, ...]:
    """A circle, as the names along it with the first one again at the end; empty where there is none."""
    settled: set[str] = set()
    for start in sorted(waits):
        path: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            name, index = stack.pop()
            if index == 0:
                if name in settled:
                    continue
                path.append(name)
            others = [each for each in waits.get(name, ()) if each in waits]
            if index == len(others):
                settled.add(path.pop())
                continue
            stack.append((name, index + 1))
            if others[index] in path:
                return (*path[path.index(others[index]) :], others[index])
            stack.append((others[index], 0))
    return ()


def blocks_counts(waits: Waits) -> dict[str, int]:
    """How many wait for each, at once or through others."""
    waiting: dict[str, set[str]] = {name: set() for name in waits}
    for name in _in_order(waits):
        for other in waits[name]:
            waiting[other].add(name)
    for name in reversed(_in_order(waits)):
        for other in waits[name]:
            waiting[other] |= waiting[name]
    return {name: len(found) for name, found in waiting.items()}


def waves_of(waits: Waits, rank: Callable[[str], Any], *, tasks_max: int) -> tuple[tuple[str, ...], ...]:
    """The waves: each name after all that it waits for, as early as `tasks_max` a wave lets it, by rank within one."""
    over: set[str] = set()
    left = set(waits)
    waves = []
    while left:
        ready = sorted((name for name in left if over.issuperset(waits[name])), key=rank)
        if not ready:
            raise ValueError("what waits in a circle has no waves")
        wave = tuple(ready[:tasks_max])
        waves.append(wave)
        over.update(wave)
        left.difference_update(wave)
    return tuple(waves)


def _in_order(waits: Waits) -> list[str]:
    """The names, each after all that it waits for."""
    return [name for wave in waves_of(waits, lambda name: name, tasks_max=max(1, len(waits))) for name in wave]
