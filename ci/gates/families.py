"""The gate on the registry: each contract has its row and each row its contract, complete and agreeing with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ci.gates import family_names, family_row
from ci.gates.declarations import declared, wire_declarations
from ci.gates.finding import Finding
from ci.gates.registries import DELTAS, FAMILIES, MAPPINGS, family_name, load, schema_families

ROW_REMEDY: Final = "Add its row: what it is for, who owns it, how stable it is, and why no earlier family serves."


def check(tree: Path) -> list[Finding]:
    """Contracts without a row, rows without a contract, and rows that are incomplete or say other than the contract."""
    content = load(tree, FAMILIES)
    rows = content["families"]
    whole = [row for row in rows if not family_row.incomplete(row)]
    known = family_names.Known(
        wire=frozenset(name for _, _, name in wire_declarations(tree)),
        mappings=frozenset(load(tree, MAPPINGS)["mappings"]),
        deltas=frozenset(row["id"] for row in load(tree, DELTAS)["deltas"]),
        earlier=frozenset(row["name"] for row in content["earlier"]),
        policies=frozenset(content["version_policies"].values()),
    )
    return [
        *_missing(tree, {row.get("family") for row in rows}),
        *(found for row in rows if row not in whole for found in family_row.incomplete(row)),
        *_twice(rows),
        *(found for row in whole for found in _empty(tree, row)),
        *(found for row in whole for found in (*family_row.check(tree, row), *family_names.check(tree, row, known))),
    ]


def _missing(tree: Path, registered: set[str | None]) -> Iterator[Finding]:
    for path, name in schema_families(tree):
        if name not in registered:
            yield Finding(path.relative_to(tree).as_posix(), f"{name} has no row in {FAMILIES}", ROW_REMEDY)
    for path, kind, name in wire_declarations(tree):
        if name not in registered:
            place = path.relative_to(tree).as_posix()
            yield Finding(place, f"the {kind} {name} has no row in {FAMILIES}", ROW_REMEDY)


def _twice(rows: list[dict[str, Any]]) -> Iterator[Finding]:
    names = [row.get("family") for row in rows]
    for name in sorted({str(name) for name in names if names.count(name) > 1}):
        yield Finding(FAMILIES, f"{name} has two rows", "Remove one.")


def _empty(tree: Path, row: dict[str, Any]) -> Iterator[Finding]:
    """A row whose path or name does not lead to a contract."""
    name, path = row["family"], tree / "contracts" / row["path"]
    if not path.is_file():
        what = f"the path of {name} leads nowhere"
    elif row["form"] == "json_schema" and not _is_schema(row):
        what = f"the name {name} is not that of {row['path']}"
    elif row["form"] == "proto" and name not in {full for _, full in declared(path)}:
        what = f"{row['path']} declares no {name}"
    else:
        return
    yield Finding(FAMILIES, what, "Mend the row, or remove it with its contract.")


def _is_schema(row: dict[str, Any]) -> bool:
    return str(row["family"]) == family_name(row["path"].removeprefix("jsonschema/"))
