"""The gate on reuse: every contract that was there before has a decision, and the decision and the rows agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.registries import FAMILIES, load

DECISIONS: Final = ("reuse", "extend", "replaced", "dropped")
CONTINUED: Final = ("reuse", "extend")
KEYS: Final = frozenset({"name", "of", "decision", "by", "reason"})


def check(tree: Path) -> list[Finding]:
    """Earlier contracts without a decision or a reason, and decisions that no row of the registry carries out."""
    content = load(tree, FAMILIES)
    extends: dict[str, set[str]] = {}
    for row in content["families"]:
        if row.get("extends"):
            extends.setdefault(row["extends"], set()).add(row["family"])
    rows = {row.get("family") for row in content["families"]}
    earlier = content["earlier"]
    return [*(found for entry in earlier for found in _entry(entry, rows)), *_agreement(earlier, extends)]


def _entry(entry: dict[str, Any], rows: set[str | None]) -> Iterator[Finding]:
    name = entry.get("name", "an entry without a name")
    if set(entry) != KEYS or not all(entry[key] for key in KEYS - {"by"}):
        what = f"{name}: the keys are {', '.join(sorted(entry))}, or one of them is empty"
        yield Finding(FAMILIES, what, f"Write {', '.join(sorted(KEYS))}; only `by` may be empty.")
        return
    if entry["decision"] not in DECISIONS:
        yield Finding(
            FAMILIES, f"{name}: the decision is {entry['decision']!r}", f"Write one of {', '.join(DECISIONS)}."
        )
    if bool(entry["by"]) == (entry["decision"] == "dropped"):
        what = f"{name} is {entry['decision']} by {', '.join(entry['by']) or 'nothing'}"
        yield Finding(FAMILIES, what, "Name the rows that go on with it; a dropped contract has none.")
    for each in entry["by"]:
        if each not in rows:
            yield Finding(FAMILIES, f"{name}: {each} has no row", "Name rows of the registry.")


def _agreement(earlier: list[dict[str, Any]], extends: dict[str, set[str]]) -> Iterator[Finding]:
    """A row that extends an earlier contract is named by it. One name may stand for several earlier sets."""
    by: dict[str, set[str]] = {}
    for entry in earlier:
        if entry.get("decision") in CONTINUED:
            by.setdefault(entry["name"], set()).update(entry["by"])
    names = {entry.get("name") for entry in earlier}
    for name, rows in sorted(extends.items()):
        if name in names and name not in by:
            what = f"{', '.join(sorted(rows))} extends {name}, which was not to be continued"
            yield Finding(FAMILIES, what, "Mend the decision of the earlier contract, or the row.")
    for name, wanted in sorted(by.items()):
        if not wanted & extends.get(name, set()):
            what = f"{name} goes on as {', '.join(sorted(wanted))}, and none of these rows extends it"
            yield Finding(FAMILIES, what, "Write its name into the column extends of the row that goes on with it.")
