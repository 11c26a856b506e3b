"""What one row of the registry may name: earlier contracts, modules, mappings, deltas, version policies."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci.gates.finding import Finding
from ci.gates.registries import FAMILIES, exists


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a row may name."""

    wire: frozenset[str]
    mappings: frozenset[str]
    deltas: frozenset[str]
    earlier: frozenset[str]
    policies: frozenset[str]


def check(tree: Path, row: dict[str, Any], known: Known) -> list[Finding]:
    """Names in a complete row that lead nowhere."""
    return [*_decision(row, known), *_names(tree, row, known)]


def _decision(row: dict[str, Any], known: Known) -> Iterator[Finding]:
    name, extends = row["family"], row["extends"]
    if row["decision"] == "new":
        if extends:
            yield Finding(FAMILIES, f"{name} is new and extends {extends}", "Write extend, or leave extends empty.")
        return
    if not extends:
        what = f"{name}: {row['decision']} of what is not said"
        yield Finding(FAMILIES, what, "Name in extends the contract of `earlier` that it goes on with.")
    elif extends not in known.earlier:
        what = f"{name} extends {extends}, which is not in `earlier`"
        yield Finding(FAMILIES, what, "Name a contract that is listed there.")


def _names(tree: Path, row: dict[str, Any], known: Known) -> Iterator[Finding]:
    """Modules, mappings and deltas that a row names and that are not there."""
    name = row["family"]
    for key in ("writers", "readers"):
        for each in row[key]:
            if not exists(tree, each):
                what = f"{name}: {key} names {each}, which does not exist"
                yield Finding(FAMILIES, what, "Name a production module by its dotted name, or a file by its path.")
    for each in filter(None, (part.strip() for part in row["wire_mapping"].split(","))):
        if each not in known.mappings | known.wire:
            what = f"{name}: wire_mapping names {each}, which is no mapping and no part of the wire"
            yield Finding(FAMILIES, what, "Name mappings of mappings.yaml or messages, joined by commas.")
    for each in row["deltas"]:
        if each not in known.deltas:
            what = f"{name}: {each} is no delta"
            yield Finding(FAMILIES, what, "Add it to contracts/deltas.yaml, or take it away here.")
    if row["version_policy"] not in known.policies:
        what = f"{name}: its version policy is not one of version_policies"
        yield Finding(FAMILIES, what, "Refer to one of them by its anchor, such as *document.")
