"""The gate against a second family for one concept: by name, identity, fields or structure, unless it is justified.

How alike two families are is measured in `dome_spec.contracts.similarity`. A likeness that is meant stands in
`contracts/deltas.yaml`: `justifies: [[family, family]]`, with what was considered and why both are needed.
"""

from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.reading import json_at
from ci.gates.registries import DELTAS, FAMILIES, load
from dome_spec.contracts.similarity import Likeness, Resemblance, likenesses

FOLDER: Final = "contracts/jsonschema"
BASELINE: Final = "contracts/baseline/jsonschema"
SHARED: Final = "shared"
SHOWN_MAX: Final = 6
WORDS: Final = {
    Resemblance.IDENTITY: "has the $id of",
    Resemblance.NAME: "has the name of",
    Resemblance.FIELDS: "has {share:.0%} of the fields of",
    Resemblance.SHAPES: "has {share:.0%} of the structure, under other names, of",
}


def check(tree: Path) -> list[Finding]:
    """Pairs of families that repeat each other without a reason on record, and reasons for pairs that do not exist."""
    families = {name: json_at(tree, path) for name, path in _files(tree).items()}
    justified = _justified(tree)
    alike = likenesses(families)
    known = _registered(tree)
    written = {name for name, schema in families.items() if not _is_blessed(tree, name, schema)}
    known = sorted(known, key=lambda name: name in written)
    found = [_finding(each, known) for each in alike if frozenset((each.first, each.second)) not in justified]
    for pair in sorted(justified, key=sorted):
        for name in sorted(pair - families.keys()):
            found.append(Finding(DELTAS, f"a likeness of {name} is justified, which is no family", "Mend the name."))
    return found


def _files(tree: Path) -> dict[str, Path]:
    paths = sorted((tree / FOLDER).glob("*/v*/*.json"))
    return {f"{path.parts[-3]}/{path.stem}": path for path in paths if path.parts[-3] != SHARED}


def _is_blessed(tree: Path, name: str, schema: Any) -> bool:
    """Whether the family is as the baseline has it: then the likeness was made by the other one."""
    context, _, family = name.partition("/")
    path = tree / BASELINE / f"{context}/v1/{family}.json"
    return path.is_file() and bool(json_at(tree, path) == schema)


def _justified(tree: Path) -> set[frozenset[str]]:
    rows: list[dict[str, Any]] = load(tree, DELTAS)["deltas"] if (tree / DELTAS).is_file() else []
    return {frozenset(pair) for row in rows for pair in row.get("justifies", ())}


def _registered(tree: Path) -> list[str]:
    return [str(row["family"]) for row in load(tree, FAMILIES)["families"]]


def _finding(alike: Likeness, known: list[str]) -> Finding:
    """The family that is as it was blessed, or that the registry knows longer, is the one to use."""
    order = {name: index for index, name in enumerate(known)}
    original, copied = sorted((alike.first, alike.second), key=lambda name: order.get(name, len(known)))
    context, _, family = copied.partition("/")
    shared = ", ".join(alike.shared[:SHOWN_MAX]) + (", ..." if len(alike.shared) > SHOWN_MAX else "")
    both = f" (both have {shared})" if shared else ""
    return Finding(
        f"{FOLDER}/{context}/v1/{family}.json",
        f"{copied} {WORDS[alike.by].format(share=min(alike.share, 1.0))} {original}{both}",
        f"Use {original}, extend it, or refer to its parts; if both are needed, add a row to {DELTAS} with "
        f"`justifies: [[{original}, {copied}]]` and say why.",
    )
