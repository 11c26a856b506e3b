"""What one row of the registry must say: every column, in the vocabularies, and the same as its schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.reading import json_at
from ci.gates.registries import FAMILIES
from ci.gates.schema_rules import INTENTS, TIERS
from ci.gen.families import KEYS, LISTS

VOCABULARIES: Final[dict[str, tuple[str, ...]]] = {
    "form": ("json_schema", "proto"),
    "intent": INTENTS,
    "tier": TIERS,
    "owner": ("domed", "dome-spec", "dome-client", "contracts"),
    "decision": ("reuse", "extend", "new"),
}
# Columns that may be empty: not every contract has its like before it or on the other side.
OPTIONAL: Final = frozenset({"extends", "wire_mapping"})
ANNOTATIONS: Final = ("tier", "owner", "intent")


def incomplete(row: dict[str, Any]) -> list[Finding]:
    """Columns that are missing, unknown or of another form."""
    name = row.get("family", "a row without a family")
    found = []
    if odd := sorted(set(row) ^ set(KEYS)):
        found.append(
            Finding(FAMILIES, f"{name}: missing or unknown columns: {', '.join(odd)}", "Write each column once.")
        )
    for key in LISTS:
        if key in row and not (isinstance(row[key], list) and all(isinstance(each, str) for each in row[key])):
            found.append(Finding(FAMILIES, f"{name}: {key} is no list of names", "Write a list; [] for none."))
    for key in KEYS:
        if key in row and key not in LISTS and not isinstance(row[key], str):
            found.append(Finding(FAMILIES, f"{name}: {key} is no text", "Write a text; '' for none."))
    return found


def check(tree: Path, row: dict[str, Any]) -> list[Finding]:
    """Findings on a complete row."""
    return [*_vocabulary(row), *_agreement(tree, row)]


def _vocabulary(row: dict[str, Any]) -> Iterator[Finding]:
    for key, allowed in VOCABULARIES.items():
        if row[key] not in allowed:
            what = f"{row['family']}: {key} is {row[key]!r}"
            yield Finding(FAMILIES, what, f"Write one of {', '.join(allowed)}.")
    for key in KEYS:
        if key not in LISTS and key not in OPTIONAL and not row[key].strip():
            yield Finding(FAMILIES, f"{row['family']}: {key} is empty", "Say it in a sentence.")


def _agreement(tree: Path, row: dict[str, Any]) -> Iterator[Finding]:
    """A schema says its tier, owner and intent itself."""
    path = tree / "contracts" / row["path"]
    if row["form"] != "json_schema" or not path.is_file():
        return
    schema = json_at(tree, path)
    for key in ANNOTATIONS:
        said = schema.get(f"x-dome-{key}")
        if said != row[key]:
            what = f"{row['family']}: {key} is {row[key]} here and {said} in {row['path']}"
            yield Finding(FAMILIES, what, "Say the same in both; the schema's word is what readers see.")
