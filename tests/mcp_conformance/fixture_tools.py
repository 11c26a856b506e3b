"""The tools that the official suite calls by name, as ordinary tools of a user, and a daemon that has them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.dome_home import Home, a_home
from tests.e2e.tool_folder import write_tool

EXPOSED = ("--expose", "*")
ANY: dict[str, Any] = {"type": "object"}
HELP = '. "$DOME_TOOL_SH"\n'
SECONDS = "s=$(sed -n 's/.*\"seconds\":\\([0-9]*\\).*/\\1/p')\n"

SCRIPTS = {
    "test_simple_text": 'echo "This is a simple text response for testing."',
    "test_error_handling": 'dome_fail TOOL.FAILED "This tool intentionally returns an error for testing"',
    "test_tool_with_progress": "for n in 1 2 3; do dome_progress working $n 3 steps; sleep 1.4; done",
    "test_logging_tool": "echo said",
    "test_streaming_elicitation": "dome_progress working 1 2 steps",
    "greet": 'dome_result \'{"said": "Hello"}\'',
    "slow_compute": SECONDS + 'sleep "$s"; dome_result "{\\"slept\\": $s}"',
    "confirm_delete": 'sleep 0.9; dome_result \'{"asked": "nothing"}\'',
    "failing_job": 'sleep 0.9; dome_fail TOOL.FAILED "This job always fails"',
    "protocol_error_job": 'sleep 0.9; echo "no line of the protocol" >&"$DOME_CHANNEL_FD"',
}
SCHEMAS: dict[str, Any] = {
    "slow_compute": {"type": "object", "properties": {"seconds": {"type": "integer"}, "label": {"type": "string"}}},
    "greet": {"type": "object", "properties": {"name": {"type": "string"}}},
}
# What of the vocabulary of 2020-12 the suite looks for in a listing.
VOCABULARY: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def write_tools(root: Path) -> None:
    """All of them, below a root for tools."""
    for tool_id, script in SCRIPTS.items():
        folder = write_tool(
            root,
            tool_id,
            HELP + script + "\n",
            input_schema="input.json",
            output_schema="output.json",
            effects={"filesystem": "read", "network": "none", "starts_processes": True},
            locks=[],
            working_directory="scratch",
        )
        (folder / "input.json").write_text(json.dumps(SCHEMAS.get(tool_id, ANY)))
        (folder / "output.json").write_text(json.dumps(ANY))
    folder = write_tool(root, "json_schema_2020_12_tool", "", input_schema="input.json", locks=[])
    (folder / "input.json").write_text(json.dumps(VOCABULARY))


@contextmanager
def a_home_with_tools() -> Iterator[Home]:
    """A user who has them, and has approved them."""
    with a_home() as home:
        write_tools(home.config / "tools")
        listed = home.dome("tools", "--json").documents()
        digests = [tool["tool_digest"] for tool in listed if "tool_digest" in tool]
        home.configure(f"[trust]\ndigests = {json.dumps(digests)}\n")
        assert home.dome("service", "stop").code == 0
        yield home
