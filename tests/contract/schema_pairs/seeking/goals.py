"""What is looked for: documents that some schemas accept and others refuse, taken apart into leaves.

A leaf has no choice left: schemas of which only the assertions count, and duties, each a keyword to violate. Leaves
come lazily and in a fixed order. A leaf may say less than the goal does; the goal itself judges in the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from tests.contract.schema_pairs.seeking.nodes import Node

ATOMS: Final = ("null", "boolean", "integer", "fraction", "string", "array", "object")
"""Types of values, disjoint."""
_ATOMS_OF: Final = {name: frozenset({name}) for name in ATOMS} | {"number": frozenset({"integer", "fraction"})}
EVERY_ATOM: Final = frozenset(ATOMS)

_NUMBER: Final = _ATOMS_OF["number"]
_STRING: Final = _ATOMS_OF["string"]
_ARRAY: Final = _ATOMS_OF["array"]
_OBJECT: Final = _ATOMS_OF["object"]
BROKEN_BY: Final = {
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "exclusiveMaximum": _NUMBER,
    "multipleOf": _NUMBER,
    "minLength": _STRING,
    "maxLength": _STRING,
    "pattern": _STRING,
    "format": _STRING,
    "minItems": _ARRAY,
    "maxItems": _ARRAY,
    "uniqueItems": _ARRAY,
    "prefixItems": _ARRAY,
    "items": _ARRAY,
    "contains": _ARRAY,
    "unevaluatedItems": _ARRAY,
    "required": _OBJECT,
    "minProperties": _OBJECT,
    "maxProperties": _OBJECT,
    "dependentRequired": _OBJECT,
    "properties": _OBJECT,
    "patternProperties": _OBJECT,
    "additionalProperties": _OBJECT,
    "propertyNames": _OBJECT,
    "unevaluatedProperties": _OBJECT,
    "const": EVERY_ATOM,
    "enum": EVERY_ATOM,
}
"""Types of values that can violate an assertion."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Documents that all of `accept` accept and all of `refuse` refuse."""

    accept: tuple[Node, ...]
    refuse: tuple[Node, ...] = ()

    @property
    def key(self) -> str:
        """The same for goals that ask the same."""
        wanted = sorted({node.key for node in self.accept})
        return "\n".join([*wanted, "-", *sorted({node.key for node in self.refuse})])

    def met_by(self, document: Any) -> bool:
        """Whether the document is one that is looked for."""
        return all(node.accepts(document) for node in self.accept) and not any(
            node.accepts(document) for node in self.refuse
        )


@dataclass(frozen=True, slots=True)
class Leaf:
    """A goal without choices."""

    flat: tuple[Node, ...] = ()
    """Their assertions hold; what they combine in place is among the others already."""
    duties: tuple[tuple[str, Node], ...] = ()
    """Keywords to violate."""
    atoms: frozenset[str] = EVERY_ATOM
    """Types that a document may have."""


@dataclass(frozen=True, slots=True)
class _State:
    accept: tuple[Node, ...]
    refuse: tuple[Node, ...]
    leaf: Leaf
    seen: frozenset[str] = frozenset()


Alternative = tuple[tuple[Node, ...], tuple[Node, ...]]


def leaves(goal: Goal) -> Iterator[Leaf]:
    """The leaves of a goal, simple ones first where that is known."""
    if _contradicts_itself(goal):
        return
    stack = [iter([_State(goal.accept, goal.refuse, Leaf())])]
    while stack:
        state = next(stack[-1], None)
        if state is None:
            stack.pop()
        elif state.accept:
            stack.append(_accepting(state))
        elif state.refuse:
            stack.append(_refusing(state))
        else:
            yield state.leaf


def _contradicts_itself(goal: Goal) -> bool:
    """Whether the same schema, written alike with all that it refers to, is to accept and to refuse."""
    return any(
        ours.schema == theirs.schema and ours.written == theirs.written
        for ours in goal.accept
        for theirs in goal.refuse
    )


def _accepting(state: _State) -> Iterator[_State]:
    node, *others = state.accept
    if node.schema is False:
        return
    mark = f"+{node.key}"
    if node.schema is True or mark in state.seen:
        yield _State(tuple(others), state.refuse, state.leaf, state.seen)
        return
    atoms = state.leaf.atoms & _types(node.get("type"))
    if not atoms:
        return
    leaf = Leaf((*state.leaf.flat, node), state.leaf.duties, atoms)
    for accept, refuse in _product(_choices(node)):
        yield _State((*accept, *others), (*state.refuse, *refuse), leaf, state.seen | {mark})


