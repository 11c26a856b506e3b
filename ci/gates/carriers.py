"""What carries an identifier: fields, properties, keys, variables, attributes; and which there are. Judges nothing."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ci.gates.registries import schema_place
from ci.gates.sources import modules
from ci.gates.wire_fields import Messages, wire_messages

CARRIERS: Final = ("wire", "document", "mcp_meta", "environment", "otel")


@dataclass(frozen=True, slots=True)
class Known:
    """What a carrier may be."""

    messages: Messages
    constants: frozenset[str]


def known(tree: Path) -> Known:
    """What there is in a tree."""
    return Known(wire_messages(tree), _constants(tree))


def carriers(row: dict[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    """Name of each carrier of a kind, and the page that it is planned on; '' for one that exists."""
    for each in row[kind]:
        yield (each, "") if isinstance(each, str) else (each["name"], each["planned"])


def exists(tree: Path, kind: str, name: str, there: Known) -> bool:
    """Whether a carrier of this kind is there."""
    match kind:
        case "wire":
            message, _, field = name.rpartition(".")
            return field in {each.name for each in there.messages.get(message, ())}
        case "document":
            return schema_place(tree, name) is not None
        case _:
            # Keys of `_meta`, variables and attributes stand as text in the code that writes them.
            return name in there.constants


def _constants(tree: Path) -> frozenset[str]:
    """Every text constant of the production code."""
    return frozenset(
        node.value
        for module in modules(tree)
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
