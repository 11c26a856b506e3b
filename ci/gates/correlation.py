"""The gate on the table of identifiers: each carrier that it names is there, or says where it is planned."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from ci.gates.carriers import CARRIERS, Known, carriers, exists, known
from ci.gates.finding import Finding
from ci.gates.registries import CORRELATION, load, schema_place

TEXTS: Final = ("id", "form", "minted_by")
KEYS: Final = frozenset({*TEXTS, *CARRIERS, "definition", "example"})
DEFINITIONS: Final = "shared/definitions#/$defs"


def check(tree: Path) -> list[Finding]:
    """Identifiers without a form or an example that has it, and carriers that do not exist."""
    rows = load(tree, CORRELATION)["identifiers"]
    whole = [row for row in rows if set(row) == KEYS and all(row[key] for key in TEXTS)]
    there = known(tree)
    return [
        *(_incomplete(row) for row in rows if row not in whole),
        *(found for row in whole for found in _form(tree, row)),
        *(found for row in whole for found in _carriers(tree, row, there)),
    ]


def _incomplete(row: dict[str, Any]) -> Finding:
    odd = sorted(set(row) ^ KEYS) or [key for key in TEXTS if not row[key]]
    what = f"{row.get('id', 'an identifier without a name')}: missing, unknown or empty: {', '.join(odd)}"
    return Finding(CORRELATION, what, "Write each column once; lists may be empty.")


def _form(tree: Path, row: dict[str, Any]) -> Iterator[Finding]:
    """The example has the form of the definition."""
    if not row["definition"]:
        return
    place = f"{DEFINITIONS}/{row['definition']}"
    if schema_place(tree, place) is None:
        yield Finding(CORRELATION, f"{row['id']}: there is no definition {row['definition']}", "Name a shared one.")
        return
    schema = {"$ref": f"#/$defs/{row['definition']}", "$defs": schema_place(tree, DEFINITIONS)}
    validator = jsonschema_rs.validator_for(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, validate_formats=True
    )
    if not validator.is_valid(row["example"]):
        what = f"{row['id']}: the example {row['example']!r} has not the form of {row['definition']}"
        yield Finding(CORRELATION, what, "Mend the example, or name another definition.")


def _carriers(tree: Path, row: dict[str, Any], there: Known) -> Iterator[Finding]:
    for kind in CARRIERS:
        for name, planned in carriers(row, kind):
            if planned:
                if not (tree / planned).is_file():
                    yield Finding(CORRELATION, f"{row['id']}: the page {planned} does not exist", "Name the page.")
            elif not exists(tree, kind, name, there):
                what = f"{row['id']}: {name} is no carrier of the kind {kind}"
                remedy = "Name what is there, or write {name: ..., planned: <page>}."
                yield Finding(CORRELATION, what, remedy)
