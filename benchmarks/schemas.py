"""Pairs of JSON Schemas as authors of contracts change them: families of this repository, each edited a little.

The same in every run on the same contracts.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]
Edit = Callable[[Json, random.Random], None]

_FAMILIES: Final = Path(__file__).parent.parent / "contracts" / "jsonschema"
_EDITS_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A family as it is and as it was edited."""

    old: Json
    new: Json
    resources: Mapping[str, Any]
    """The documents that either refers to, by `$id`."""


def pairs(count: int) -> list[Pair]:
    """So many pairs: the families in turn, each with one to three edits."""
    chance = random.Random(7)
    documents = _documents()
    families = [document for document in documents.values() if "x-dome-tier" in document]
    found = []
    for number in range(count):
        old = families[number % len(families)]
        new = copy.deepcopy(old)
        for _ in range(chance.randint(1, _EDITS_MAX)):
            chance.choice(EDITS)[1](new, chance)
        found.append(Pair(old, new, documents))
    return found


@cache
def _documents() -> dict[str, Json]:
    read = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(_FAMILIES.rglob("*.json")))
    return {document["$id"]: document for document in read}


def _schemas(node: Any) -> Iterator[Json]:
    """Every object in the document, the outermost first."""
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from _schemas(part)
    elif isinstance(node, list):
        for part in node:
            yield from _schemas(part)


def _one(document: Json, chance: random.Random, keyword: str, kind: type) -> Json:
    """A schema with such a keyword, or an object that nothing refers to where there is none."""
    found = [each for each in _schemas(document) if isinstance(each.get(keyword), kind)]
    return chance.choice(found) if found else {keyword: kind()}


def _field_more(document: Json, chance: random.Random) -> None:
    _one(document, chance, "properties", dict)["properties"]["remark"] = {"type": "string", "maxLength": 200}


def _field_required(document: Json, chance: random.Random) -> None:
    schema = _one(document, chance, "properties", dict)
    optional = [name for name in schema["properties"] if name not in schema.get("required", ())]
    schema["required"] = [*schema.get("required", ()), *optional[:1]]


def _field_gone(document: Json, chance: random.Random) -> None:
    properties = _one(document, chance, "properties", dict)["properties"]
    if properties:
        del properties[chance.choice(list(properties))]


def _field_optional(document: Json, chance: random.Random) -> None:
    schema = _one(document, chance, "required", list)
    schema["required"] = schema["required"][1:]


def _value_more(document: Json, chance: random.Random) -> None:
    _one(document, chance, "enum", list)["enum"].append("another")


def _value_less(document: Json, chance: random.Random) -> None:
    values = _one(document, chance, "enum", list)["enum"]
    del values[1:2]


def _pattern_narrower(document: Json, chance: random.Random) -> None:
    schema = _one(document, chance, "pattern", str)
    schema["pattern"] = schema["pattern"].replace("a-z", "a-y")


def _bound_halved(document: Json, chance: random.Random) -> None:
    schema = _one(document, chance, "maxLength", int)
    schema["maxLength"] = schema["maxLength"] // 2 + 1


def _bound_doubled(document: Json, chance: random.Random) -> None:
    _one(document, chance, "maxItems", int)["maxItems"] *= 2


def _other_default(document: Json, chance: random.Random) -> None:
    _one(document, chance, "default", int)["default"] = 99


def _definition_moved(document: Json, chance: random.Random) -> None:
    properties = document.get("properties", {})
    if properties:
        name = chance.choice(list(properties))
        document.setdefault("$defs", {})[f"moved_{name}"] = properties[name]
        properties[name] = {"$ref": f"#/$defs/moved_{name}"}


def _reordered(document: Json, chance: random.Random) -> None:
    _one(document, chance, "required", list)["required"].reverse()


EDITS: Final[tuple[tuple[str, Edit], ...]] = (
    ("an optional field more", _field_more),
    ("a field becomes required", _field_required),
    ("a field is gone", _field_gone),
    ("a field becomes optional", _field_optional),
    ("a value more", _value_more),
    ("a value less", _value_less),
    ("a narrower pattern", _pattern_narrower),
    ("a lower bound", _bound_halved),
    ("a higher bound", _bound_doubled),
    ("another default", _other_default),
    ("a definition of its own", _definition_moved),
    ("nothing but order", _reordered),
)
"""What authors do, one thing at a time."""
