"""Objects that satisfy a leaf: which names are there, which are not, and what stands under them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import islice, product
from typing import Any, Final

from dome_spec.contracts.compatibility.strings.question import StringQuestion, several
from tests.contract.schema_pairs.seeking.goals import Goal, Leaf
from tests.contract.schema_pairs.seeking.nodes import ANY_TEXT, Node, matches

Write = Callable[[Goal, int], list[Any]]

DEMANDS_MAX: Final = 96
"""Ways to violate the keywords of one leaf that are tried."""
VARIANTS_DEMANDED: Final = 6
VARIANTS_OTHERS: Final = 3
OPTIONAL_MAX: Final = 40
"""Optional members that are tried one at a time."""
NAMES_MAX: Final = 4
"""Names that are thought up for one demand."""
MEMBERS_MAX: Final = 300
_FRESH: Final = ("extra", "more", "other", "x")


@dataclass(frozen=True, slots=True)
class Demand:
    """What has to be so beyond what the schemas say."""

    there: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    """Names that are there; what stands under them is refused by these schemas."""
    absent: frozenset[str] = frozenset()
    least: int = 0
    most: int = MEMBERS_MAX


def objects(leaf: Leaf, write: Write) -> Iterator[dict[str, Any]]:
    """Objects that are likely to satisfy the leaf."""
    shape = Shape(leaf, write)
    if not all(write(Goal(shape.under(name)), 1) for name in sorted(shape.required(set()))):
        return
    ways: list[list[Demand]] = []
    for keyword, node in leaf.duties:
        ways.append([demand for demand in shape.ways(keyword, node) if shape.allows(demand)])
        if not ways[-1]:
            return
    bounds = shape.bounds()
    for chosen in islice(product(*ways), DEMANDS_MAX):
        yield from _written(shape, reduce(_joined, chosen, bounds))


def _joined(one: Demand, other: Demand) -> Demand:
    there = {name: (*one.there.get(name, ()), *other.there.get(name, ())) for name in (*one.there, *other.there)}
    return Demand(there, one.absent | other.absent, max(one.least, other.least), min(one.most, other.most))


class Shape:
    """What the schemas of a leaf say about the members of an object."""

    def __init__(self, leaf: Leaf, write: Write) -> None:
        self._leaf = leaf
        self._flat = leaf.flat
        self.write = write
        self.declared = tuple(dict.fromkeys(name for node in leaf.flat for name in node.get("properties") or ()))

    def bounds(self) -> Demand:
        """How many members there are."""
        least = [value for node in self._flat if (value := node.get("minProperties")) is not None]
        most = [value for node in self._flat if (value := node.get("maxProperties")) is not None]
        return Demand(least=max([0, *map(int, least)]), most=min([MEMBERS_MAX, *map(int, most)]))

    def required(self, names: set[str]) -> set[str]:
        """These names, and all that have to be there with them."""
        found = names | {name for node in self._flat for name in node.get("required") or ()}
        grown = True
        while grown:
            needed = {
                name
                for node in self._flat
                for here, others in (node.get("dependentRequired") or {}).items()
                if here in found
                for name in others
            }
            grown = not needed <= found
            found |= needed
        return found

    def under(self, name: str) -> tuple[Node, ...]:
        """The schemas of what stands under this name."""
        return tuple(part for node in self._flat for part in self._parts(node, name))

    def _parts(self, node: Node, name: str) -> list[Node]:
        found = [node.at("properties", name)] if name in (node.get("properties") or ()) else []
        found += [
            node.at("patternProperties", pattern)
            for pattern in node.get("patternProperties") or ()
            if matches(pattern, name)
        ]
        if not found and node.get("additionalProperties") is not None:
            found.append(node.at("additionalProperties"))
        elif not found and node.get("unevaluatedProperties") is not None and name not in self.declared:
            found.append(node.at("unevaluatedProperties"))
        return found

    def spare(self) -> Iterator[str]:
        """Names that no schema declares, as far as the names are free."""
        rules = self._rules()
        for node in self._flat:
            for pattern in node.get("patternProperties") or ():
                yield from several(StringQuestion(frozenset({pattern})), 2)
        if rules:
            yield from self.write(Goal((ANY_TEXT, *rules)), NAMES_MAX)
        yield from _FRESH
        yield from (f"extra{number}" for number in range(MEMBERS_MAX))

    def ways(self, keyword: str, node: Node) -> Iterator[Demand]:
        """How a keyword can be violated."""
        value = node.schema[keyword]
        match keyword:
            case "required":
                yield from (Demand(absent=frozenset({name})) for name in value)
            case "minProperties":
                yield Demand(most=int(value) - 1)
            case "maxProperties":
                yield Demand(least=int(value) + 1)
            case "dependentRequired":
                for here, others in value.items():
                    yield from (Demand({here: ()}, frozenset({name})) for name in others)
            case "propertyNames":
                yield from (Demand({name: ()}) for name in self._names_refused(node.at(keyword)))
            case _:
                yield from self._members(keyword, node)

    def _members(self, keyword: str, node: Node) -> Iterator[Demand]:
        """How what stands under some name can be refused."""
        value = node.schema[keyword]
        match keyword:
            case "properties":
                yield from (Demand({name: (node.at(keyword, name),)}) for name in value)
            case "patternProperties":
                for pattern in value:
                    under = (node.at(keyword, pattern),)
                    yield from (Demand({name: under}) for name in self._names_like(pattern))
            case "additionalProperties" | "unevaluatedProperties":
                for name in islice(self._names_beyond(node), 3 * NAMES_MAX):
                    yield Demand({name: (node.at(keyword),)})
            case _:
                yield Demand()

    def allows(self, demand: Demand) -> bool:
        """Whether the demand alone can be met."""
        return not self.required(set(demand.there)) & demand.absent and all(
            self.write(Goal(self.under(name), refuse), 1) for name, refuse in demand.there.items()
        )

    def _rules(self) -> tuple[Node, ...]:
        return tuple(node.at("propertyNames") for node in self._flat if node.get("propertyNames") is not None)

    def _names_refused(self, rule: Node) -> list[str]:
        declared = [name for name in self.declared if not rule.accepts(name)]
        return declared + self.write(Goal((ANY_TEXT, *self._rules()), (rule,)), NAMES_MAX)

    def _names_like(self, pattern: str) -> Iterator[str]:
        yield from (name for name in self._mentioned() if matches(pattern, name))
        rules = self._rules()
        if rules:
            yield from self.write(Goal((Node({"type": "string", "pattern": pattern}), *rules)), NAMES_MAX)
        yield from several(StringQuestion(frozenset({pattern}), excluded=frozenset(self.declared)), NAMES_MAX)

    def _names_beyond(self, node: Node) -> Iterator[str]:
        """Names that the keywords beside do not speak of: those that other schemas know first."""
        known = node.get("properties") or {}
        patterns = node.get("patternProperties") or {}
        seen: set[str] = set()
        for name in (*self._mentioned(), *islice(self.spare(), 3 * NAMES_MAX)):
            if name not in known and name not in seen and not any(matches(pattern, name) for pattern in patterns):
                seen.add(name)
                yield name
        for other in self._flat:
            for pattern in other.get("patternProperties") or ():
                question = StringQuestion(frozenset({pattern}), frozenset(patterns), excluded=frozenset(known))
                yield from several(question, 2)

    def _mentioned(self) -> tuple[str, ...]:
        nodes = (*self._flat, *(node for _, node in self._leaf.duties))
        names = [name for node in nodes for name in (*(node.get("properties") or ()), *(node.get("required") or ()))]
        return tuple(dict.fromkeys(names))


def _written(shape: Shape, demand: Demand) -> Iterator[dict[str, Any]]:
    names = shape.required(set(demand.there))
    if names & demand.absent or len(names) > demand.most or demand.least > MEMBERS_MAX:
        return
    values: dict[str, list[Any]] = {}
    for name in sorted(names):
        refuse = demand.there.get(name, ())
        count = VARIANTS_DEMANDED if name in demand.there else VARIANTS_OTHERS
        values[name] = shape.write(Goal(shape.under(name), refuse), count)
        if not values[name]:
            return
    base = {name: found[0] for name, found in values.items()}
    base = _filled(shape, base, demand)
    if len(base) < demand.least:
        return
    yield base
    yield from _varied(base, values)
    yield from _with_optional(shape, base, demand)


def _filled(shape: Shape, base: dict[str, Any], demand: Demand) -> dict[str, Any]:
    """The object with as many members as it must have."""
    tried: set[str] = set()
    for name in (*shape.declared, *islice(shape.spare(), 2 * MEMBERS_MAX)):
        if len(base) >= demand.least:
            break
        if name in base or name in demand.absent or name in tried:
            continue
        tried.add(name)
        needed = sorted(shape.required({*base, name}) - base.keys())
        found = {other: values[0] for other in needed if (values := shape.write(Goal(shape.under(other)), 1))}
        if len(found) == len(needed) and not demand.absent & found.keys():
            base = base | found
    return base


def _varied(base: dict[str, Any], values: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for name, found in sorted(values.items(), key=lambda item: -len(item[1])):
        yield from (base | {name: value} for value in found[1:])


def _with_optional(shape: Shape, base: dict[str, Any], demand: Demand) -> Iterator[dict[str, Any]]:
    """The object with more members: each optional one, then all of them, then one that nobody speaks of."""
    if len(base) >= demand.most:
        return
    whole = base
    for name in islice(shape.declared, OPTIONAL_MAX):
        if name in base or name in demand.absent:
            continue
        for index, value in enumerate(shape.write(Goal(shape.under(name)), VARIANTS_OTHERS)):
            needed = shape.required({*base, name}) - base.keys() - {name}
            more = {other: found[0] for other in sorted(needed) if (found := shape.write(Goal(shape.under(other)), 1))}
            yield base | more | {name: value}
            whole = whole if index else whole | more | {name: value}
    yield whole
    for name in islice(shape.spare(), NAMES_MAX):
        if name not in base and (found := shape.write(Goal(shape.under(name)), 1)):
            yield base | {name: found[0]}