def _types(value: Any) -> frozenset[str]:
    if value is None:
        return EVERY_ATOM
    names = [value] if isinstance(value, str) else value
    return frozenset[str]().union(*(_ATOMS_OF.get(name, frozenset()) for name in names))


def _product(choices: list[list[Alternative]]) -> Iterator[Alternative]:
    """Each way to take one alternative of each choice; the later choices vary first."""
    if not choices:
        yield (), ()
        return
    for accept, refuse in choices[0]:
        for more_accept, more_refuse in _product(choices[1:]):
            yield (*accept, *more_accept), (*refuse, *more_refuse)


def _choices(node: Node) -> list[list[Alternative]]:
    """What the keywords of an accepting schema leave to choose."""
    found: list[list[Alternative]] = []
    for keyword in ("$ref", "$dynamicRef"):
        if (target := node.target(keyword)) is not None:
            found.append([((target,), ())])
    if parts := _parts(node, "allOf"):
        found.append([(parts, ())])
    if node.get("not") is not None:
        found.append([((), (node.at("not"),))])
    if parts := _parts(node, "anyOf"):
        found.append([((part,), ()) for part in parts])
    if parts := _parts(node, "oneOf"):
        found.append([((part,), ()) for part in parts] + [((part,), _without(parts, part)) for part in parts])
    if node.get("if") is not None:
        condition = node.at("if")
        found.append([((condition, *_part(node, "then")), ()), (_part(node, "else"), (condition,))])
    for name, demanded in (node.get("dependentSchemas") or {}).items():
        if demanded is not True:
            found.append([((), (_has(name),)), ((_has(name), node.at("dependentSchemas", name)), ())])
    return found


def _refusing(state: _State) -> Iterator[_State]:
    node, *others = state.refuse
    rest, leaf = tuple(others), state.leaf
    mark = f"-{node.key}"
    if node.schema is False:
        yield _State((), rest, leaf, state.seen)
        return
    # Within one place, to refuse what is being refused is the same task again: it cannot be the smallest way.
    if node.schema is True or mark in state.seen:
        return
    seen = state.seen | {mark}
    for keyword in node.schema:
        if keyword == "type":
            if atoms := leaf.atoms - _types(node.schema["type"]):
                yield _State((), rest, Leaf(leaf.flat, leaf.duties, atoms), seen)
        elif keyword in BROKEN_BY:
            if atoms := leaf.atoms & BROKEN_BY[keyword]:
                yield _State((), rest, Leaf(leaf.flat, (*leaf.duties, (keyword, node)), atoms), seen)
        else:
            for accept, refuse in _ways_out(node, keyword):
                yield _State(accept, (*refuse, *rest), leaf, seen)


def _ways_out(node: Node, keyword: str) -> Iterator[Alternative]:
    """How to be refused by a keyword that combines schemas."""
    if keyword in ("$ref", "$dynamicRef"):
        if (target := node.target(keyword)) is not None:
            yield (), (target,)
    elif keyword == "allOf":
        yield from (((), (part,)) for part in _parts(node, keyword))
    elif keyword in ("anyOf", "oneOf"):
        parts = _parts(node, keyword)
        yield (), parts
        if keyword == "oneOf":
            yield from ((pair, ()) for pair in combinations(parts, 2))
    elif keyword == "not":
        yield (node.at("not"),), ()
    elif keyword == "if":
        condition = (node.at("if"),)
        yield from ((condition, (then,)) for then in _part(node, "then"))
        yield from (((), (*condition, otherwise)) for otherwise in _part(node, "else"))
    elif keyword == "dependentSchemas":
        yield from (((_has(name),), (node.at(keyword, name),)) for name in node.schema[keyword])


def _has(name: str) -> Node:
    return Node({"type": "object", "required": [name]})


def _part(node: Node, keyword: str) -> tuple[Node, ...]:
    return (node.at(keyword),) if node.get(keyword) is not None else ()


def _parts(node: Node, keyword: str) -> tuple[Node, ...]:
    return tuple(node.at(keyword, index) for index in range(len(node.get(keyword) or ())))


def _without(parts: tuple[Node, ...], part: Node) -> tuple[Node, ...]:
    return tuple(other for other in parts if other is not part)
