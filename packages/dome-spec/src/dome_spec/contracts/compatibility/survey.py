"""What stands in one document: the schemas with a URI of their own, and the names that are given in them.

Follows no references. What other documents hold is remembered between parsings, since families share their definitions.
"""

import marshal
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from dome_spec.contracts.compatibility.dialect import LATEST, Dialect, Kind, dialect_of, subschemas
from dome_spec.contracts.compatibility.faults import SchemaFault, SchemaRefused
from dome_spec.contracts.compatibility.measure import measure
from dome_spec.contracts.compatibility.metaschema import check_metaschema
from dome_spec.contracts.compatibility.pointers import named, token
from dome_spec.contracts.compatibility.uris import join, split_fragment

REMEMBERED_BYTES_MAX: Final = 300_000
"""Largest document that is remembered."""
_MARSHAL_PLAIN: Final = 2
"""The last version of `marshal` that writes equal values alike, however often they are referred to."""
_REMEMBERED: Final = 64
RECURSIVE_ANCHOR: Final = "#"
"""The name under which `$recursiveAnchor` is kept: no anchor can be called so."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One schema with a URI of its own, and the names that are given within it."""

    uri: str
    document: str
    """Name of the document it stands in; the document that was given has the empty name."""
    place: str
    dialect: Dialect
    node: Any = field(repr=False)
    anchors: dict[str, "Location"] = field(default_factory=dict, repr=False)
    dynamic_anchors: dict[str, "Location"] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> tuple[str, str]:
        """What tells two resources apart."""
        return self.document, self.place


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """One schema: where it stands and to which resource it belongs."""

    resource: Resource
    place: str
    """JSON pointer within the document."""
    node: Any = field(repr=False)

    @property
    def key(self) -> tuple[str, str]:
        """What tells two locations apart."""
        return self.resource.document, self.place

    @property
    def label(self) -> str:
        """The place with the name of its document."""
        return named(self.resource.document, self.place)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What was found in a document, or below one place of it."""

    resources: dict[str, Resource]
    """By place; the first is the one that the whole belongs to."""
    places: set[str]
    """Of all schemas that are objects."""

    @property
    def first(self) -> Resource:
        """The schema that the whole belongs to."""
        return next(iter(self.resources.values()))


def survey(name: str, content: Any) -> Survey:
    """Looks through a document. What is found is not to be changed. Raises SchemaRefused where it is no schema."""
    if name:
        try:
            # The quickest way to write it down such that what differs is written differently; it is not kept anywhere.
            written = marshal.dumps(content, _MARSHAL_PLAIN)
        except ValueError:
            written = b""
        if 0 < len(written) <= REMEMBERED_BYTES_MAX:
            return _remembered(name, written)
    return _surveyed(name, content)


@lru_cache(maxsize=_REMEMBERED)
def _remembered(name: str, written: bytes) -> Survey:
    # A copy of its own, which nobody changes.
    return _surveyed(name, marshal.loads(written))


def _surveyed(name: str, content: Any) -> Survey:
    measure(content, name=name)
    dialect = _dialect(content, LATEST, name, "")
    uri = path_of(name)
    # In early dialects nothing beside `$ref` counts, not even the name.
    if isinstance(content, dict) and not dialect.reads_only_ref(content):
        given = content.get(dialect.id_keyword)
        uri = join(uri, split_fragment(given)[0]) if isinstance(given, str) else uri
    check_metaschema(content, dialect, name=name)
    found = Survey({"": Resource(uri, name, "", dialect, content)}, set())
    _look_through(Location(found.first, "", content), found)
    return found


def survey_below(location: Location) -> Survey:
    """Looks through a schema in a place where none was looked for. Raises SchemaRefused where it is none."""
    resource = location.resource
    check_metaschema(location.node, resource.dialect, name=resource.document, place=location.place)
    # Names that are given there count for who refers to that place, and for nobody else.
    holder = Resource(resource.uri, resource.document, resource.place, resource.dialect, resource.node)
    found = Survey({resource.place: holder}, set())
    _look_through(Location(holder, location.place, location.node), found)
    return found


def path_of(name: str) -> str:
    """The name of a document as a base for references."""
    return join("", split_fragment(name)[0])


def _look_through(start: Location, found: Survey) -> None:
    """Finds the resources and anchors at and below a schema."""
    stack = [start]
    while stack:
        location = stack.pop()
        if isinstance(location.node, dict):
            found.places.add(location.place)
            location = _entered(location, found)
            _note_anchors(location)
            stack.extend(_children(location))


def _entered(location: Location, found: Survey) -> Location:
    """The location in the resource that it begins, if it begins one."""
    node, outer = location.node, location.resource
    if location.place in found.resources:
        return Location(found.resources[location.place], location.place, node)
    dialect = _dialect(node, outer.dialect, outer.document, location.place)
    given = node.get(dialect.id_keyword)
    uri = split_fragment(given)[0] if isinstance(given, str) else ""
    if not uri or dialect.reads_only_ref(node):
        return location
    resource = Resource(join(outer.uri, uri), outer.document, location.place, dialect, node)
    found.resources[location.place] = resource
    return Location(resource, location.place, node)


def _note_anchors(location: Location) -> None:
    node, resource = location.node, location.resource
    dialect = resource.dialect
    if dialect.names_anchors_by_id:
        given = node.get(dialect.id_keyword)
        fragment = split_fragment(given)[1] if isinstance(given, str) and not dialect.reads_only_ref(node) else ""
        _name(resource.anchors, fragment, location)
        return
    if isinstance(anchor := node.get("$anchor"), str):
        _name(resource.anchors, anchor, location)
    if dialect is LATEST and isinstance(anchor := node.get("$dynamicAnchor"), str):
        _name(resource.anchors, anchor, location)
        _name(resource.dynamic_anchors, anchor, location)
    if dialect is not LATEST and node.get("$recursiveAnchor") is True and location.place == resource.place:
        _name(resource.dynamic_anchors, RECURSIVE_ANCHOR, location)


def _children(location: Location) -> Iterator[Location]:
    """The schemas directly within a schema, definitions included."""
    for keyword, kind, value in subschemas(location.node, location.resource.dialect):
        at = f"{location.place}/{token(keyword)}"
        match kind, value:
            case Kind.SCHEMA, _:
                yield Location(location.resource, at, value)
            case Kind.SCHEMAS, list():
                for index, item in enumerate(value):
                    yield Location(location.resource, f"{at}/{index}", item)
            case Kind.SCHEMA_MAP, dict():
                for name, member in value.items():
                    yield Location(location.resource, f"{at}/{token(name)}", member)


def _dialect(node: Any, default: Dialect, document: str, place: str) -> Dialect:
    if not isinstance(node, dict) or "$schema" not in node:
        return default
    uri = node["$schema"]
    if isinstance(uri, str) and (found := dialect_of(uri)):
        return found
    raise SchemaRefused(
        SchemaFault.UNKNOWN_DIALECT,
        named(document, f"{place}/$schema"),
        what=f"The dialect {uri!r:.200} is not known.",
        remedy=f"Use {LATEST.uri}; draft-04, draft-06, draft-07 and 2019-09 are read too.",
    )


def _name(anchors: dict[str, Location], name: str, location: Location) -> None:
    if not name:
        return
    known = anchors.setdefault(name, location)
    if known.key != location.key:
        raise SchemaRefused(
            SchemaFault.MALFORMED,
            location.label,
            what=f"The anchor {name!r} is given to two schemas; the other stands at {known.label or 'the top'!r}.",
            remedy="Give each of them an anchor of its own.",
        )
