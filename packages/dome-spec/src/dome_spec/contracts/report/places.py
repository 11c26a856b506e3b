"""Where to look: the file and line of what the author changed. Says not what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.contracts.check import FamilyChange, Report
from dome_spec.contracts.compatibility import Change, Verdict
from dome_spec.contracts.sources import SchemaSet, resources, used_parts
from dome_spec.kernel import Position
from dome_spec.kernel.json_pointer import names, pointer, token

_CLOSED: Final = ("additionalProperties.loosened", "unevaluatedProperties.loosened")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, as people and tools name it."""

    path: str
    pointer: str
    position: Position | None


def place_of_change(report: Report, change: FamilyChange, each: Change) -> Place:
    """In the new schema: the line of the keyword or of what held it, else of the first thing that was written anew."""
    if change.new_path is None:
        assert change.old_path is not None
        return place_in(change.against, change.old_path, each.place)
    if each.rule in _CLOSED and (added := _added_member(report, change, each.place)):
        return place_in(report.new, change.new_path, added)
    if each.verdict is Verdict.UNDECIDED and not each.place:
        path, at = _first_difference(report, change)
        return Place(report.new.shown(path), at, report.new.position(path, at))
    return place_in(report.new, change.new_path, each.place)


def place_in(schemas: SchemaSet, path: str, place: str) -> Place:
    """The place that a pointer names; one that begins with the name of another document is looked for there."""
    path, at = _located(schemas, path, place)
    return Place(schemas.shown(path), at, schemas.position(path, at))


def _located(schemas: SchemaSet, path: str, place: str) -> tuple[str, str]:
    """Path and pointer of a place."""
    if not place or place.startswith("/"):
        return path, place
    name, _, at = place.partition("#")
    named = resources(schemas, path).get(name)
    candidates = {**schemas.resources, **schemas.documents}
    found = (each for each, document in candidates.items() if named is not None and document is named)
    return next(found, path), at


def _added_member(report: Report, change: FamilyChange, place: str) -> str:
    """The member that a closed object did not have: its place, named as `place` is; empty where there is none."""
    assert change.new_path is not None and change.old_path is not None
    holder = f"{place.rpartition('/')[0]}/properties"
    old_path, at = _located(change.against, change.old_path, holder)
    new_path, _ = _located(report.new, change.new_path, holder)
    before, after = (
        _at(schemas.document(path), at) for schemas, path in ((change.against, old_path), (report.new, new_path))
    )
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    return next((f"{holder}/{token(name)}" for name in after if name not in before), "")


def _first_difference(report: Report, change: FamilyChange) -> tuple[str, str]:
    """Path and pointer of the first thing that is not as it was, in the schema or in what it refers to."""
    assert change.new_path is not None and change.old_path is not None
    before = used_parts(change.against, change.old_path, change.definition)
    own = {(change.new_path, change.definition): (change.old_path, change.definition)}
    for key, part in used_parts(report.new, change.new_path, change.definition).items():
        was = before.get(own.get(key, key))
        if was is not None and (found := next(_differences(was, part, ()), None)) is not None:
            return key[0], f"{key[1]}{pointer(found)}"
    return change.new_path, ""


def _differences(before: Any, after: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The places of the second value that the first has otherwise, in the order of the second; inner ones for outer."""
    match before, after:
        case dict(), dict():
            for name, value in after.items():
                if name not in before:
                    yield (*at, name)
                else:
                    yield from _differences(before[name], value, (*at, name))
            if before.keys() - after.keys():
                yield at
        case list(), list() if len(before) == len(after):
            for index, (was, value) in enumerate(zip(before, after, strict=True)):
                yield from _differences(was, value, (*at, index))
        case _:
            if before != after or type(before) is not type(after):
                yield at


def _at(document: Any, place: str) -> Any:
    for name in names(place):
        document = document.get(name) if isinstance(document, dict) else None
    return document
