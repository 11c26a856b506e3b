"""Pages of the registry: the list of contracts, and the reuse matrix with what became of the earlier ones."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ci.docs.markdown import anchor, code, head, table
from ci.gates.registries import FAMILIES, load

SETS: Final = {"dome": "Schemas of the first Dome", "domed.v1": "Its wire", "xtrlv2": "Schemas of its sibling"}


def families(tree: Path) -> str:
    """One table of the registry, for looking a contract up."""
    rows = [
        (code(row["family"]), row["intent"], row["owner"], row["tier"], row["current_usage"])
        for row in load(tree, FAMILIES)["families"]
    ]
    intro = (
        "Each contract: who owns it, how stable it is, where it is used. What the tiers promise:\n"
        "[tiers](../explanation/tiers.md). Why each exists: the [reuse matrix](reuse-matrix.md).\n"
    )
    return "\n".join((head("Families", FAMILIES), intro, table(("family", "intent", "owner", "tier", "usage"), rows)))


def reuse_matrix(tree: Path) -> str:
    """Every contract with its decision and reason, then every earlier contract with what became of it."""
    content = load(tree, FAMILIES)
    rows = content["families"]
    decided = {word: sum(row["decision"] == word for row in rows) for word in ("reuse", "extend", "new")}
    counts = ", ".join(f"{count} {word}" for word, count in decided.items())
    intro = (
        f"{len(rows)} contracts: {counts}. A contract is `new` only where no earlier one could be reused or extended;\n"
        "its reason says why. The gates `families`, `earlier` and `deltas` hold this page, the schemas and the protos\n"
        "together.\n"
    )
    parts = [head("Contract reuse matrix", FAMILIES), intro]
    names = {text: name for name, text in content["version_policies"].items()}
    for context, members in groupby(rows, key=lambda row: row["family"].rpartition("/")[0] or _package(row)):
        parts += _section(context, list(members), names)
    parts += ["## Version policies\n", *_policies(content), "## Earlier contracts\n", *_earlier(content["earlier"])]
    return "\n".join(parts).rstrip("\n") + "\n"


def _package(row: dict[str, Any]) -> str:
    return str(row["family"].rpartition(".")[0])


def _section(context: str, rows: list[dict[str, Any]], policies: Mapping[str, str]) -> Iterator[str]:
    yield f"## {context}\n"
    yield table(
        ("family", "intent", "owner", "tier", "decision", "wire mapping", "deltas", "version policy"),
        (
            (
                code(_name(row)), row["intent"], row["owner"], row["tier"], _decision(row),
                code(row["wire_mapping"]), delta_links(row["deltas"]), _policy(row, policies),
            )
            for row in rows
        ),
    )  # fmt: skip
    yield table(
        ("family", "current usage", "candidate usage", "written by", "read by", "rationale"),
        (
            (
                code(_name(row)), row["current_usage"], row["candidate_usage"], _codes(row["writers"]),
                _codes(row["readers"]), row["rationale"],
            )
            for row in rows
        ),
    )  # fmt: skip


def _policy(row: dict[str, Any], policies: Mapping[str, str]) -> str:
    return f"[{policies[row['version_policy']]}](#version-policies)"


def _name(row: dict[str, Any]) -> str:
    return str(row["family"]).replace("/", ".").rpartition(".")[2]


def _decision(row: dict[str, Any]) -> str:
    return f"{row['decision']} {code(row['extends'])}".strip()


def _codes(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)


def delta_links(ids: Iterable[str]) -> str:
    """Links to the deltas."""
    return ", ".join(f"[{each}](deltas.md#{anchor(each)})" for each in ids)


def _policies(content: dict[str, Any]) -> Iterator[str]:
    named = [
        (code(name), text, sum(row["version_policy"] == text for row in content["families"]))
        for name, text in content["version_policies"].items()
    ]
    yield table(("policy", "how it may change", "contracts"), named)


def _earlier(entries: list[dict[str, Any]]) -> Iterator[str]:
    yield "What was there before, and what became of it. Nothing is missing: a test names them all.\n"
    for name, members in groupby(entries, key=lambda entry: entry["of"]):
        yield f"### {SETS[name]}\n"
        yield table(
            ("contract", "decision", "goes on as", "reason"),
            ((code(entry["name"]), entry["decision"], _codes(entry["by"]), entry["reason"]) for entry in members),
        )
