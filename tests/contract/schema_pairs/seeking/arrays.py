"""Arrays that satisfy a leaf: how long they are, and what stands where."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import islice, product
from typing import Any, Final

from tests.contract.schema_pairs.seeking.goals import Goal, Leaf
from tests.contract.schema_pairs.seeking.nodes import Node
from tests.contract.schema_pairs.seeking.objects import Write

LENGTH_MAX: Final = 200
"""A longer array shows nobody anything."""
DEMANDS_MAX: Final = 64
"""Ways to violate the keywords of one leaf that are tried."""
VARIANTS_DEMANDED: Final = 6
VARIANTS_OTHERS: Final = 3


@dataclass(frozen=True, slots=True)
class Group:
    """So many items that a schema accepts; `exactly`: and all others it refuses."""

    node: Node
    count: int
    exactly: bool


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to be so beyond what the schemas say."""

    refused_at: dict[int, tuple[Node, ...]] = field(default_factory=dict)
    """Schemas that refuse the item at an index."""
    groups: tuple[Group, ...] = ()
    least: int = 0
    most: int = LENGTH_MAX
    twins: bool = False
    """Whether two items are equal."""


def arrays(leaf: Leaf, write: Write) -> Iterator[list[Any]]:
    """Arrays that are likely to satisfy the leaf."""
    shape = _Shape(leaf.flat, write)
    ways = [list(_ways(keyword, node)) for keyword, node in leaf.duties]
    for chosen in islice(product(*ways), DEMANDS_MAX):
        demand = reduce(_joined, chosen, shape.bounds())
        beyond = max((len(node.get("prefixItems") or ()) for node in leaf.flat), default=0)
        lengths = dict.fromkeys((shape.length(demand), *_longer(shape.length(demand), beyond)))
        for length in lengths:
            if length <= demand.most:
                yield from shape.written(demand, length)


def _longer(length: int, beyond: int) -> tuple[int, ...]:
    return (length + 1, length + 2, max(length, beyond), max(length, beyond + 1))


def _joined(one: Demand, other: Demand) -> Demand:
    places = (*one.refused_at, *other.refused_at)
    refused = {place: (*one.refused_at.get(place, ()), *other.refused_at.get(place, ())) for place in places}
    groups = (*one.groups, *other.groups)
    least, most = max(one.least, other.least), min(one.most, other.most)
    return Demand(refused, groups, least, most, twins=one.twins or other.twins)


def _ways(keyword: str, node: Node) -> Iterator[Demand]:
    value = node.schema[keyword]
    prefix = len(node.get("prefixItems") or ())
    match keyword:
        case "minItems":
            yield Demand(most=int(value) - 1)
        case "maxItems":
            yield Demand(least=int(value) + 1)
        case "uniqueItems":
            yield from [Demand(twins=True)] if value else []
        case "prefixItems":
            yield from (Demand({index: (node.at(keyword, index),)}) for index in range(len(value)))
        case "items":
            yield from (Demand({index: (node.at(keyword),)}) for index in range(prefix, prefix + 2))
        case "unevaluatedItems":
            yield from (Demand({index: (node.at(keyword),)}) for index in range(prefix + 4))
        case "contains":
            least, most = int(node.schema.get("minContains", 1)), node.schema.get("maxContains")
            for count in sorted({least - 1, 0}, reverse=True) if least > 0 else ():
                yield Demand(groups=(Group(node.at(keyword), count, exactly=True),))
            if most is not None:
                yield Demand(groups=(Group(node.at(keyword), int(most) + 1, exactly=False),))
        case _:
            yield Demand()


