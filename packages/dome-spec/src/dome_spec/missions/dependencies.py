"""The order in which packages can be done. Pure; the graph itself is `graphlib`'s."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

Edges = Mapping[str, Iterable[str]]
"""What each package waits for."""


def cycle(edges: Edges) -> tuple[str, ...]:
    """One way from a package back to itself, the first named again at the end; empty where there is none.

    It begins with the smallest id on it, so that the same graph shows the same way.
    """
    try:
        TopologicalSorter({each: sorted(edges[each]) for each in sorted(edges)}).prepare()
    except CycleError as error:
        found: list[str] = list(reversed(error.args[1]))[:-1]
        first = found.index(min(found))
        way = found[first:] + found[:first]
        return (*way, way[0])
    return ()


def order(edges: Edges) -> tuple[str, ...]:
    """All packages, each after what it waits for; among those that could come next, the smallest id. No cycles."""
    sorter = TopologicalSorter({each: sorted(edges[each]) for each in sorted(edges)})
    sorter.prepare()
    ready, ordered = sorted(sorter.get_ready()), list[str]()
    while ready:
        first, *rest = ready
        ordered.append(first)
        sorter.done(first)
        ready = sorted((*rest, *sorter.get_ready()))
    return tuple(ordered)


def ancestors(edges: Edges) -> Mapping[str, frozenset[str]]:
    """All that each package waits for, at once or through others. No cycles."""
    found: dict[str, frozenset[str]] = {}
    for each in order(edges):
        direct = [name for name in edges[each] if name in edges]
        found[each] = frozenset(direct).union(*(found[name] for name in direct))
    return found
