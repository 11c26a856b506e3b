"""Writes documents for goals: within a budget, the same ones in every run, the plain ones first.

Every document it gives meets its goal, as the first judge sees it. That it finds none proves nothing.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from tests.contract.schema_pairs.seeking.arrays import arrays
from tests.contract.schema_pairs.seeking.goals import ATOMS, Goal, Leaf, leaves
from tests.contract.schema_pairs.seeking.objects import objects
from tests.contract.schema_pairs.seeking.scalars import numbers
from tests.contract.schema_pairs.seeking.texts import texts

STEPS_MAX: Final = 6_000
"""Goals, ways to meet them and candidates that are looked at in one search."""
CANDIDATES_OF_GOAL_MAX: Final = 400
"""Candidates looked at for one goal."""
LEAVES_MAX: Final = 96
"""Ways to meet one goal that are tried."""
DEPTH_MAX: Final = 20
"""How deep documents are nested, at most."""
NAMED_MAX: Final = 200
"""Values of one `enum` that are tried."""


class Writer:
    """The documents of one search, and what is left of its budget."""

    def __init__(self, steps_max: int) -> None:
        self._left = steps_max
        self._known: dict[str, tuple[int, list[Any]]] = {}
        self._under_way: list[str] = []
        self._cut_at = DEPTH_MAX + 1

    def documents(self, goal: Goal, count: int) -> list[Any]:
        """Up to so many different documents that meet the goal.

        A goal that is met within another one for the same is not pursued: what it would find meets the outer one alone.
        """
        self._left -= 1
        key = goal.key
        if (known := self._known.get(key)) is not None and (len(known[1]) >= count or known[0] >= count):
            return known[1][:count]
        if key in self._under_way:
            self._cut_at = min(self._cut_at, self._under_way.index(key))
            return []
        depth = len(self._under_way)
        if depth >= DEPTH_MAX or self._left <= 0:
            return []
        outer_cut, self._cut_at = self._cut_at, DEPTH_MAX + 1
        self._under_way.append(key)
        found = self._search(goal, count)
        self._under_way.pop()
        # Where the search was cut for the sake of an outer goal, finding little says little.
        if self._cut_at >= depth or len(found) >= count:
            self._known[key] = (count, found)
        self._cut_at = min(outer_cut, self._cut_at) if self._cut_at < depth else outer_cut
        return found

    def _search(self, goal: Goal, count: int) -> list[Any]:
        found: list[Any] = []
        seen: set[str] = set()
        for candidate in islice(self._candidates(goal), CANDIDATES_OF_GOAL_MAX):
            self._left -= 1
            if self._left <= 0:
                break
            text = json.dumps(candidate, sort_keys=True)
            if text not in seen and goal.met_by(candidate):
                found.append(candidate)
                if len(found) >= count:
                    break
            seen.add(text)
        return found

    def _candidates(self, goal: Goal) -> Iterator[Any]:
        return fair(self._of_leaf(leaf) for leaf in islice(leaves(goal), LEAVES_MAX))

    def _of_leaf(self, leaf: Leaf) -> Iterator[Any]:
        self._left -= 1
        named = [list(_named(node.schema)) for node in leaf.flat if {"const", "enum"} & node.schema.keys()]
        if named:
            return iter(sorted(named, key=len)[0])
        return fair(self._of_atom(atom, leaf) for atom in ATOMS if atom in leaf.atoms)

    def _of_atom(self, atom: str, leaf: Leaf) -> Iterator[Any]:
        match atom:
            case "null":
                return iter((None,))
            case "boolean":
                return iter((False, True))
            case "integer" | "fraction":
                return numbers(leaf, whole=atom == "integer")
            case "string":
                return texts(leaf)
            case "array":
                return arrays(leaf, self.documents)
            case _:
                return objects(leaf, self.documents)


def _named(schema: Any) -> Iterator[Any]:
    if "const" in schema:
        yield schema["const"]
    else:
        yield from schema["enum"][:NAMED_MAX]


def fair(streams: Iterator[Iterator[Any]]) -> Iterator[Any]:
    """The values of all streams in turn, so that a long one does not hide the next."""
    active: list[Iterator[Any]] = []
    end = object()
    for stream in streams:
        if (value := next(stream, end)) is not end:
            yield value
            active.append(stream)
    while active:
        still = []
        for stream in active:
            if (value := next(stream, end)) is not end:
                yield value
                still.append(stream)
        active = still
