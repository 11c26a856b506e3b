"""Changes of a schema: those that keep every document, and those that may not."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from tests.contract.schema_pairs.schemas import a_part, a_schema
from tests.contract.schema_pairs.vocabulary import COUNTS, FORMATS, NAMES, NUMBERS, PATTERNS, STEPS, TYPES, some

Holder = dict[str, Any] | list[Any]
Place = tuple[Holder, Any]
_SINGLE: Final = (
    "additionalProperties", "propertyNames", "items", "contains", "unevaluatedProperties", "unevaluatedItems", "if",
    "then", "else", "not",
)  # fmt: skip
_MAPS: Final = ("properties", "patternProperties", "dependentSchemas", "$defs")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
# What a wrap would hide from the keyword beside it, or from the keyword that reads its neighbours.
_MUST_STAY_BESIDE: Final = frozenset({"unevaluatedProperties", "unevaluatedItems", "$dynamicAnchor", "$defs"})


def places(schema: Any) -> list[Place]:
    """Every place of a subschema: what holds it, and under which key."""
    return list(_places({"": schema}, "")) if isinstance(schema, dict) else []


def _places(holder: Any, key: Any) -> Iterator[Place]:
    yield holder, key
    schema = holder[key]
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword in _SINGLE:
            yield from _places(schema, keyword)
        elif keyword in _MAPS or keyword in _LISTS:
            for inner in list(value) if isinstance(value, dict) else range(len(value)):
                yield from _places(value, inner)


def equivalent(schema: Any, chance: Random) -> Any:
    """The same documents, written in another way."""
    if not isinstance(schema, dict):
        return {"allOf": [schema]}
    changed = copy.deepcopy(schema)
    wrapped = {"": changed}
    for _ in range(chance.randint(1, 2)):
        holder, key = chance.choice(list(_places(wrapped, "")))
        part = holder[key]
        holder[key] = chance.choice(REFACTORINGS)(part, wrapped[""], chance) if isinstance(part, dict) else part
    result: Any = wrapped[""]
    return result


def changed(schema: Any, chance: Random) -> Any:
    """A schema with one or two places changed, to the looser or the tighter side."""
    result = copy.deepcopy(schema)
    if not isinstance(result, dict):
        return a_schema(chance)
    wrapped = {"": result}
    for _ in range(chance.choice((1, 1, 2))):
        holder, key = chance.choice(list(_places(wrapped, "")))
        part = holder[key]
        definitions = part.get("$defs") if isinstance(part, dict) else None
        new = chance.choice(CHANGES)(part, chance) if isinstance(part, dict) else a_part(chance, 2)
        if definitions is not None:
            new = {**new, "$defs": definitions} if isinstance(new, dict) else {"allOf": [new], "$defs": definitions}
        holder[key] = new
    whole: Any = wrapped[""]
    return whole


def meaning_only(schema: Any, chance: Random) -> Any:
    """The same documents, with something said about them."""
    if not isinstance(schema, dict):
        return {"allOf": [schema], "default": 1}
    result = copy.deepcopy(schema)
    holder, key = chance.choice([place for place in _places({"": result}, "") if isinstance(place[0][place[1]], dict)])
    said: tuple[tuple[str, Any], ...] = (
        ("default", chance.choice(NUMBERS)),
        ("description", chance.choice(("One thing.", "Another thing."))),
        ("deprecated", True),
        ("readOnly", True),
        ("x-unit", "ms"),
        ("title", "A title"),
    )
    holder[key].update(dict([chance.choice(said)]))
    return result


def _reordered(part: dict[str, Any], _root: Any, chance: Random) -> Any:
    names = list(part)
    chance.shuffle(names)
    return {name: part[name] for name in names}


def _in_all_of(part: dict[str, Any], _root: Any, chance: Random) -> Any:
    inner = {name: value for name, value in part.items() if name not in _MUST_STAY_BESIDE}
    return {name: value for name, value in part.items() if name in _MUST_STAY_BESIDE} | {"allOf": [inner]}


def _in_any_of(part: dict[str, Any], _root: Any, _chance: Random) -> Any:
    outer = {name: value for name, value in part.items() if name in _MUST_STAY_BESIDE}
    inner = {name: value for name, value in part.items() if name not in _MUST_STAY_BESIDE}
    return outer | {"anyOf": [inner, {"allOf": [inner, {"minLength": 2, "required": ["a"]}]}]} if not outer else part


def _defined(part: dict[str, Any], root: Any, _chance: Random) -> Any:
    if part is root or "$dynamicAnchor" in part or not isinstance(root, dict):
        return part
    name = f"taken{len(root.setdefault('$defs', {}))}"
    root["$defs"][name] = part
    return {"$ref": f"#/$defs/{name}"}


def _types_apart(part: dict[str, Any], _root: Any, _chance: Random) -> Any:
    types = part.get("type")
    if types == "number":
        return {**part, "type": ["number", "integer"]}
    if isinstance(types, list):
        return {**part, "type": list(reversed(types))}
    return part


def _constant(part: dict[str, Any], _root: Any, _chance: Random) -> Any:
    if "const" in part and "enum" not in part:
        return {name if name != "const" else "enum": [value] if name == "const" else value
                for name, value in part.items()}  # fmt: skip
    return part


def _twice_not(part: dict[str, Any], root: Any, _chance: Random) -> Any:
    # What `not` has seen counts as unevaluated outside of it.
    hides = "unevaluated" in json.dumps(root) or not _MUST_STAY_BESIDE.isdisjoint(part)
    return part if hides else {"not": {"not": part}}


def _by_condition(part: dict[str, Any], _root: Any, _chance: Random) -> Any:
    if not _MUST_STAY_BESIDE.isdisjoint(part):
        return part
    return {"if": {"type": "object"}, "then": part, "else": part}


REFACTORINGS: Final[tuple[Callable[[dict[str, Any], Any, Random], Any], ...]] = (
    _reordered, _in_all_of, _in_all_of, _in_any_of, _defined, _defined, _types_apart, _constant, _twice_not,
    _by_condition,
)  # fmt: skip
"""Ways to write the same thing differently."""


def _dropped(part: dict[str, Any], chance: Random) -> Any:
    names = [name for name in part if not name.startswith("$")]
    gone = chance.choice(names) if names else ""
    return {name: value for name, value in part.items() if name != gone}


def _renamed(part: dict[str, Any], chance: Random) -> Any:
    members = part.get("properties")
    if not members:
        return _dropped(part, chance)
    gone = chance.choice(list(members))
    return {**part, "properties": {"renamed" if name == gone else name: value for name, value in members.items()}}


def _bounded(part: dict[str, Any], chance: Random) -> Any:
    bounds = [name for name, value in part.items() if isinstance(value, int | float) and not isinstance(value, bool)]
    bounds = [name for name in bounds if name not in ("const", "multipleOf", "default")]
    if not bounds:
        return _added(part, chance)
    name = chance.choice(bounds)
    moved = part[name] + chance.choice((-1, 1))
    return {**part, name: max(0, moved) if name.startswith(("min", "max")) and not name.endswith("imum") else moved}


def _listed(part: dict[str, Any], chance: Random) -> Any:
    lists = [
        name for name in ("enum", "anyOf", "oneOf", "allOf", "required", "prefixItems") if len(part.get(name, ())) > 1
    ]
    if not lists:
        return _added(part, chance)
    name = chance.choice(lists)
    values = list(part[name])
    del values[chance.randrange(len(values))]
    return {**part, name: values}


def _grown(part: dict[str, Any], chance: Random) -> Any:
    if "enum" in part:
        return {**part, "enum": [*part["enum"], "z"]} if "z" not in part["enum"] else part
    if "required" in part:
        return {**part, "required": sorted({*part["required"], chance.choice(NAMES)})}
    for name in ("anyOf", "oneOf", "allOf"):
        if name in part:
            return {**part, name: [*part[name], a_part(chance, 3)]}
    if isinstance(part.get("type"), str):
        return {**part, "type": sorted({part["type"], chance.choice(TYPES)})}
    return _added(part, chance)


def _member(part: dict[str, Any], chance: Random) -> Any:
    members = dict(part.get("properties") or {})
    members[chance.choice((*NAMES, "fresh"))] = a_part(chance, 3)
    return {**part, "properties": members}


def _added(part: dict[str, Any], chance: Random) -> Any:
    keyword, value = chance.choice(
        (
            ("minLength", chance.choice(COUNTS)), ("maxLength", chance.choice(COUNTS)),
            ("pattern", chance.choice(PATTERNS)), ("format", chance.choice(FORMATS)),
            ("minimum", chance.choice(NUMBERS)), ("maximum", chance.choice(NUMBERS)),
            ("multipleOf", chance.choice(STEPS)), ("uniqueItems", True), ("minItems", chance.choice(COUNTS)),
            ("maxProperties", chance.choice(COUNTS)), ("additionalProperties", False),
            ("required", some(chance, NAMES, 1, 2)), ("unevaluatedProperties", False), ("items", a_part(chance, 3)),
            ("dependentRequired", {chance.choice(NAMES): [chance.choice(NAMES)]}), ("not", a_part(chance, 3)),
            ("contains", a_part(chance, 3)), ("propertyNames", {"pattern": chance.choice(PATTERNS)}),
        )
    )  # fmt: skip
    return {**part, keyword: value}


def _replaced(_part: dict[str, Any], chance: Random) -> Any:
    return a_part(chance, 2)


CHANGES: Final[tuple[Callable[[dict[str, Any], Random], Any], ...]] = (
    _dropped, _dropped, _renamed, _bounded, _bounded, _listed, _listed, _grown, _grown, _member, _added, _added,
    _replaced,
)  # fmt: skip
"""Ways to change what is accepted, or not."""
