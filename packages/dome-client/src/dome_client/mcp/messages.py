"""Definitions and answers of the bridge as messages of the protocol."""

import json
from typing import TYPE_CHECKING

import mcp_types as types

from dome_client.mcp.surface import Definition

if TYPE_CHECKING:
    from dome_client.mcp.answers import Answer


def tool_of(definition: Definition) -> types.Tool:
    """An entry of the listing."""
    hints = definition.hints
    # Only what is not the default, and of a tool that only reads only what means something there.
    annotations = types.ToolAnnotations(
        read_only_hint=hints.read_only,
        destructive_hint=None if hints.read_only else hints.destructive,
        idempotent_hint=None if hints.read_only else hints.idempotent,
        open_world_hint=hints.open_world,
    )
    return types.Tool(
        name=definition.name,
        description=definition.description,
        input_schema=dict(definition.input_schema),
        output_schema=dict(definition.output_schema),
        annotations=annotations,
    )


def result_of(answer: "Answer") -> types.CallToolResult:
    """The content twice: structured for who takes it so, and as JSON text for who does not."""
    text = json.dumps(answer.content, ensure_ascii=False, separators=(",", ":"))
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)],
        structured_content=dict(answer.content),
        is_error=answer.is_error,
        _meta=dict(answer.meta) or None,
    )
