"""The gate on `contracts/reasons.yaml`: the wire's enum agrees, the three namespaces are apart, and all only grow."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.reading import json_at, yaml_at
from ci.gates.shape import refusals

CATALOGUE: Final = "contracts/reasons.yaml"
ENUM: Final = "contracts/proto/dome/errors/v1/errors.proto"
BASELINE: Final = "contracts/baseline/reasons.json"
FAMILY: Final = "control/reason_codes"
PREFIX: Final = "ERROR_REASON_"
VALUE: Final = re.compile(rf"^\s*{PREFIX}(\w+)\s*=\s*(\d+)", re.MULTILINE)
# The name of each section's code, and what of a reason may not change.
SECTIONS: Final = {"rpc_errors": "reason", "failure_reasons": "code", "policy_reasons": "code"}
FROZEN: Final = ("grpc", "class")


def check(tree: Path) -> list[Finding]:
    """Reasons out of shape, that the enum lacks, that stand in two namespaces, or that are gone or changed."""
    catalogue = yaml_at(tree, CATALOGUE)
    if misshapen := [*refusals(tree, FAMILY, CATALOGUE, catalogue)]:
        return misshapen
    names = {section: [row[key] for row in catalogue[section]] for section, key in SECTIONS.items()}
    return [*_enum_agrees(tree, set(names["rpc_errors"])), *_apart(names), *_only_grow(tree, frozen(catalogue))]


def frozen(catalogue: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """What the baseline keeps of a catalogue: each reason with what it may never change."""
    return {
        section: {row[key]: {word: row[word] for word in FROZEN if word in row} for row in catalogue[section]}
        for section, key in SECTIONS.items()
    }


def _enum_agrees(tree: Path, catalogued: set[str]) -> Iterator[Finding]:
    declared = {name for name, number in VALUE.findall((tree / ENUM).read_text(encoding="utf-8")) if number != "0"}
    for name in sorted(declared - catalogued):
        yield Finding(ENUM, f"{name} is not in rpc_errors", f"Add its row to {CATALOGUE}, with status and remedy.")
    for name in sorted(catalogued - declared):
        yield Finding(CATALOGUE, f"{name} is no ErrorReason", f"Add its value to {ENUM}.")


def _apart(names: Mapping[str, list[str]]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for section, codes in names.items():
        for code in codes:
            first = seen.setdefault(code, section)
            if first != section and code != "NONE":
                yield Finding(CATALOGUE, f"{code} stands in {first} and in {section}", "Rename the later one.")


def _only_grow(tree: Path, present: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    path = tree / BASELINE
    if not path.is_file():
        yield Finding(BASELINE, "there is no baseline to compare with", "Run `dome contracts bless reasons`.")
        return
    for section, reasons in json_at(tree, path).items():
        for code, before in reasons.items():
            if code not in present[section]:
                yield Finding(CATALOGUE, f"{code} is gone from {section}", "Put it back: a reason is never removed.")
            elif present[section][code] != before:
                yield Finding(CATALOGUE, f"{code} has changed from {before}", "Put it back; add another reason.")
