"""Which schemas a schema refers to, among those of its set. Reads and resolves no more than names."""

import posixpath
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from dome_spec.contracts.sources.schema_set import SchemaSet, identity

_KEYWORDS: Final = ("$ref", "$dynamicRef", "$recursiveRef")


def referred(document: Any) -> frozenset[str]:
    """The names of other documents that stand in references: what precedes `#`, as it is written."""
    found = (urldefrag(value)[0] for keyword in _KEYWORDS for value in _values(document, keyword))
    return frozenset(name for name in found if name)


def relative_path(name: str, *, of: str) -> str | None:
    """The path that a reference in the file `of` names by its place; None for an absolute URI."""
    if urlsplit(name).scheme or name.startswith("/"):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(of), unquote(name)))


def resolved(schemas: SchemaSet, path: str, name: str) -> str | None:
    """The path of the document of the set that a reference in `path` names: by `$id`, else by its place."""
    for base in ("", *schemas.named_places[path]):
        target = urldefrag(urljoin(base, name))[0]
        if target in schemas.referable:
            return schemas.referable[target]
    by_place = relative_path(name, of=path)
    return by_place if by_place in schemas.documents or by_place in schemas.resources else None


def closure(schemas: SchemaSet, path: str) -> dict[str, Any]:
    """The document and all that it needs, by path; what cannot be resolved is left out."""
    found = {path: schemas.document(path)}
    pending = [path]
    while pending:
        at = pending.pop()
        for name in sorted(referred(found[at])):
            target = resolved(schemas, at, name)
            if target is not None and target not in found:
                found[target] = schemas.document(target)
                pending.append(target)
    return found


def used_parts(schemas: SchemaSet, path: str, definition: str = "") -> dict[tuple[str, str], Any]:
    """The document or one definition of it, and what it needs: by path and pointer, '' for a whole document."""
    found: dict[tuple[str, str], Any] = {}
    pending = [(path, "" if _definition(schemas, path, definition) is None else definition)]
    while pending:
        at, place = pending.pop()
        if (at, place) in found or (at, "") in found:
            continue
        part = found[at, place] = _definition(schemas, at, place)
        for reference in sorted({value for keyword in _KEYWORDS for value in _values(part, keyword)}):
            name, fragment = urldefrag(reference)
            target = resolved(schemas, at, name) if name else at
            if target is not None and (target, "") not in found:
                pending.append((target, "" if _definition(schemas, target, fragment) is None else fragment))
    return found


def _definition(schemas: SchemaSet, path: str, pointer: str) -> Any:
    """The document, or one definition at its top; None for any other place, and where names may mean other things."""
    document = schemas.document(path)
    match pointer.split("/"):
        case [""]:
            return document
        case ["", ("$defs" | "definitions") as key, name] if isinstance(document, dict) and "~" not in name:
            members = document.get(key)
            is_plain = len(schemas.named_places[path]) <= 1
            return members.get(unquote(name)) if isinstance(members, dict) and is_plain else None
        case _:
            return None


def resources(schemas: SchemaSet, path: str) -> dict[str, Any]:
    """What the schema at `path` needs, by every name it may have there: `$id`, place, place below `$id`."""
    own = identity(schemas.document(path))
    found: dict[str, Any] = {}
    for other, document in closure(schemas, path).items():
        if other == path:
            continue
        place = posixpath.relpath(other, posixpath.dirname(path) or ".")
        found[place] = document
        if own:
            found[urljoin(own, place)] = document
        if schema_id := identity(document):
            found[schema_id] = document
    return found


def _values(document: Any, keyword: str) -> Iterator[str]:
    """Every text under a keyword, wherever it stands."""
    pending = [document]
    while pending:
        match pending.pop():
            case dict() as node:
                if isinstance(value := node.get(keyword), str):
                    yield value
                pending.extend(node.values())
            case list() as items:
                pending.extend(items)
