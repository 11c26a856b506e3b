"""The schemas of one place, as values. Reads nothing."""

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dome_contracts.canonical import NotCanonical, digest, digest_bytes
from dome_spec.kernel import Position, nearest, positions


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read as what it may be, and was left out."""

    path: str
    what: str
    remedy: str
    position: Position | None = None
    is_likely_schema: bool = False


@dataclass(frozen=True)
class SchemaSet:
    """Schemas by path, and what was found beside them. Paths are relative to the place and have `/`."""

    name: str
    """What was asked for: `main`, `contracts/jsonschema`, `baseline`."""
    origin: str
    """Where that is, for people: a path, or a commit and a path in it."""
    documents: Mapping[str, Any]
    texts: Mapping[str, bytes] = field(default_factory=dict)
    """The bytes of each document and resource."""
    resources: Mapping[str, Any] = field(default_factory=dict)
    """Schemas outside of the place that those inside refer to; their paths may begin with `../`."""
    prefix: str = ""
    """What stands before a path to name the file from where the command was given, or in its commit."""
    problems: tuple[Problem, ...] = ()
    skipped_count: int = 0
    """JSON files that are no schemas."""
    is_single: bool = False
    """One file was named, no directory."""

    def shown(self, path: str) -> str:
        """The name of a file for people and for reports."""
        shown = f"{self.prefix}{path}"
        return posixpath.normpath(shown) if path.startswith("../") else shown

    @property
    def unread(self) -> list[str]:
        """What could not be read, and why."""
        return [f"{self.shown(each.path)}: {each.what}" for each in self.problems]

    @cached_property
    def by_id(self) -> Mapping[str, str]:
        """The path of each `$id` that one document alone has."""
        return {schema_id: paths[0] for schema_id, paths in self._paths_by_id.items() if len(paths) == 1}

    @cached_property
    def referable(self) -> Mapping[str, str]:
        """A path of each `$id` that can mean one thing only: copies of a document are one."""
        return {
            schema_id: paths[0]
            for schema_id, paths in self._paths_by_id.items()
            if len({json.dumps(self.document(path), sort_keys=True) for path in paths}) == 1
        }

    @cached_property
    def _paths_by_id(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, document in sorted({**self.resources, **self.documents}.items(), key=lambda item: item[0]):
            if schema_id := identity(document):
                found.setdefault(schema_id, []).append(path)
        return found

    @cached_property
    def named_places(self) -> Mapping[str, tuple[str, ...]]:
        """Of each document every `$id` in it, at its top or deeper, and every anchor."""
        everything = {**self.resources, **self.documents}
        return {path: tuple(_names(document)) for path, document in everything.items()}

    def document(self, path: str) -> Any:
        """A schema of the set, or one that it refers to."""
        return self.documents[path] if path in self.documents else self.resources[path]

    def position(self, path: str, pointer: str) -> Position | None:
        """Where a place of a document stands in its text; None where the text is not kept."""
        if path not in self.texts:
            return None
        return nearest(positions(self.texts[path].decode("utf-8-sig")), pointer)


_NAMING = ("$id", "id", "$anchor", "$dynamicAnchor")


def _names(document: Any) -> Iterator[str]:
    pending = [document]
    while pending:
        match pending.pop():
            case dict() as node:
                yield from (node[key] for key in _NAMING if isinstance(node.get(key), str))
                pending.extend(node.values())
            case list() as items:
                pending.extend(items)


def identity(document: Any) -> str | None:
    """The `$id` of a schema (of older dialects `id`) without an empty fragment."""
    if not isinstance(document, dict):
        return None
    for key in ("$id", "id"):
        if isinstance(found := document.get(key), str) and found and not found.startswith("#"):
            return found.removesuffix("#")
    return None


def annotation(document: Any, keyword: str) -> str:
    """A text at the top of a schema; empty where there is none."""
    found = document.get(keyword) if isinstance(document, dict) else None
    return found if isinstance(found, str) else ""


def document_digest(document: Any) -> str:
    """The digest of the canonical form; of sorted JSON where a number is beyond it."""
    try:
        return digest(document)
    except NotCanonical:
        return digest_bytes(json.dumps(document, sort_keys=True).encode())
