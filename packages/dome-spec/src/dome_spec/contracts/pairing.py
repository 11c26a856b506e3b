"""Which schema of one set answers to which of another. Compares no contents but for equality."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from dome_spec.contracts.sources import SchemaSet, annotation, identity, used_parts
from dome_spec.kernel.json_pointer import pointer

_FAMILY: Final = re.compile(r"(?:.*/)?(?P<context>[^/]+)/v(?P<version>\d+)/(?P<family>[^/]+)\.json")
_SHARED: Final = "shared"
_DEFINITIONS: Final = ("$defs", "definitions")
_WITHOUT_RULES: Final = frozenset(
    {*_DEFINITIONS, "$schema", "$id", "id", "$comment", "$anchor", "$vocabulary", "title", "description", "examples"}
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemas of the same family; None where one side has none. `definition` is a pointer into both, or empty."""

    family: str
    old_path: str | None
    new_path: str | None
    definition: str = ""


def family_name(schemas: SchemaSet, path: str) -> str:
    """How people call it: `context/family` for contracts of this house, else its path."""
    document, shown = schemas.document(path), schemas.shown(path)
    found = _FAMILY.fullmatch(shown) or _FAMILY.fullmatch(path)
    if found is None or not (annotation(document, "x-dome-tier") or found["context"] == _SHARED):
        return shown if schemas.is_single else path
    if found["version"] == "1":
        return f"{found['context']}/{found['family']}"
    return f"{found['context']}/v{found['version']}/{found['family']}"


def names(schemas: SchemaSet, path: str) -> frozenset[str]:
    """What a schema of a set may be called: family, path, `$id`, title, or its file without a folder."""
    document = schemas.documents[path]
    stem = path.rpartition("/")[2].removesuffix(".json")
    found = {family_name(schemas, path), path, schemas.shown(path), stem, annotation(document, "title")}
    return frozenset({*found, identity(document) or ""} - {""})


def is_called(pair: Pair, word: str, old: SchemaSet, new: SchemaSet) -> bool:
    """Whether a word names either side of a pair."""
    return any(
        path is not None and word in names(schemas, path)
        for schemas, path in ((old, pair.old_path), (new, pair.new_path))
    )


def pairs(old: SchemaSet, new: SchemaSet) -> list[Pair]:
    """Every family of either side once, ordered by name: by `$id`, else by path, else by equal contents."""
    matched = _matched(old, new)
    found = [Pair(family_name(new, at), was, at) for was, at in matched.items()]
    found += [Pair(family_name(old, was), was, None) for was in old.documents if was not in matched]
    taken = set(matched.values())
    found += [Pair(family_name(new, at), None, at) for at in new.documents if at not in taken]
    counts = Counter(each.family for each in found)
    # Copies of one schema have the same name, and are told apart by their path.
    found = [each if counts[each.family] == 1 else _by_path(each) for each in found]
    used = _used(new)
    found += [part for each in found for part in _definitions(old, new, each, used)]
    return sorted(found, key=lambda each: (each.family, each.old_path or "", each.new_path or ""))


def _by_path(pair: Pair) -> Pair:
    return replace(pair, family=pair.new_path if pair.new_path is not None else pair.old_path or "")


def contents(schemas: SchemaSet, path: str, definition: str = "") -> str:
    """The schema, or one of its definitions, with all that it refers to, as text: equal texts are equal contracts."""
    parts = used_parts(schemas, path, definition)
    return "\n".join(sorted(f"{at == path} {place} {_text(part)}" for (at, place), part in parts.items()))


def is_library(document: Any) -> bool:
    """Whether the document holds definitions for others and no rule of its own."""
    if not isinstance(document, dict) or not any(document.get(key) for key in _DEFINITIONS):
        return False
    return all(key in _WITHOUT_RULES or key.startswith("x-") for key in document)


def definitions(document: Any) -> list[str]:
    """The pointers of the definitions at the top of a document, ordered."""
    found = ((key, document.get(key)) for key in _DEFINITIONS) if isinstance(document, dict) else ()
    return sorted(pointer((key, name)) for key, members in found if isinstance(members, dict) for name in members)


def _matched(old: SchemaSet, new: SchemaSet) -> dict[str, str]:
    if old.is_single and new.is_single:
        return {next(iter(old.documents)): next(iter(new.documents))}
    matched: dict[str, str] = {}
    for schema_id, was in old.by_id.items():
        at = new.by_id.get(schema_id)
        if at is not None and was in old.documents and at in new.documents:
            matched[was] = at
    _match_rest(matched, old, new, key=lambda _, path: path)
    _match_rest(matched, old, new, key=_nameless)
    return matched


def _match_rest(matched: dict[str, str], old: SchemaSet, new: SchemaSet, *, key: Any) -> None:
    """Add what has the same key on both sides and is alone with it."""
    was_by_key = _alone(old, set(matched), key)
    at_by_key = _alone(new, set(matched.values()), key)
    matched.update({was: at_by_key[name] for name, was in was_by_key.items() if name in at_by_key})


def _alone(schemas: SchemaSet, taken: set[str], key: Any) -> dict[str, str]:
    by_key: dict[str, list[str]] = {}
    for path in schemas.documents:
        if path not in taken:
            by_key.setdefault(key(schemas, path), []).append(path)
    return {name: paths[0] for name, paths in by_key.items() if len(paths) == 1}


def _nameless(schemas: SchemaSet, path: str) -> str:
    """A schema without its names: what is equal then was renamed."""
    document = schemas.documents[path]
    if not isinstance(document, dict):
        return path
    return _text({key: value for key, value in document.items() if key not in ("$id", "id", "title")})


def _definitions(old: SchemaSet, new: SchemaSet, pair: Pair, used: frozenset[tuple[str, str]]) -> Iterator[Pair]:
    """Of a library, each definition that no schema here needs: only strangers refer to it."""
    if pair.old_path is None or pair.new_path is None:
        return
    was, at = old.documents[pair.old_path], new.documents[pair.new_path]
    if not (is_library(was) and is_library(at)):
        return
    for key in _DEFINITIONS:
        before, after = was.get(key, {}), at.get(key, {})
        for name in sorted({*before, *after}):
            place = pointer((key, name))
            if (pair.new_path, place) not in used:
                old_path = pair.old_path if name in before else None
                new_path = pair.new_path if name in after else None
                yield Pair(f"{pair.family}#{place}", old_path, new_path, place)


def _used(schemas: SchemaSet) -> frozenset[tuple[str, str]]:
    """Every definition of another document that some schema of the set needs, by path and pointer."""
    return frozenset(
        each
        for path, document in schemas.documents.items()
        if not is_library(document)
        for each in used_parts(schemas, path)
        if each[0] != path
    )


def subject(document: Any, definition: str) -> Any:
    """The schema that is compared: the document, or one of its definitions."""
    return {"allOf": [{"$ref": f"#{definition}"}], **document} if definition else document


def renamed(old: SchemaSet, new: SchemaSet, pair: Pair) -> tuple[str, str] | None:
    """The two `$id`s of a family that is referred to by another one."""
    if pair.old_path is None or pair.new_path is None or pair.definition:
        return None
    was, at = identity(old.documents[pair.old_path]), identity(new.documents[pair.new_path])
    return (was, at or "") if was is not None and was != at else None


def _text(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
