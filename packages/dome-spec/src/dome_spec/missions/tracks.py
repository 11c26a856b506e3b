"""Tracks: packages that share a branch and a worktree, because they share files. Pure.

Packages that own a path in common share a track; so do packages on a way that leaves a track and comes back, or the
tracks would wait for each other. Documents need no track. Which packages are listed first does not matter.
"""

from collections.abc import Iterable, Mapping, Sequence

from dome_contracts.schema.missions.work_package import ProductKind, WorkPackage
from dome_spec.missions.dependencies import cycle
from dome_spec.missions.ownership import overlaps


class _Sets:
    """Disjoint sets (union-find); a set is named by its smallest member."""

    def __init__(self, members: Iterable[str]) -> None:
        self._parents = {each: each for each in members}

    def find(self, member: str) -> str:
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member

    def unite(self, one: str, other: str) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parents[second] = first


def tracks(packages: Sequence[WorkPackage]) -> Mapping[str, str]:
    """The track of each package that changes the code, numbered in the order of their smallest package.

    The packages' dependencies have no cycle.
    """
    changing = {each.work_package_id: each for each in packages if each.product is ProductKind.CODE_CHANGE}
    sets = _Sets(sorted(changing))
    for overlap in overlaps(packages):
        sets.unite(overlap.first, overlap.second)
    through = _through_documents(packages, changing)
    while way := cycle(_graph(sets, through)):
        for each in way[1:]:
            sets.unite(way[0], each)
    names = sorted({sets.find(each) for each in changing})
    numbers = {name: f"track-{place:02d}" for place, name in enumerate(names, 1)}
    return {each: numbers[sets.find(each)] for each in sorted(changing)}


def track_edges(packages: Sequence[WorkPackage], assigned: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """Which tracks each track waits for."""
    through = _through_documents(packages, assigned)
    edges: dict[str, set[str]] = {each: set() for each in assigned.values()}
    for package, waits_for in through.items():
        edges[assigned[package]] |= {assigned[each] for each in waits_for} - {assigned[package]}
    return {each: frozenset(edges[each]) for each in sorted(edges)}


def _graph(sets: _Sets, edges: Mapping[str, frozenset[str]]) -> Mapping[str, set[str]]:
    graph: dict[str, set[str]] = {sets.find(each): set() for each in edges}
    for package, waits_for in edges.items():
        graph[sets.find(package)] |= {sets.find(each) for each in waits_for} - {sets.find(package)}
    return graph


def _through_documents(packages: Sequence[WorkPackage], changing: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """What each package that changes the code waits for among them, at once or through documents."""
    kept = set(changing)
    edges = {each.work_package_id: each.dependencies for each in packages}
    found: dict[str, frozenset[str]] = {}

    def reach(name: str) -> frozenset[str]:
        if name not in found:
            direct = [each for each in edges.get(name, []) if each in edges]
            inner = [frozenset({each}) if each in kept else reach(each) for each in direct]
            found[name] = frozenset().union(*inner)
        return found[name]

    return {each: reach(each) for each in sorted(kept)}
