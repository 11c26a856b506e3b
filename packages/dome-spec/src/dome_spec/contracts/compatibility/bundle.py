"""One self-contained 2020-12 document out of a schema and everything it refers to.

What a reference leads to becomes a definition of its own; names become places; dynamic references become plain ones,
one definition for each dynamic scope they are reached in. Judges nothing.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from dome_spec.contracts.compatibility.dialect import LATEST_URI, UNEVALUATED, Kind, Part, doubts, upgraded
from dome_spec.contracts.compatibility.faults import SchemaFault, SchemaRefused
from dome_spec.contracts.compatibility.measure import values_in
from dome_spec.contracts.compatibility.pointers import named, parts, token
from dome_spec.contracts.compatibility.references import References
from dome_spec.contracts.compatibility.survey import RECURSIVE_ANCHOR, Location, Resource
from dome_spec.contracts.compatibility.uris import split_fragment

DEFINITIONS_MAX: Final = 5_000
"""Most schemas that references may lead to."""
EXPANDED_NODES_MAX: Final = 400_000
"""Most values in the self-contained document."""

_UNPLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")

Scope = tuple[tuple[str, Location], ...]
"""For each dynamic anchor met on the way, the schema that the outermost resource gives it to."""
Setter = Callable[[Any], None]


@dataclass(slots=True)
class Bundle:
    """The document, and where each of its schemas comes from."""

    document: Any = True
    origins: dict[str, str] = field(default_factory=dict)
    """Place in the document -> place in the source, for every schema and every renamed keyword."""
    patterns: list[tuple[str, str]] = field(default_factory=list)
    """Every pattern, with its place in the document."""
    unevaluated: list[str] = field(default_factory=list)
    """Every schema with an `unevaluated` keyword, by its place in the document."""
    doubts: dict[str, None] = field(default_factory=dict)
    """Reasons why no verdict may be given; ordered, each once."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One schema that is to be copied."""

    location: Location
    scope: Scope
    place: str
    put: Setter


