"""Walks two schemas together: which places correspond, and what is annotated there. Says not what a difference means.

Places correspond by the keyword and name they stand under, through references and `allOf`: an inlined definition stands
where the reference stood.
"""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.contracts.compatibility.definitions import target
from dome_spec.contracts.compatibility.pointers import token
from dome_spec.contracts.compatibility.sharing import references

PLACES_MAX: Final = 10_000
"""Pairs of places that are compared."""
PARTS_MAX: Final = 1_000
"""Schemas that hold at one place."""

_MAPS: Final = ("properties", "patternProperties", "dependentSchemas")
_LISTS: Final = ("anyOf", "oneOf", "prefixItems")
_SINGLE: Final = (
    "additionalProperties",
    "propertyNames",
    "items",
    "contains",
    "unevaluatedProperties",
    "unevaluatedItems",
    "if",
    "then",
    "else",
    "not",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One schema of those that hold at a place, and where it stands."""

    pointer: str
    schema: Any


@dataclass(frozen=True, slots=True)
class Place:
    """All schemas that hold at one place, the outermost first."""

    parts: tuple[Part, ...]
    asserted: bool = True
    """Whether a document has to satisfy it; false below `not` and `if`."""

    def value(self, keyword: str) -> Any:
        """What the outermost schema with this keyword says; ABSENT where none has it."""
        return next((part.schema[keyword] for part in self.parts if keyword in part.schema), ABSENT)

    def keywords(self) -> dict[str, None]:
        """The keywords that occur."""
        return {keyword: None for part in self.parts for keyword in part.schema}

    def pointer(self, keyword: str) -> str:
        """Where this keyword stands, or where it would stand."""
        holder = next((part for part in self.parts if keyword in part.schema), self.parts[0])
        return f"{holder.pointer}/{token(keyword)}"


ABSENT: Final = object()
"""That a keyword does not occur: `null` is a value."""


class TooManyPlaces(Exception):
    """More places would have to be compared than is allowed; the message says of what."""


def corresponding(old: Any, new: Any, both: frozenset[str]) -> Iterator[tuple[Place, Place]]:
    """The pairs of places that correspond, each pair of schemas once, from the outside in.

    Places that are written alike, with all that they refer to, are left out: `both` are the references that lead to the
    same. Raises TooManyPlaces.
    """
    sides = _Side(old), _Side(new)
    waiting = deque([(sides[0].place([Part("", old)]), sides[1].place([Part("", new)]))])
    seen: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
    while waiting:
        before, after = waiting.popleft()
        mark = _identity(before), _identity(after)
        if mark in seen or not (before.parts and after.parts):
            continue
        seen.add(mark)
        if len(seen) > PLACES_MAX:
            raise TooManyPlaces(f"more than {PLACES_MAX} pairs of places")
        yield before, after
        inner_before, inner_after = sides[0].below(before), sides[1].below(after)
        for key in inner_before:
            if key in inner_after and not _written_alike(inner_before[key], inner_after[key], both):
                asserted = key[0] not in ("not", "if")
                waiting.append(
                    (
                        sides[0].place(inner_before[key], asserted=before.asserted and asserted),
                        sides[1].place(inner_after[key], asserted=after.asserted and asserted),
                    )
                )


def _written_alike(before: list[Part], after: list[Part], both: frozenset[str]) -> bool:
    first, second = [part.schema for part in before], [part.schema for part in after]
    # Equal values may be written differently, as 1 and 1.0 are, or mean different things, as 1 and true do.
    return first == second and json.dumps(first) == json.dumps(second) and both.issuperset(references(first))


class _Side:
    """One of the two documents."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def place(self, schemas: list[Part], *, asserted: bool = True) -> Place:
        """The place where these schemas hold, with what they refer to."""
        parts: list[Part] = []
        seen: set[int] = set()
        waiting = deque(schemas)
        while waiting:
            part = waiting.popleft()
            if isinstance(part.schema, dict) and id(part.schema) not in seen:
                seen.add(id(part.schema))
                parts.append(part)
                if len(parts) > PARTS_MAX:
                    raise TooManyPlaces(f"more than {PARTS_MAX} schemas at one place")
                if (reference := part.schema.get("$ref")) is not None:
                    waiting.append(Part(reference.removeprefix("#"), target(self._document, reference)))
                waiting.extend(_listed(part, "allOf"))
        return Place(tuple(parts), asserted)

    def below(self, place: Place) -> dict[tuple[str, ...], list[Part]]:
        """The schemas of the places inside of this one, by what they stand under."""
        found: dict[tuple[str, ...], list[Part]] = {}
        for part in place.parts:
            for key, inner in self._inside(part):
                found.setdefault(key, []).append(inner)
        return found

    def _inside(self, part: Part) -> Iterator[tuple[tuple[str, ...], Part]]:
        for keyword in _MAPS:
            if isinstance(members := part.schema.get(keyword), dict):
                for name, schema in members.items():
                    yield (keyword, name), Part(f"{part.pointer}/{keyword}/{token(name)}", schema)
        for keyword in _SINGLE:
            if keyword in part.schema:
                yield (keyword,), Part(f"{part.pointer}/{keyword}", part.schema[keyword])
        for keyword in _LISTS:
            for key, inner in self._keyed(keyword, _listed(part, keyword)):
                yield (keyword, key), inner

    def _keyed(self, keyword: str, schemas: list[Part]) -> Iterator[tuple[str, Part]]:
        """Alternatives have no order: each is known by what tells it from the others, if anything does."""
        marks = [self._mark(schema) if keyword != "prefixItems" else "" for schema in schemas]
        for index, (mark, schema) in enumerate(zip(marks, schemas, strict=True)):
            yield (mark if mark and marks.count(mark) == 1 else str(index)), schema

    def _mark(self, schema: Part) -> str:
        place = self.place([schema])
        constants = [
            f"{name}={json.dumps(inner['const'], sort_keys=True)}"
            for part in place.parts
            for name, inner in (part.schema.get("properties") or {}).items()
            if isinstance(inner, dict) and "const" in inner
        ]
        own = place.value("const")
        if own is not ABSENT:
            return json.dumps(own, sort_keys=True)
        return ",".join(sorted(constants)) or str(place.value("title") if place.value("title") is not ABSENT else "")


def _listed(part: Part, keyword: str) -> list[Part]:
    schemas = part.schema.get(keyword)
    if not isinstance(schemas, list):
        return []
    return [Part(f"{part.pointer}/{keyword}/{index}", schema) for index, schema in enumerate(schemas)]


def _identity(place: Place) -> tuple[int, ...]:
    return tuple(id(part.schema) for part in place.parts)
