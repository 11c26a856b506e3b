"""The schemas among the files of a pin, as the compatibility engine takes them. Files in, judgements out."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from dome_spec.contracts.compatibility import (
    Acceptance,
    Change,
    Direction,
    Schema,
    SchemaRefused,
    Verdict,
    compare,
    parse,
)
from dome_spec.contracts.pairing import definitions, is_library, subject
from dome_spec.contracts.pins.errors import MemberRefused
from dome_spec.contracts.policy import direction, terms
from dome_spec.contracts.sources import SchemaSet, resources
from dome_spec.kernel import NotJson, read_json
from dome_spec.kernel.json_pointer import names

_SCHEMA_REMEDY: Final = "Pin the schema itself, together with every schema that it refers to."

Reading = Callable[[str], Schema]
"""Reads a schema: the whole for an empty text, else the definition at this pointer. Raises MemberRefused."""


def json_of(data: bytes, file: str) -> Any:
    """The value of a file. Raises MemberRefused."""
    try:
        return read_json(data)
    except NotJson as error:
        at = f":{error.position.line}:{error.position.column}" if error.position else ""
        raise MemberRefused(f"{file}{at}: {error.what}", error.remedy) from error


def schema_of(file: str, files: Mapping[str, bytes], definition: str = "") -> Schema:
    """The schema in a file, or one of its definitions; what it refers to is looked for in the other files.

    Raises MemberRefused.
    """
    documents = {file: json_of(files[file], file)}
    for name, data in files.items():
        if name != file:
            try:
                documents[name] = read_json(data)
            except NotJson:
                continue  # whoever needs it hears of a reference that leads nowhere
    schemas = SchemaSet("pin", "pin", {name: each for name, each in documents.items() if isinstance(each, dict)})
    if file not in schemas.documents:
        raise MemberRefused(f"{file} is JSON and no schema", _SCHEMA_REMEDY)
    return schema_in(schemas, file, definition, file)


def schema_in(schemas: SchemaSet, path: str, definition: str, place: str) -> Schema:
    """A schema of a set, or one of its definitions. Raises MemberRefused, which calls it by its place."""
    try:
        return parse(subject(schemas.documents[path], definition), resources=resources(schemas, path))
    except SchemaRefused as error:
        at = f" at {error.place}" if error.place else ""
        raise MemberRefused(f"{place} is refused as a schema{at}: {error.what.rstrip('.')}", error.remedy) from error


def compared(old: Reading, new: Reading) -> tuple[Change, ...]:
    """What the step does to whom the schema promises something; a foreign one promises it to its readers.

    Of a document that only holds definitions each definition promises it. Raises MemberRefused.
    """
    before, after = old(""), new("")
    asked = direction(terms(before.source))
    if not (is_library(before.source) and is_library(after.source)):
        return compare(before, after, direction=asked).changes
    found: dict[tuple[str, str, str], Change] = {}
    present = set(definitions(after.source))
    for place in definitions(before.source):
        changes = compare(old(place), new(place), direction=asked).changes if place in present else (_gone(place),)
        for each in changes:
            found.setdefault((each.rule, each.direction, each.place), each)
    return tuple(found.values())


def _gone(place: str) -> Change:
    return Change(
        verdict=Verdict.INCOMPATIBLE,
        rule="definition.removed",
        direction=Direction.BACKWARD,
        place=place,
        what=f"The definition {names(place)[-1]} is gone.",
        remedy="Refer to another one, or keep a rendering of your own.",
    )


def accepts(schema: Schema, data: bytes, file: str) -> bool:
    """Whether the schema accepts the document. Raises MemberRefused."""
    return Acceptance(schema).accepts(json_of(data, file))
