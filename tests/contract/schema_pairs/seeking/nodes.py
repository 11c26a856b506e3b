"""Places in a schema: a subschema with the document in which its references are resolved. Generates nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, Final
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from jsonschema_rs import Draft202012Validator, ValidatorMap, validator_map_for

from dome_spec.contracts.compatibility.schema import Schema

_NUMBERS = count()


class Root:
    """One self-contained schema document: finds what references name, and judges documents by any of its subschemas."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.number = next(_NUMBERS)
        self._targets: dict[str, Node | None] = {}
        self._written: dict[str, str] = {}

    @cached_property
    def _validators(self) -> ValidatorMap:
        return validator_map_for(self.document, validate_formats=True)

    @cached_property
    def _anchors(self) -> dict[str, str]:
        """Place of each plain and dynamic anchor; the outermost, where a name occurs more than once."""
        found: dict[str, str] = {}
        layer = [("#", self.document)]
        while layer:
            inner = []
            for place, value in layer:
                if isinstance(value, dict):
                    for keyword in ("$anchor", "$dynamicAnchor"):
                        if isinstance(name := value.get(keyword), str):
                            found.setdefault(name, place)
                    inner += [(f"{place}/{escape(key)}", part) for key, part in value.items()]
                elif isinstance(value, list):
                    inner += [(f"{place}/{index}", part) for index, part in enumerate(value)]
            layer = inner
        return found

    @property
    def top(self) -> "Node":
        """The schema as a whole."""
        return Node(self.document, self, "#")

    def target(self, reference: str) -> "Node | None":
        """What the reference names, or None where it names nothing in this document."""
        if reference not in self._targets:
            self._targets[reference] = self._resolve(reference)
        return self._targets[reference]

    def _resolve(self, reference: str) -> "Node | None":
        if reference in ("", "#"):
            return self.top
        if not reference.startswith("#"):
            return None
        place = reference if reference.startswith("#/") else self._anchors.get(reference[1:])
        if place is None:
            return None
        value: Any = self.document
        path = [unescape(part) for part in unquote(place[2:]).split("/")] if len(place) > 1 else []
        for part in path:
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return None
        return Node(value, self, "#" + "".join("/" + escape(part) for part in path))

    def written(self, node: "Node") -> str:
        """The schema and all that it refers to, as text: there, unlike in Python, 1 is not true."""
        if node.place not in self._written:
            parts = {"": node.schema}
            waiting = [node.schema]
            while waiting:
                for reference in _references(waiting.pop()):
                    if reference not in parts and (target := self.target(reference)) is not None:
                        parts[reference] = target.schema
                        waiting.append(target.schema)
            self._written[node.place] = json.dumps(parts, sort_keys=True)
        return self._written[node.place]

    def accepts(self, place: str, document: Any) -> bool:
        """Whether the subschema at this place accepts the document."""
        validator = self._validators.get(place)
        # A place that the validators do not know cannot be judged on its own; the schema as a whole will judge.
        return True if validator is None else validator.is_valid(document)


_ROOTS: Final[WeakKeyDictionary[Schema, Root]] = WeakKeyDictionary()
"""Kept for as long as the schema is: one is compared with many."""


def top_of(schema: Schema) -> "Node":
    """The schema as a whole."""
    return _ROOTS.setdefault(schema, Root(schema.document)).top


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A subschema at a place of a document, or one made up for a demand (then it has no root and no references)."""

    schema: Any
    root: Root | None = None
    place: str = ""

    @property
    def key(self) -> str:
        """The same for the same demand."""
        if self.root is None:
            return json.dumps(self.schema, sort_keys=True)
        return f"{self.root.number}{self.place}"

    @property
    def written(self) -> str:
        """The same for schemas that are written alike, with all that they refer to."""
        return self.root.written(self) if self.root is not None else self.key

    def at(self, *path: str | int) -> "Node":
        """The subschema below this one."""
        value = self.schema
        for part in path:
            value = value[part]
        return Node(value, self.root, self.place + "".join(f"/{escape(str(part))}" for part in path))

    def get(self, keyword: str) -> Any:
        """The keyword's value; None where the schema is a boolean or lacks it."""
        return self.schema.get(keyword) if isinstance(self.schema, dict) else None

    def target(self, keyword: str) -> "Node | None":
        """What the reference under this keyword names."""
        reference = self.get(keyword)
        if self.root is None or not isinstance(reference, str):
            return None
        return self.root.target(reference)

    def accepts(self, document: Any) -> bool:
        """Whether this subschema accepts the document."""
        if self.root is not None:
            return self.root.accepts(self.place, document)
        return _made_up(json.dumps(self.schema)).is_valid(document)


ANY_TEXT: Final = Node({"type": "string"})


def _references(schema: Any) -> Iterator[str]:
    stack = [schema]
    while stack:
        match stack.pop():
            case dict() as members:
                found = (members.get("$ref"), members.get("$dynamicRef"))
                yield from (reference for reference in found if isinstance(reference, str))
                stack.extend(members.values())
            case list() as items:
                stack.extend(items)


@lru_cache(maxsize=512)
def _made_up(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema), validate_formats=True)


@lru_cache(maxsize=4096)
def matches(pattern: str, text: str) -> bool:
    """Whether the pattern occurs in the text, as the validator sees it."""
    return _made_up(json.dumps({"pattern": pattern})).is_valid(text)


def escape(part: str) -> str:
    """One part of a JSON pointer, escaped."""
    return part.replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """One part of a JSON pointer, as it was."""
    return part.replace("~1", "/").replace("~0", "~")
