"""Pages of what corresponds: identifiers with their carriers, and documents with messages field by field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ci.docs.markdown import code, head, table
from ci.gates.carriers import CARRIERS, carriers
from ci.gates.registries import CORRELATION, MAPPINGS, load


def correlation(tree: Path) -> str:
    """Each identifier with its form, who makes it, and every carrier."""
    rows = load(tree, CORRELATION)["identifiers"]
    intro = (
        "Identifiers, who makes them, and where each travels. A carrier in brackets is planned, not built.\n"
        "The gate `correlation` looks for every field, property and variable.\n"
    )
    forms = table(
        ("identifier", "form", "example", "minted by"),
        ((code(row["id"]), row["form"], code(_example(row)), row["minted_by"]) for row in rows),
    )
    titles = ("identifier", "wire", "documents", "MCP `_meta`", "environment of the program", "OpenTelemetry")
    where = table(titles, ((code(row["id"]), *(_carriers(row, kind) for kind in CARRIERS)) for row in rows))
    parts = (head("Correlation and identifiers", CORRELATION), intro, "## Forms\n", forms, "## Carriers\n", where)
    return "\n".join(parts)


def _example(row: dict[str, Any]) -> str:
    example = row["example"]
    return ", ".join(f"{key}: {value}" for key, value in example.items()) if isinstance(example, dict) else str(example)


def _carriers(row: dict[str, Any], kind: str) -> str:
    return ", ".join(f"({code(name)})" if planned else code(name) for name, planned in carriers(row, kind))


def mappings(tree: Path) -> str:
    """Each mapping with a row for every field of either side."""
    intro = (
        "Contracts that are both a document and a message, field by field. Each field of either side has its row:\n"
        "how it is converted, or why the other side does not have it. Generated values go there and back in\n"
        "`tests/contract/test_wire_mapping.py`.\n"
    )
    parts = [head("Mappings between documents and messages", MAPPINGS), intro]
    for name, mapping in load(tree, MAPPINGS)["mappings"].items():
        parts += [f"## {name}\n", f"{mapping['title']}: {code(mapping['document'])} and {code(mapping['message'])}.\n"]
        parts.append(table(("document", "message", "conversion"), map(_row, mapping["fields"])))
    return "\n".join(parts)


def _row(row: dict[str, Any]) -> tuple[str, str, str]:
    said = "; ".join(_words(row))
    return code(row.get("document", "")), code(row.get("wire", "")), said


def _words(row: dict[str, Any]) -> Iterator[str]:
    if "only" in row:
        yield f"only {'in the document' if row['only'] == 'document' else 'on the wire'}: {row['why']}"
        if "const" in row:
            yield f"always {code(row['const'])}"
        if "given" in row:
            yield f"taken from {code(row['given'])}"
        return
    yield str(row["as"])
    if "prefix" in row:
        side = "of the topic" if row["as"] == "fact" else "on the wire"
        yield f"prefix {code(row['prefix'])} {side}"
    if row.get("case") == "lower":
        yield "in lower case in the document"
    if row.get("empty") == "written":
        yield "written where it is empty"
    if "payload" in row:
        yield f"its fields in {code(row['payload'])}"
    if "mapping" in row:
        yield f"by the mapping [{row['mapping']}](#{row['mapping']})"
