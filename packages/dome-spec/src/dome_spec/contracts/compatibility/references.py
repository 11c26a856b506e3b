"""Where references lead: the documents at hand, the schema resources in them, their anchors.

Every document is looked through once, when something first refers to it. Copies nothing and upgrades nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dome_spec.contracts.compatibility.dialect import LATEST, Dialect, Kind, dialect_of, subschemas
from dome_spec.contracts.compatibility.faults import SchemaFault, SchemaRefused
from dome_spec.contracts.compatibility.measure import measure
from dome_spec.contracts.compatibility.metaschema import check_metaschema, published
from dome_spec.contracts.compatibility.pointers import named, parts, token
from dome_spec.contracts.compatibility.uris import join, split_fragment

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


class References:
    """The documents at hand, by name and by URI."""

    def __init__(self, document: Any, resources: Mapping[str, Any]) -> None:
        self._given = resources
        self._names: dict[str, str] = {join("", split_fragment(name)[0]): name for name in resources}
        self._ids: dict[str, str] = {}
        self._by_uri: dict[str, Resource] = {}
        self._by_place: dict[tuple[str, str], Resource] = {}
        self._known: dict[str, Resource] = {}
        self._seen: set[tuple[str, str]] = set()
        for name, content in resources.items():
            for keyword in ("$id", "id"):
                if isinstance(content, dict) and isinstance(uri := content.get(keyword), str):
                    self._ids.setdefault(split_fragment(uri)[0], name)
        self.root = Location(self._load("", document), "", document)

    @property
    def used(self) -> dict[str, Any]:
        """The documents that were looked through, by name, without the one that was given."""
        return {name: self._given[name] for name in self._known if name in self._given}

    def resource_at(self, location: Location) -> Resource:
        """The resource that begins at the location, or the one it belongs to."""
        return self._by_place.get(location.key, location.resource)

    def follow(self, reference: str, origin: Location, *, place: str) -> Location:
        """The schema that a reference leads to. Raises SchemaRefused: UNRESOLVED_REFERENCE and what the target is.

        `place` is where the reference stands, for the message.
        """
        uri, fragment = split_fragment(reference)
        resource = self._resource(uri, origin.resource)
        if resource is None:
            raise _unresolved(
                reference, place, "there is no such document", "Hand the document in, or correct the URI."
            )
        if fragment and not fragment.startswith("/"):
            found = resource.anchors.get(fragment) or resource.dynamic_anchors.get(fragment)
            if found is None:
                raise _unresolved(reference, place, f"no schema there has the anchor {fragment!r}", "Correct the name.")
            return found
        return self._point(resource, fragment, reference, place)

    def _resource(self, uri: str, origin: Resource) -> Resource | None:
        if not uri:
            return origin
        candidates = (join(origin.uri, uri), join(_path(origin.document), uri))
        for candidate in candidates:
            if found := self._by_uri.get(candidate) or self._load_named(candidate):
                return found
        # Embedded resources are found only by looking through the documents they are embedded in.
        for name in self._given:
            if name not in self._known:
                self._load(name, self._given[name])
        return next((self._by_uri[candidate] for candidate in candidates if candidate in self._by_uri), None)

    def _load_named(self, uri: str) -> Resource | None:
        for name in (self._ids.get(uri), self._names.get(uri)):
            if name is not None:
                return self._known.get(name) or self._load(name, self._given[name])
        content = published(uri)
        return None if content is None else self._load(uri, content)

    def _load(self, name: str, content: Any) -> Resource:
        measure(content, name=name)
        resource = self._first(name, content)
        self._known[name] = resource
        check_metaschema(content, resource.dialect, name=name)
        self._look_through(Location(resource, "", content))
        return resource

    def _first(self, name: str, content: Any) -> Resource:
        dialect = _dialect(content, LATEST, name, "")
        uri = _path(name)
        # In early dialects nothing beside `$ref` counts, not even the name.
        if isinstance(content, dict) and not dialect.reads_only_ref(content):
            given = content.get(dialect.id_keyword)
            uri = join(uri, split_fragment(given)[0]) if isinstance(given, str) else uri
        resource = Resource(uri, name, "", dialect, content)
        self._register(resource)
        self._by_uri.setdefault(_path(name), resource)
        return resource

    def _register(self, resource: Resource) -> None:
        known = self._by_uri.setdefault(resource.uri, resource)
        if known is not resource and known.node is not resource.node and known.node != resource.node:
            raise SchemaRefused(
                SchemaFault.MALFORMED,
                named(resource.document, resource.place),
                what=f"The URI {resource.uri!r} is given to two schemas; the other stands at"
                f" {named(known.document, known.place) or 'the top'!r}.",
                remedy="Give each schema an $id of its own.",
            )
        self._by_place[resource.document, resource.place] = resource

    def _look_through(self, start: Location) -> None:
        """Finds the resources and anchors at and below a schema."""
        stack = [start]
        while stack:
            location = stack.pop()
            if isinstance(location.node, dict):
                self._seen.add(location.key)
                location = self._entered(location)
                self._note_anchors(location)
                stack.extend(children(location))

    def _entered(self, location: Location) -> Location:
        """The location in the resource that it begins, if it begins one."""
        node, outer = location.node, location.resource
        if location.key in self._by_place:
            return Location(self._by_place[location.key], location.place, node)
        dialect = _dialect(node, outer.dialect, outer.document, location.place)
        given = node.get(dialect.id_keyword)
        uri = split_fragment(given)[0] if isinstance(given, str) else ""
        if not uri or dialect.reads_only_ref(node):
            return location
        resource = Resource(join(outer.uri, uri), outer.document, location.place, dialect, node)
        self._register(resource)
        return Location(resource, location.place, node)

    def _note_anchors(self, location: Location) -> None:
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

    def _point(self, resource: Resource, fragment: str, reference: str, place: str) -> Location:
        node, at = resource.node, resource.place
        for part in parts(fragment):
            node = _member(node, part, reference, place)
            at = f"{at}/{token(part)}"
            resource = self._by_place.get((resource.document, at), resource)
        if not isinstance(node, dict | bool):
            raise _unresolved(reference, place, "what stands there is no schema", "Refer to an object or a boolean.")
        location = Location(resource, at, node)
        if isinstance(node, dict) and location.key not in self._seen:
            check_metaschema(node, resource.dialect, name=resource.document, place=at)
            self._look_through(location)
        return location


def children(location: Location) -> Iterator[Location]:
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


def _path(name: str) -> str:
    return join("", split_fragment(name)[0])


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


def _member(node: Any, part: str, reference: str, place: str) -> Any:
    if isinstance(node, dict) and part in node:
        return node[part]
    if isinstance(node, list) and part.isascii() and part.isdigit() and len(part) < 10 and int(part) < len(node):
        return node[int(part)]
    raise _unresolved(
        reference, place, f"there is no {part!r:.80} there", "Correct the pointer, or add the definition."
    )


def _unresolved(reference: str, place: str, why: str, remedy: str) -> SchemaRefused:
    return SchemaRefused(
        SchemaFault.UNRESOLVED_REFERENCE, place, what=f"{reference!r:.300} leads nowhere: {why}.", remedy=remedy
    )
