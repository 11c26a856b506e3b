"""The gate on the register of deltas: each is complete, names what exists, and agrees with the registry."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

from ci.gates.family_row import VOCABULARIES
from ci.gates.finding import Finding
from ci.gates.registries import DELTAS, FAMILIES, load

RISKS: Final = ("low", "medium", "high")
TEXTS: Final = ("id", "title", "gap", "risk", "authority", "compatibility")
# `families` may be empty: some deltas are rules for all of them.
LISTS: Final = ("families", "candidates", "surface", "consumers", "evidence")
OPTIONAL: Final = ("justifies",)


def check(tree: Path) -> list[Finding]:
    """Deltas that are incomplete, name what does not exist, or that the registry does not know of."""
    content = load(tree, DELTAS)
    rows = {row["family"]: set(row.get("deltas") or ()) for row in load(tree, FAMILIES)["families"]}
    whole = [delta for delta in content["deltas"] if not list(_incomplete(delta))]
    return [
        *(found for delta in content["deltas"] for found in _incomplete(delta)),
        *_numbered(content["deltas"]),
        *(found for delta in whole for found in _named(delta, rows)),
        *_agreement(whole, rows),
    ]


def _incomplete(delta: dict[str, Any]) -> Iterator[Finding]:
    name = delta.get("id", "a delta without an id")
    if odd := sorted((set(delta) ^ {*TEXTS, *LISTS}) - set(OPTIONAL)):
        yield Finding(DELTAS, f"{name}: missing or unknown keys: {', '.join(odd)}", "Write each key once.")
        return
    empty = [key for key in (*TEXTS, *LISTS) if key != "families" and not delta[key]]
    if empty:
        yield Finding(
            DELTAS, f"{name}: {', '.join(empty)}: empty", "Say it; a delta that says nothing justifies nothing."
        )
    if delta["risk"] not in RISKS:
        yield Finding(DELTAS, f"{name}: the risk is {delta['risk']!r}", f"Write one of {', '.join(RISKS)}.")
    if delta["authority"] not in VOCABULARIES["owner"]:
        owners = ", ".join(VOCABULARIES["owner"])
        yield Finding(DELTAS, f"{name}: the authority is {delta['authority']!r}", f"Write one of {owners}.")


def _numbered(deltas: list[dict[str, Any]]) -> Iterator[Finding]:
    wanted = [f"DLT-{number:03}" for number in range(1, len(deltas) + 1)]
    for delta, number in zip(deltas, wanted, strict=True):
        if delta.get("id") != number:
            what = f"{delta.get('id')} stands where {number} belongs"
            yield Finding(DELTAS, what, "Number deltas in order; a number is never used again.")
            return


def _named(delta: dict[str, Any], rows: dict[str, set[str]]) -> Iterator[Finding]:
    for name in dict.fromkeys(chain(delta["families"], *delta.get("justifies", ()))):
        if name not in rows:
            yield Finding(DELTAS, f"{delta['id']}: {name} has no row in {FAMILIES}", "Name rows of the registry.")
    for pair in delta.get("justifies", ()):
        if len(set(pair)) != 2 or not set(pair) <= set(delta["families"]):
            what = f"{delta['id']}: {' and '.join(pair)} are no pair of its families"
            yield Finding(DELTAS, what, "Justify pairs of two different families that the delta is about.")


def _agreement(deltas: list[dict[str, Any]], rows: dict[str, set[str]]) -> Iterator[Finding]:
    """A delta's families name it, and it names theirs."""
    for delta in deltas:
        for name in delta["families"]:
            if name in rows and delta["id"] not in rows[name]:
                what = f"{delta['id']} is about {name}, whose row does not name it"
                yield Finding(FAMILIES, what, "Add the delta to the row's column deltas.")
        for name in sorted(name for name, ids in rows.items() if delta["id"] in ids):
            if name not in delta["families"]:
                what = f"{name} names {delta['id']}, which is not about it"
                yield Finding(DELTAS, what, "Add the family to the delta, or take the delta out of the row.")
