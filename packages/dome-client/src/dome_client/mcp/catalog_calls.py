"""The tools that answer from the catalog: what there is, and what one is in full."""

import json
from collections.abc import Sequence
from typing import Any, Final

from dome_client.mcp.answers import Answer, harmless, parsed, shown
from dome_client.mcp.arguments import Arguments
from dome_client.mcp.runtime import Runtime
from dome_client.mcp.surface import RUN, RUN_READ_ONLY
from dome_contracts.runtime.v1 import ListToolsResponse, ToolDescriptor, ToolKind, ToolSummary, ToolTrust

LISTING_CHARACTERS_MAX: Final = 8_000
"""Most characters of a list of tools, as JSON."""
_ENTRY_CHARACTERS_MAX: Final = 220
_FRAME_CHARACTERS: Final = 700
"""What the rest of the answer may need."""
_DESCRIPTION_CHARACTERS_MAX: Final = 6_000
_SCHEMA_CHARACTERS_MAX: Final = 12_000
_PROBLEMS_NAMED_MAX: Final = 3


async def search_tools(runtime: Runtime, arguments: Arguments, *, directory: str, reports: Sequence[str]) -> Answer:
    """The tools that fit, each in a line. `reports`: what else is to be said of the catalog."""
    listing = await runtime.tools(
        arguments.text("query"), working_directory=arguments.text("working_directory") or directory
    )
    tools = [each for each in listing.tools if each.kind is ToolKind.TOOL]
    entries = _entries(tools)
    said = [_found(len(tools), len(entries), arguments.text("query")), *_problems(listing), *reports]
    content: dict[str, Any] = {
        "tools": entries,
        "total": len(tools),
        "message": shown(" ".join(said), _FRAME_CHARACTERS // 2),
    }
    return Answer(content)


async def describe_tool(runtime: Runtime, arguments: Arguments, *, directory: str) -> Answer:
    """One tool in full."""
    described = await runtime.tool(
        arguments.text("tool_id"), working_directory=arguments.text("working_directory") or directory
    )
    summary = described.summary or ToolSummary()
    content: dict[str, Any] = {
        "tool_id": summary.tool_id,
        "title": shown(summary.title),
        "description": shown(described.description or summary.short_description, _DESCRIPTION_CHARACTERS_MAX),
        "run_with": RUN_READ_ONLY.name if may_run_unasked(summary) else RUN.name,
        "message": _about(summary),
        **_schema("input_schema", described.input_schema_document),
        **_schema("output_schema", described.output_schema_document),
        **_rest(described),
    }
    if summary.kind is not ToolKind.TOOL:
        del content["run_with"]
        content["message"] = f"{summary.tool_id} is text to read, and cannot be run."
    return Answer(content, meta={"dome/tool_digest": summary.tool_digest} if summary.tool_digest else {})


def may_run_unasked(summary: ToolSummary) -> bool:
    """Whether a client need not ask: the tool says that it only reads, and the user or the daemon vouches for it."""
    read_only = summary.hints is not None and summary.hints.read_only
    return read_only and summary.trust is ToolTrust.TRUSTED


def _entries(tools: Sequence[ToolSummary]) -> list[str]:
    """A line for each tool, all of the same greatest length, as many as there is room for."""
    room = LISTING_CHARACTERS_MAX - _FRAME_CHARACTERS
    heads = [_head(each) for each in tools]
    characters_max = _ENTRY_CHARACTERS_MAX
    while heads:
        entries = [_cut(head, each, characters_max) for head, each in zip(heads, tools, strict=False)]
        excess = len(json.dumps(entries, ensure_ascii=False)) - room
        if excess <= 0:
            return entries
        if characters_max > max(map(len, heads)):
            characters_max = max(characters_max - max(excess // len(heads), 1), max(map(len, heads)))
        else:
            heads = heads[: len(heads) * room // (room + excess)]
    return []


def _head(tool: ToolSummary) -> str:
    marks = ("(r)" if tool.hints is not None and tool.hints.read_only else "") + (
        "" if tool.trust is ToolTrust.TRUSTED else "(!)"
    )
    return f"{tool.tool_id} {marks}".rstrip()


def _cut(head: str, tool: ToolSummary, characters_max: int) -> str:
    words = shown(tool.short_description or tool.title).replace("\n", " ")
    whole = f"{head}: {words}"
    if len(whole) <= characters_max:
        return whole
    cut = whole[: characters_max - 1].rstrip(" :,.")
    return f"{cut}…" if len(cut) > len(head) + 2 else head


def _found(total: int, listed: int, query: str) -> str:
    if total == 0:
        return (
            f"No tool has all these words: {query}. Fewer words find more; without a query all are listed."
            if query
            else "There are no tools."
        )
    if listed < total:
        return f"The first {listed} of {total} tools. A query finds the others."
    return f"{total} tools." if total != 1 else "1 tool."


def _problems(listing: ListToolsResponse) -> list[str]:
    if not listing.problems:
        return []
    named = ", ".join(shown(each.tool_id or each.path) for each in listing.problems[:_PROBLEMS_NAMED_MAX])
    more = " and others" if len(listing.problems) > _PROBLEMS_NAMED_MAX else ""
    return [f"Left out, because something is wrong with them: {named}{more}; `dome tools` says what."]


def _about(summary: ToolSummary) -> str:
    hints = summary.hints
    words = (
        []
        if hints is None
        else [
            word
            for word, said in (
                ("read-only", hints.read_only),
                ("destructive", hints.destructive),
                ("idempotent", hints.idempotent),
                ("open-world", hints.open_world),
            )
            if said
        ]
    )
    said = f"Version {summary.version}; {', '.join(words) or 'changes things'}."
    if summary.trust is ToolTrust.TRUSTED:
        return said
    command = f"dome tools trust {summary.tool_id} --digest {summary.tool_digest}"
    return f"{said} The user has not approved it, so it cannot be run. To approve it, the user runs: {command}"


def _schema(name: str, document: bytes) -> dict[str, Any]:
    if not document:
        return {}
    text = document.decode("utf-8", errors="replace")
    try:
        schema = harmless(parsed(text)) if len(text) <= _SCHEMA_CHARACTERS_MAX else None
    except ValueError:
        schema = None
    if schema is None:
        return {f"{name}_text": shown(text, _SCHEMA_CHARACTERS_MAX)}
    # An answer promises an object here; a schema that is `true` or `false` says the same as one of these.
    return {name: schema if isinstance(schema, dict) else ({} if schema else {"not": {}})}


def _rest(described: ToolDescriptor) -> dict[str, Any]:
    rest: dict[str, Any] = {}
    if described.locks:
        rest["locks"] = [shown(each) for each in described.locks]
    if described.environment_from_caller:
        rest["environment_from_caller"] = list(described.environment_from_caller)
    return rest
