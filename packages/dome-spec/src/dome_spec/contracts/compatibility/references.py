"""Where references lead: the documents at hand, the schema resources in them, their anchors.

Every document is looked through once, when something first refers to it. Copies nothing and upgrades nothing.
"""

from collections.abc import Mapping
from typing import Any

from dome_spec.contracts.compatibility.faults import SchemaFault, SchemaRefused
from dome_spec.contracts.compatibility.metaschema import published
from dome_spec.contracts.compatibility.pointers import named, parts, token
from dome_spec.contracts.compatibility.survey import Location, Resource, Survey, path_of, survey, survey_below
from dome_spec.contracts.compatibility.uris import join, split_fragment


class References:
    """The documents at hand, by name and by URI."""

    def __init__(self, document: Any, resources: Mapping[str, Any]) -> None:
        self._given = resources
        self._names: dict[str, str] = {path_of(name): name for name in resources}
        self._ids: dict[str, str] = {}
        self._by_uri: dict[str, Resource] = {}
        self._by_place: dict[tuple[str, str], Resource] = {}
        self._known: dict[str, Resource] = {}
        self._places: dict[str, set[str]] = {}
        """Of all schemas that were looked through, by document."""
        for name, content in resources.items():
            for keyword in ("$id", "id"):
                if isinstance(content, dict) and isinstance(uri := content.get(keyword), str):
                    self._ids.setdefault(split_fragment(uri)[0], name)
        first = self._load("", document)
        self.root = Location(first, "", first.node)

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
        candidates = (join(origin.uri, uri), join(path_of(origin.document), uri))
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
        found = survey(name, content)
        self._known[name] = found.first
        self._adopt(name, found)
        self._by_uri.setdefault(path_of(name), found.first)
        return found.first

    def _adopt(self, document: str, found: Survey) -> None:
        self._places.setdefault(document, set()).update(found.places)
        for resource in found.resources.values():
            known = self._by_uri.setdefault(resource.uri, resource)
            if known.key != resource.key and known.node != resource.node:
                raise SchemaRefused(
                    SchemaFault.MALFORMED,
                    named(resource.document, resource.place),
                    what=f"The URI {resource.uri!r} is given to two schemas; the other stands at"
                    f" {named(known.document, known.place) or 'the top'!r}.",
                    remedy="Give each schema an $id of its own.",
                )
            self._by_place.setdefault(resource.key, resource)

    def _point(self, resource: Resource, fragment: str, reference: str, place: str) -> Location:
        node, at = resource.node, resource.place
        for part in parts(fragment):
            node = _member(node, part, reference, place)
            at = f"{at}/{token(part)}"
            resource = self._by_place.get((resource.document, at), resource)
        if not isinstance(node, dict | bool):
            raise _unresolved(reference, place, "what stands there is no schema", "Refer to an object or a boolean.")
        if isinstance(node, dict) and at not in self._places[resource.document]:
            found = survey_below(Location(resource, at, node))
            self._adopt(resource.document, found)
            resource = self._by_place.setdefault((resource.document, at), found.first)
        return Location(resource, at, node)


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
