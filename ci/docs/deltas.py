"""Pages of deltas.yaml: the register, the dependency matrix, and the page to hand the contracts over with."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from ci.docs.markdown import anchor, code, head, table
from ci.gates.gate import ChangeClass
from ci.gates.registries import CORRELATION, DELTAS, MAPPINGS, load, schema_place
from ci.gates.registry import GATES

SERVICE: Final = "contracts/proto/dome/runtime/v1/service.proto"
# What an RPC does is the first paragraph of its comment.
RPC: Final = re.compile(r"^(?P<says>(?:  // .+\n)+)(?:  //.*\n)*  rpc (?P<name>\w+)\(", re.MULTILINE)
RECORD: Final = "runtime/run_manifest#/$defs/ProvenanceRecord"


def register(tree: Path) -> str:
    """Each delta in full."""
    intro = (
        "Where the earlier contracts did not suffice, what was weighed, and what came instead. A family that looks\n"
        "like another needs a delta that justifies the pair, or the gate on duplicates is red.\n"
    )
    deltas = load(tree, DELTAS)["deltas"]
    rows = [
        (f"[{delta['id']}](#{anchor(delta['id'])})", delta["title"], delta["risk"], delta["authority"])
        for delta in deltas
    ]
    sections = [part for delta in deltas for part in _delta(delta)]
    overview = table(("delta", "title", "risk", "authority"), rows)
    return "\n".join((head("Delta register", DELTAS), intro, overview, *sections)).rstrip("\n") + "\n"


def _delta(delta: dict[str, Any]) -> Iterator[str]:
    yield f"## {delta['id']}\n"
    yield f"**{delta['title']}.** {delta['gap']}\n"
    rows = [
        ("families", ", ".join(code(name) for name in delta["families"]) or "all"),
        ("minimum surface", "; ".join(delta["surface"])),
        ("risk", delta["risk"]),
        ("authority", delta["authority"]),
        ("compatibility", delta["compatibility"]),
        ("consumers", ", ".join(delta["consumers"])),
        ("evidence", links(delta["evidence"])),
    ]
    if pairs := delta.get("justifies"):
        rows.append(("justifies", "; ".join(f"{code(one)} beside {code(other)}" for one, other in pairs)))
    yield table(("", ""), rows)
    yield "Weighed:\n"
    yield "\n".join(f"- {candidate}" for candidate in delta["candidates"]) + "\n"


def links(paths: Iterable[str]) -> str:
    """Links to files of this repository, from a reference page."""
    return ", ".join(f"[{path.rpartition('/')[2]}](../../{path})" for path in paths)


def dependencies(tree: Path) -> str:
    """The work of the contract baseline, what each part produced and who builds on it."""
    rows = [
        (
            part["id"],
            part["title"],
            ", ".join(part["needs"]) or "none",
            links(part["artefacts"]),
            ", ".join(part["consumers"]),
        )
        for part in load(tree, DELTAS)["work_packages"]
    ]
    intro = "What the contract baseline consists of, in files, and who builds on each part.\n"
    titles = ("part", "what", "depends on", "artefacts", "consumed by")
    return "\n".join((head("Dependencies of the contracts", DELTAS), intro, table(titles, rows)))


def handoff(tree: Path) -> str:
    """What someone who builds on the contracts has to know, on one page with links to the whole."""
    parts = [
        head("Handoff of the contracts", f"{DELTAS}, {MAPPINGS}, {CORRELATION}, {SERVICE}"),
        "What an implementer of the API, the daemon or a client builds on.\n",
        "## Service items\n",
        table(("RPC", "what it does"), _rpcs(tree)),
        "## Fields of documents and messages\n",
        "The whole: [mappings](mappings.md).\n",
        table(("mapping", "document", "message", "converted", "alone"), _mapped(tree)),
        "## Provenance\n",
        "Seven fields are frozen by name and meaning. They are captured when the job runs, never when they are asked\n"
        "for; what is not known is said, not guessed.\n",
        table(("field", "meaning"), _frozen(tree)),
        "## Identifiers\n",
        "The whole: [correlation](correlation.md).\n",
        table(("identifier", "form", "minted by"), _identifiers(tree)),
        "## Gates\n",
        "The whole: [enforcement](enforcement.md). A change is merged when the gates of its class are green.\n",
        table(("class of change", "gates"), _classes()),
        "## Checklist\n",
        *(f"- [x] {row['item']} {row['answer']} Evidence: {links(row['evidence'])}." for row in _checklist(tree)),
    ]
    return "\n".join(parts) + "\n"


def _rpcs(tree: Path) -> Iterator[tuple[str, str]]:
    for found in RPC.finditer((tree / SERVICE).read_text(encoding="utf-8")):
        yield f"[{found['name']}](rpc.md#{anchor(found['name'])})", " ".join(found["says"].replace("//", " ").split())


def _mapped(tree: Path) -> Iterator[tuple[object, ...]]:
    for name, mapping in load(tree, MAPPINGS)["mappings"].items():
        alone = sum("only" in row for row in mapping["fields"])
        where = f"[{mapping['title']}](mappings.md#{anchor(name)})"
        yield where, code(mapping["document"]), code(mapping["message"]), len(mapping["fields"]) - alone, alone


def _frozen(tree: Path) -> Iterator[tuple[str, str]]:
    record = schema_place(tree, RECORD)
    shared = json.loads((tree / "contracts/jsonschema/shared/v1/definitions.json").read_text(encoding="utf-8"))["$defs"]
    for name in record["required"]:
        schema = record["properties"][name]
        said = schema.get("description") or shared[schema["$ref"].rpartition("/")[2]]["description"]
        yield code(name), said


def _identifiers(tree: Path) -> Iterator[tuple[str, str, str]]:
    for row in load(tree, CORRELATION)["identifiers"]:
        yield code(row["id"]), row["form"], row["minted_by"]


def _classes() -> Iterator[tuple[str, str]]:
    for each in ChangeClass:
        yield code(each.value), ", ".join(code(gate.name) for gate in GATES if each in gate.classes)


def _checklist(tree: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load(tree, DELTAS)["checklist"]
    return found