class _Bundler:
    def __init__(self, references: References) -> None:
        self._references = references
        self._names: dict[tuple[tuple[str, str], Scope], str] = {}
        self._taken: set[str] = set()
        self._pending: deque[tuple[str, Location, Scope]] = deque()
        self._values = 0
        self._unevaluated_items = False
        self._contains_2019: list[str] = []
        self.bundle = Bundle()

    def run(self) -> Bundle:
        root = self._references.root
        scope = _entering((), self._references.resource_at(root))
        self._names[root.key, scope] = "#"
        definitions: dict[str, Any] = {}
        self._copy(_Step(root, scope, "", self._put_root))
        while self._pending:
            name, location, scope = self._pending.popleft()
            self._copy(_Step(location, scope, f"/$defs/{name}", _member(definitions, name)))
        document = self.bundle.document
        if isinstance(document, dict):
            self.bundle.document = {"$schema": LATEST_URI, **document}
            if definitions:
                self.bundle.document["$defs"] = dict(sorted(definitions.items()))
        if self._unevaluated_items:
            for place in self._contains_2019:
                reason = f"`contains` of 2019-09 at {place} evaluates no items, that of 2020-12 does"
                self.bundle.doubts[reason] = None
        return self.bundle

    def _put_root(self, schema: Any) -> None:
        self.bundle.document = schema

    def _copy(self, first: _Step) -> None:
        stack = [first]
        while stack:
            step = stack.pop()
            resource = self._references.resource_at(step.location)
            location = Location(resource, step.location.place, step.location.node)
            scope = _entering(step.scope, resource)
            self.bundle.origins[step.place] = location.label
            self._count(1, location)
            if not isinstance(location.node, dict):
                step.put(location.node)
                continue
            copied: dict[str, Any] = {}
            step.put(copied)
            inner: list[_Step] = []
            for part in upgraded(location.node, resource.dialect):
                inner.extend(self._part(part, copied, _Step(location, scope, step.place, step.put)))
            stack.extend(reversed(inner))
            for target in self._targets(location, scope):
                _refer(copied, self._name(*target))
            self._note_doubts(location)

    def _part(self, part: Part, copied: dict[str, Any], step: _Step) -> Iterator[_Step]:
        """Puts one keyword into the copy; what schemas it holds are steps to come."""
        keyword, resource, scope = part.keyword, step.location.resource, step.scope
        source = f"{step.location.place}/{token(part.source_keyword)}"
        if keyword != part.source_keyword:
            self.bundle.origins[f"{step.place}/{token(keyword)}"] = named(resource.document, source)
        if part.kind is Kind.VALUE:
            self._put_value(part, copied, step)
            return
        place = f"{step.place}/{token(keyword)}"
        if keyword in UNEVALUATED:
            self.bundle.unevaluated.append(step.place)
            self._unevaluated_items = self._unevaluated_items or keyword == "unevaluatedItems"
        if part.kind is Kind.SCHEMA:
            copied[keyword] = None
            yield _Step(Location(resource, source, part.value), scope, place, _member(copied, keyword))
        elif part.kind is Kind.SCHEMAS:
            items: list[Any] = [None] * len(part.value)
            copied[keyword] = items
            for index, item in enumerate(part.value):
                inner = Location(resource, f"{source}/{index}", item)
                yield _Step(inner, scope, f"{place}/{index}", _item(items, index))
        else:
            if keyword == "patternProperties":
                self.bundle.patterns.extend((f"{place}/{token(name)}", name) for name in part.value)
            members: dict[str, Any] = dict.fromkeys(part.value)
            copied[keyword] = members
            for name, member in part.value.items():
                inner = Location(resource, f"{source}/{token(name)}", member)
                yield _Step(inner, scope, f"{place}/{token(name)}", _member(members, name))

    def _put_value(self, part: Part, copied: dict[str, Any], step: _Step) -> None:
        self._count(values_in(part.value) if isinstance(part.value, dict | list) else 1, step.location)
        copied[part.keyword] = part.value
        if part.keyword == "pattern":
            self.bundle.patterns.append((f"{step.place}/pattern", part.value))

    def _targets(self, location: Location, scope: Scope) -> Iterator[tuple[Location, Scope]]:
        """What the references of one schema object lead to."""
        node, resource = location.node, location.resource
        if isinstance(reference := node.get("$ref"), str):
            target = self._follow(reference, location, "$ref")
            yield target, self._scope_at(scope, target)
        if resource.dialect.uri == LATEST_URI and isinstance(reference := node.get("$dynamicRef"), str):
            target = self._follow(reference, location, "$dynamicRef")
            anchor = split_fragment(reference)[1]
            if anchor in target.resource.dynamic_anchors:
                target = dict(scope).get(anchor, target)
            yield target, self._scope_at(scope, target)
        if resource.dialect.year == 2019 and isinstance(reference := node.get("$recursiveRef"), str):
            target = self._follow(reference, location, "$recursiveRef")
            if RECURSIVE_ANCHOR in target.resource.dynamic_anchors:
                target = dict(scope).get(RECURSIVE_ANCHOR, target)
            yield target, self._scope_at(scope, target)

    def _follow(self, reference: str, location: Location, keyword: str) -> Location:
        place = named(location.resource.document, f"{location.place}/{keyword}")
        return self._references.follow(reference, location, place=place)

    def _scope_at(self, scope: Scope, location: Location) -> Scope:
        return _entering(scope, self._references.resource_at(location))

    def _name(self, location: Location, scope: Scope) -> str:
        key = location.key, scope
        if key not in self._names:
            if len(self._names) > DEFINITIONS_MAX:
                raise _too_large(location, f"References lead to more than {DEFINITIONS_MAX} schemas.")
            name = self._fresh_name(location)
            self._names[key] = f"#/$defs/{name}"
            self._pending.append((name, location, scope))
        return self._names[key]

    def _fresh_name(self, location: Location) -> str:
        steps = parts(location.place)
        stem = location.resource.uri.rpartition("/")[2].removesuffix(".json").removesuffix(".schema")
        wanted = _UNPLAIN.sub("_", steps[-1] if steps else stem) or "schema"
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return name

    def _count(self, values: int, location: Location) -> None:
        self._values += values
        if self._values > EXPANDED_NODES_MAX:
            raise _too_large(location, f"With all that it refers to it has more than {EXPANDED_NODES_MAX} values.")

    def _note_doubts(self, location: Location) -> None:
        dialect = location.resource.dialect
        for keyword, reason in doubts(location.node, dialect):
            self.bundle.doubts[f"{named(location.resource.document, f'{location.place}/{keyword}')}: {reason}"] = None
        if dialect.year == 2019 and "contains" in location.node:
            self._contains_2019.append(location.label)


def bundled(references: References) -> Bundle:
    """The self-contained document. Raises SchemaRefused: UNRESOLVED_REFERENCE, TOO_LARGE, and what documents are."""
    return _Bundler(references).run()


def _entering(scope: Scope, resource: Resource) -> Scope:
    """The dynamic scope within a resource: its anchors, where no outer resource has them."""
    if not resource.dynamic_anchors:
        return scope
    known = {name for name, _ in scope}
    fresh = [(name, target) for name, target in resource.dynamic_anchors.items() if name not in known]
    return tuple(sorted((*scope, *fresh), key=lambda entry: entry[0])) if fresh else scope


def _refer(copied: dict[str, Any], reference: str) -> None:
    if "$ref" in copied:
        # In place: the schemas that stand in this list already may still have to be copied into it.
        copied.setdefault("allOf", []).append({"$ref": reference})
    else:
        copied["$ref"] = reference


def _member(members: dict[str, Any], name: str) -> Setter:
    def put(schema: Any) -> None:
        members[name] = schema

    return put


def _item(items: list[Any], index: int) -> Setter:
    def put(schema: Any) -> None:
        items[index] = schema

    return put


def _too_large(location: Location, what: str) -> SchemaRefused:
    return SchemaRefused(
        SchemaFault.TOO_LARGE, location.label, what=what, remedy="Split the schema, or refer to fewer parts of it."
    )
