"""The page of missions: lanes and transitions, steps of the mission types, facts, and how documents hang together.

Everything on it stands in the doctrine that Dome ships and in the schemas.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ci.docs.markdown import code, head, table
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.mission_type import MissionType, TransitionTable
from dome_spec.governance.doctrine import Doctrine, built_in_sources, lay
from dome_spec.mission_runtime.board import APART, COLUMNS

SCHEMAS: Final = "contracts/jsonschema"
CONTEXTS: Final = ("governance", "missions", "mission_runtime")
_REFERENCE: Final = re.compile(r"\.\./\.\./(governance|missions|mission_runtime)/v1/(\w+)\.json")
_LEFT_OUT: Final = {"governance/guardrails_bundle"}


def page(tree: Path) -> str:
    """The page."""
    doctrine = lay(built_in_sources())
    types = list(_types(doctrine))
    return "\n".join(
        (
            head("Missions: lanes, steps, facts, documents", "the doctrine that Dome ships and `contracts/jsonschema`"),
            *(part for each in types for part in _lanes(each)),
            "## Columns of the board\n",
            table(("column", "lanes"), [(name, _codes(lanes)) for name, lanes in COLUMNS.items()]),
            f"Beside the columns: {_codes(APART)}.\n",
            *(part for each in types for part in _steps(each)),
            *_facts(tree),
            *_documents(tree),
        )
    )


def _types(doctrine: Doctrine) -> Iterator[MissionType]:
    for name in sorted(doctrine.ids(DoctrineKind.MISSION_TYPE), reverse=True):
        document = doctrine.document((DoctrineKind.MISSION_TYPE, name))
        assert isinstance(document, MissionType)
        yield document


def _lanes(mission_type: MissionType) -> Iterator[str]:
    """The table of a mission type. A diagram shows what moves a package on; leaving the way is said in words."""
    found = mission_type.transition_table
    yield f"## Table {code(found.id)} {found.version}, of {code(mission_type.id)}\n"
    yield f"```mermaid\n{_diagram(found)}```\n"
    rows = [
        (code(each.operation.value), code(each.from_.value), code(each.to.value), _codes(each.guards))
        for each in found.edges
    ]
    yield table(("operation", "from", "to", "guards"), rows)
    yield f"A package begins in {code(found.initial.value)} and ends in {_codes(found.terminal)}."
    yield f"What waits for it goes on once it is in {_codes(found.satisfying)}."
    yield f"An override leaves {_codes(found.force.leaves)}; kept even then: {_codes(found.force.guards)}.\n"


def _diagram(found: TransitionTable) -> str:
    lines = ["stateDiagram-v2", f"    [*] --> {found.initial.value}"]
    aside = {each.value for each in APART}
    for edge in found.edges:
        if edge.from_.value not in aside and edge.to.value not in aside:
            lines.append(f"    {edge.from_.value} --> {edge.to.value}: {edge.operation.value}")
    lines += [f"    {each.value} --> [*]" for each in found.terminal if each.value not in aside]
    return "\n".join(lines) + "\n"


def _codes(values: Any) -> str:
    return ", ".join(code(each.value) for each in values) or "nothing"


def _steps(mission_type: MissionType) -> Iterator[str]:
    yield f"## Steps of {code(mission_type.id)} {mission_type.version}\n"
    yield f"{mission_type.purpose.strip()}\n"
    rows = [
        (code(each.id), each.title, _codes(each.actions), code(each.role.value), ", ".join(map(code, each.after or ())))
        for each in mission_type.steps
    ]
    yield table(("step", "what", "actions", "role", "after"), rows)


def _facts(tree: Path) -> Iterator[str]:
    schema = _schema(tree, "missions", "status_event")
    names = [each["$ref"].rsplit("/", 1)[1] for each in schema["properties"]["fact"]["oneOf"]]
    yield "## Facts\n"
    yield "Each event of a mission or of a package states one of them.\n"
    rows = []
    for name in names:
        fact = schema["$defs"][name]
        rows.append((code(fact["properties"]["kind"]["const"]), fact["description"]))
    yield table(("fact", "meaning"), rows)


def _documents(tree: Path) -> Iterator[str]:
    """Families, and which of them name or hold which."""
    edges, rows = [], []
    for context in CONTEXTS:
        for path in sorted((tree / SCHEMAS / context / "v1").glob("*.json")):
            family = f"{context}/{path.stem}"
            if family in _LEFT_OUT:
                continue
            text = path.read_text(encoding="utf-8")
            rows.append((code(family), _first_sentence(json.loads(text))))
            others = {f"{other}/{name}" for other, name in _REFERENCE.findall(text)} - {family}
            edges += [(family, other) for other in sorted(others)]
    yield "## Documents\n"
    yield "An arrow leads from a document to one whose words it uses.\n"
    lines = ["flowchart LR", *(f"    {_node(one)} --> {_node(other)}" for one, other in edges)]
    yield "```mermaid\n" + "\n".join(lines) + "\n```\n"
    yield table(("family", "what it is"), rows)


def _node(family: str) -> str:
    return f'{family.replace("/", "_")}["{family}"]'


def _first_sentence(schema: Mapping[str, Any]) -> str:
    return str(schema["description"]).split(". ")[0].rstrip(".") + "."


def _schema(tree: Path, context: str, name: str) -> dict[str, Any]:
    path = tree / SCHEMAS / context / "v1" / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))
