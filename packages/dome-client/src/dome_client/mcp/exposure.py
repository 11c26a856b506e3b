"""Tools of the catalog as tools of their own in the listing: which, under what name, with what schemas and hints.

What cannot be exposed is left out and said; the rest works. Pure functions of the catalog, but for the reading of it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from dome_client.mcp.answers import parsed, shown
from dome_client.mcp.runtime import Runtime
from dome_client.mcp.surface import DEFINITIONS, JOB_PROPERTIES, Definition, Hints
from dome_contracts.runtime.v1 import ToolDescriptor, ToolKind, ToolSummary, ToolTrust

EXPOSED_MAX: Final = 64
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")
_SCHEMA_CHARACTERS_MAX: Final = 16_000
_DESCRIPTION_CHARACTERS_MAX: Final = 1_000
_RESERVED: Final = frozenset(each.name for each in DEFINITIONS)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A tool of the catalog in the listing."""

    definition: Definition
    tool_id: str
    tool_digest: str
    """What was listed is what runs: hints that a client decided by hold for this digest only."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What came of the patterns."""

    tools: Mapping[str, Exposed]
    """By name, ordered."""
    reports: Sequence[str]
    """What is left out and why."""


class _LeftOut(Exception):
    """Why a tool is not exposed."""


async def expose(runtime: Runtime, patterns: Sequence[str], *, directory: str) -> Exposure:
    """The tools whose ids fit one of the patterns, as the directory sees them."""
    listing = await runtime.tools(working_directory=directory)
    summaries = [each for each in listing.tools if each.kind is ToolKind.TOOL]
    wanted = [each for each in summaries if any(fnmatchcase(each.tool_id, pattern) for pattern in patterns)]
    reports = [
        f"no tool fits {pattern!r}"
        for pattern in patterns
        if not any(fnmatchcase(each.tool_id, pattern) for each in summaries)
    ]
    if len(wanted) > EXPOSED_MAX:
        reports.append(f"{len(wanted) - EXPOSED_MAX} tools beyond the first {EXPOSED_MAX}")
    names = Counter(_name(each.tool_id) for each in wanted)
    tools: dict[str, Exposed] = {}
    for summary in wanted[:EXPOSED_MAX]:
        try:
            name = _usable(summary, names)
            tools[name] = _exposed(name, await runtime.tool(summary.tool_id, working_directory=directory))
        except _LeftOut as left_out:
            reports.append(f"{summary.tool_id}: {left_out}")
    return Exposure(dict(sorted(tools.items())), [f"Not exposed: {shown(each)}." for each in reports])


def _name(tool_id: str) -> str:
    return tool_id.replace(".", "__")


def _usable(summary: ToolSummary, names: Counter[str]) -> str:
    name = _name(summary.tool_id)
    if NAME.fullmatch(name) is None:
        raise _LeftOut(f"{name} is no name for a tool: 1 to 48 small letters, digits and underscores")
    if names[name] > 1 or name in _RESERVED:
        raise _LeftOut(f"another tool has the name {name}, too")
    if summary.trust is not ToolTrust.TRUSTED:
        raise _LeftOut("the user has not approved it")
    return name


def _exposed(name: str, described: ToolDescriptor) -> Exposed:
    summary = described.summary or ToolSummary()
    hints = summary.hints
    return Exposed(
        Definition(
            name,
            shown(described.description or summary.short_description, _DESCRIPTION_CHARACTERS_MAX).strip(),
            _object_schema(described.input_schema_document, "input"),
            _result_schema(described.output_schema_document),
            Hints(
                read_only=hints is not None and hints.read_only,
                destructive=hints is None or hints.destructive,
                idempotent=hints is not None and hints.idempotent,
                open_world=hints is None or hints.open_world,
            ),
        ),
        summary.tool_id,
        summary.tool_digest,
    )


def _object_schema(document: bytes, what: str) -> dict[str, Any]:
    """A schema that clients take: an object, whose root says so."""
    if len(document) > _SCHEMA_CHARACTERS_MAX:
        raise _LeftOut(f"its {what} schema is longer than {_SCHEMA_CHARACTERS_MAX} bytes")
    try:
        schema = parsed(document or b'{"type":"object"}')
    except ValueError as error:
        raise _LeftOut(f"its {what} schema is no JSON that clients take: {error}") from None
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise _LeftOut(f"the root of its {what} schema is not `type: object`")
    return schema


def _result_schema(document: bytes) -> dict[str, Any]:
    """The schema of an answer, in which the result has the tool's own schema: a job may outlive the call."""
    properties: dict[str, Any] = dict(JOB_PROPERTIES)
    if document:
        result = _object_schema(document, "output")
        result.pop("$schema", None)
        # Without an `$id` of its own, references inside count from the root of the answer's schema.
        properties["result"] = result if "$id" in result else _moved(result)
    return {"type": "object", "properties": properties, "required": ["message"]}


def _moved(value: Any) -> Any:
    match value:
        case dict():
            return {
                key: f"#/properties/result{each[1:]}" if _is_reference(key, each) else _moved(each)
                for key, each in value.items()
            }
        case list():
            return [_moved(each) for each in value]
    return value


def _is_reference(key: str, value: Any) -> bool:
    return key in ("$ref", "$dynamicRef") and isinstance(value, str) and (value == "#" or value.startswith("#/"))