class _Shape:
    """What the schemas of a leaf say about the items of an array."""

    def __init__(self, flat: tuple[Node, ...], write: Write) -> None:
        self._flat = flat
        self._write = write
        self._unique = any(node.get("uniqueItems") for node in flat)
        self._known = max((len(node.get("prefixItems") or ()) for node in flat), default=0)

    def bounds(self) -> Demand:
        """How long the array is and what it contains, by the schemas."""
        least = [value for node in self._flat if (value := node.get("minItems")) is not None]
        most = [value for node in self._flat if (value := node.get("maxItems")) is not None]
        groups = [
            Group(node.at("contains"), int(node.schema.get("minContains", 1)), exactly="maxContains" in node.schema)
            for node in self._flat
            if node.get("contains") is not None
        ]
        return Demand({}, tuple(groups), max([0, *map(int, least)]), min([LENGTH_MAX, *map(int, most)]))

    def length(self, demand: Demand) -> int:
        """The least length that has room for everything."""
        contained = max((group.count for group in demand.groups), default=0)
        last = max(demand.refused_at, default=-1) + 1
        return max(demand.least, contained, last, 2 if demand.twins else 0)

    def at(self, index: int) -> tuple[Node, ...]:
        """The schemas of the item at this index."""
        return tuple(part for node in self._flat if (part := self._part(node, index)) is not None)

    def _part(self, node: Node, index: int) -> Node | None:
        if index < len(node.get("prefixItems") or ()):
            return node.at("prefixItems", index)
        if node.get("items") is not None:
            return node.at("items")
        spoken_of = index < self._known or any(other.get("items") is not None for other in self._flat)
        if node.get("unevaluatedItems") is not None and not spoken_of and node.get("contains") is None:
            return node.at("unevaluatedItems")
        return None

    def written(self, demand: Demand, length: int) -> Iterator[list[Any]]:
        """Arrays of this length."""
        if length > LENGTH_MAX:
            return
        goals = [Goal(self.at(index), demand.refused_at.get(index, ())) for index in range(length)]
        for group in demand.groups:
            goals = self._grouped(goals, group)
        if demand.twins:
            yield from self._with_twins(goals)
            return
        more = length if self._unique else 0
        found = []
        for index, goal in enumerate(goals):
            demanded = index in demand.refused_at
            found.append(self._write(goal, more + (VARIANTS_DEMANDED if demanded else VARIANTS_OTHERS)))
            if not found[-1]:
                return
        base = self._chosen(found)
        if base is None:
            return
        yield base
        for index, values in enumerate(found):
            yield from ([*base[:index], value, *base[index + 1 :]] for value in values[1:])

    def _grouped(self, goals: list[Goal], group: Group) -> list[Goal]:
        """So many of the items in the group, the later ones first: the places of the first are often spoken for."""
        taken: set[int] = set()
        for index in reversed(range(len(goals))):
            if len(taken) == group.count:
                break
            goal = Goal((*goals[index].accept, group.node), goals[index].refuse)
            if self._write(goal, 1):
                goals = [*goals[:index], goal, *goals[index + 1 :]]
                taken.add(index)
        if not group.exactly:
            return goals
        return [
            goal if index in taken else Goal(goal.accept, (*goal.refuse, group.node))
            for index, goal in enumerate(goals)
        ]

    def _chosen(self, found: list[list[Any]]) -> list[Any] | None:
        """One value for each place; all different, where they have to be."""
        if not self._unique:
            return [values[0] for values in found]
        chosen: list[Any] = []
        used: set[str] = set()
        for values in found:
            value = next((part for part in values if _identity(part) not in used), _NOTHING)
            if value is _NOTHING:
                return None
            chosen.append(value)
            used.add(_identity(value))
        return chosen

    def _with_twins(self, goals: list[Goal]) -> Iterator[list[Any]]:
        for first in range(len(goals) - 1):
            second = first + 1
            both = Goal((*goals[first].accept, *goals[second].accept), (*goals[first].refuse, *goals[second].refuse))
            found = [self._write(goal, 1) for goal in goals]
            for value in self._write(both, VARIANTS_OTHERS):
                if all(found[index] for index in range(len(goals)) if index not in (first, second)):
                    yield [value if index in (first, second) else values[0] for index, values in enumerate(found)]


_NOTHING: Final = object()


def _identity(value: Any) -> str:
    """The same text for values that JSON Schema holds equal."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value
