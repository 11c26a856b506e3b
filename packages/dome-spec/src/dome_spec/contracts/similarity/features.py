"""What a schema family consists of, in a form that can be compared: its names, its fields and their shapes.

A field is where a property stands; a shape is what its value may be, without names and prose. Definitions of the
same document are looked into; a reference to another document is a shape of its own, for it repeats nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.kernel.json_pointer import names

DEPTH_MAX: Final = 4
FIELDS_MAX: Final = 2_000
APPLICATORS: Final = ("allOf", "anyOf", "oneOf")
# What a value may be; everything else in a schema is prose, structure or a default.
SHAPE_KEYWORDS: Final = (
    *("type", "enum", "const", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)
PLAIN: Final = re.compile(r"(list of )*(object|any|none|type \w+)")
WORD: Final = re.compile(r"[a-z]+|[A-Z][a-z]*|[0-9]+")
SUFFIXES: Final = frozenset({"schema", "json", "yaml"})


@dataclass(frozen=True, slots=True)
class Field:
    """One property: the names on the way to it, and its shape."""

    path: tuple[str, ...]
    shape: str

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class Features:
    """A family, ready to be compared with another."""

    family: str
    words: tuple[str, ...]
    identity: str
    title: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of all fields."""
        return frozenset(field.name for field in self.fields)

    @property
    def members(self) -> frozenset[tuple[str, str]]:
        """The fields by name and shape: two families that share several of these took them from each other."""
        return frozenset((field.name, field.shape) for field in self.fields)

    @property
    def shapes(self) -> Counter[str]:
        """How often each shape occurs."""
        return Counter(field.shape for field in self.fields)

    @property
    def telling(self) -> Counter[str]:
        """The shapes that say more than a type: two families seldom have them by chance."""
        return Counter({shape: count for shape, count in self.shapes.items() if not PLAIN.fullmatch(shape)})


def features(family: str, schema: Any) -> Features:
    """The features of a schema document. `family` is its name or path; nothing is raised for an odd schema."""
    root = schema if isinstance(schema, Mapping) else {}
    last = family.replace("\\", "/").rpartition("/")[2]
    found: dict[tuple[str, ...], Field] = {}
    for field in _fields(root, root, (), ()):
        found.setdefault(field.path, field)
        if len(found) >= FIELDS_MAX:
            break
    return Features(family, words(last), str(root.get("$id", "")), str(root.get("title", "")), tuple(found.values()))


def words(name: str) -> tuple[str, ...]:
    """The words of a name, however they are joined: `work.queue.schema.json` and `WorkQueue` both give work, queue."""
    return tuple(sorted({word.lower() for word in WORD.findall(name)} - SUFFIXES))


def _fields(schema: Any, root: Mapping[str, Any], path: tuple[str, ...], seen: tuple[str, ...]) -> Iterator[Field]:
    """The properties of a schema and of what it applies to the same value, each with those below it."""
    if not isinstance(schema, Mapping) or len(path) > DEPTH_MAX:
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen and (target := _local(reference, root)) is not None:
        yield from _fields(target, root, path, (*seen, reference))
    properties = schema.get("properties")
    for name, below in properties.items() if isinstance(properties, Mapping) else ():
        yield Field((*path, str(name)), shape(below, root))
        yield from _fields(below, root, (*path, str(name)), seen)
    for keyword in ("items", "additionalProperties", "then", "else"):
        yield from _fields(schema.get(keyword), root, path, seen)
    for keyword in APPLICATORS:
        parts = schema.get(keyword)
        for part in parts if isinstance(parts, list) else ():
            yield from _fields(part, root, path, seen)


def shape(schema: Any, root: Mapping[str, Any], seen: tuple[str, ...] = ()) -> str:
    """What a value may be, as text; `object` for an object, whose fields speak for themselves."""
    if not isinstance(schema, Mapping):
        return "any" if schema is not False else "none"
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = _local(reference, root)
        if target is None or reference in seen:
            return f"ref {reference.rpartition('/')[2]}"
        return shape(target, root, (*seen, reference))
    if "properties" in schema or schema.get("type") == "object":
        return "object"
    if "items" in schema:
        return f"list of {shape(schema['items'], root, seen)}"
    said = [f"{keyword} {_text(schema[keyword])}" for keyword in SHAPE_KEYWORDS if keyword in schema]
    parts = [shape(part, root, seen) for keyword in APPLICATORS for part in schema.get(keyword, ()) or ()]
    return "; ".join([*said, *sorted(parts)]) or "any"


def _text(value: Any) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, list) else str(value)


def _local(reference: str, root: Mapping[str, Any]) -> Any:
    """What a reference within the document names; None for any other."""
    if not reference.startswith("#/"):
        return None
    found: Any = root
    for name in names(reference[1:]):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
