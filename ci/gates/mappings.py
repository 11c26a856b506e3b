"""The gate on declared mappings: every field of document and message has exactly one row, and each row its fields."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.mapped_fields import fields, properties
from ci.gates.registries import MAPPINGS, load, schema_place
from ci.gates.wire_fields import wire_messages

CONVERSIONS: Final = ("same", "nullable", "enum", "timestamp", "seconds", "json", "fact", "message", "messages")
REMEDY: Final = "Add a row: how it is converted, or which side has it alone and why."


def check(tree: Path) -> list[Finding]:
    """Fields without a row, fields with two, and rows whose fields, conversions or reasons are not there."""
    mappings = load(tree, MAPPINGS)["mappings"]
    return [found for name, mapping in mappings.items() for found in _mapping(tree, name, mapping, set(mappings))]


def _mapping(tree: Path, name: str, mapping: dict[str, Any], names: set[str]) -> Iterator[Finding]:
    family, schema = mapping["document"], schema_place(tree, mapping["document"])
    messages = wire_messages(tree)
    if schema is None:
        yield Finding(MAPPINGS, f"{name}: there is no schema {family}", "Name <family>#<JSON pointer>.")
    if mapping["message"] not in messages:
        yield Finding(MAPPINGS, f"{name}: there is no message {mapping['message']}", "Name a message of the wire.")
    if schema is None or mapping["message"] not in messages:
        return
    rows = mapping["fields"]
    yield from chain.from_iterable(_row(name, row, names) for row in rows)
    pointers = [row["document"] for row in rows if "document" in row]
    pointers += [row["payload"] for row in rows if "payload" in row]
    yield from _accounted(name, "the document", pointers, list(properties(tree, family, "", pointers)))
    paths = [row["wire"] for row in rows if "wire" in row]
    yield from _accounted(name, "the message", paths, list(fields(messages, mapping["message"], "", paths)))


def _row(name: str, row: dict[str, Any], names: set[str]) -> Iterator[Finding]:
    """A row converts, or says which side is alone and why."""
    place = f"{name}: {row.get('document', row.get('wire'))}"
    if "only" in row:
        if row["only"] not in {"document", "wire"} or set(row) & {"document", "wire"} != {row["only"]}:
            yield Finding(
                MAPPINGS, f"{place} is only on the side {row['only']!r}", "Write document or wire, and name it."
            )
        if not row.get("why"):
            yield Finding(MAPPINGS, f"{place}: there is no reason", "Say why the other side does not have it.")
    elif row.get("as") not in CONVERSIONS or not {"document", "wire"} <= set(row):
        yield Finding(
            MAPPINGS, f"{place}: the conversion is {row.get('as')!r}", f"Write one of {', '.join(CONVERSIONS)}."
        )
    elif row["as"] in {"message", "messages"} and row.get("mapping") not in names:
        yield Finding(
            MAPPINGS, f"{place}: there is no mapping {row.get('mapping')!r}", "Name the mapping of the parts."
        )


def _accounted(name: str, side: str, rows: list[str], places: list[str]) -> Iterator[Finding]:
    for place in places:
        if place not in rows:
            yield Finding(MAPPINGS, f"{name}: {side} has {place}, and no row accounts for it", REMEDY)
    for row in sorted(set(rows)):
        if row not in places:
            yield Finding(MAPPINGS, f"{name}: {side} has no {row}", "Mend the row, or take it away.")
        if rows.count(row) > 1:
            yield Finding(MAPPINGS, f"{name}: {row} of {side} has {rows.count(row)} rows", "Leave one.")
