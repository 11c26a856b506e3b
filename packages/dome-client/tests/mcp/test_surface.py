import json
import re

import pytest

from dome_client.mcp.surface import DEFINITIONS, LISTING_CHARACTERS_MAX
from tests.mcp_bridge import a_bridge

NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
async def test_the_listing_keeps_to_its_budget_in_both_eras(mode: str) -> None:
    async with a_bridge(mode=mode) as call:
        listed = await call.client.list_tools()
        assert len(listed.tools) == 8
        assert len(listed.model_dump_json(by_alias=True, exclude_none=True)) <= LISTING_CHARACTERS_MAX == 6_000


async def test_every_tool_has_a_portable_name_and_objects_for_schemas() -> None:
    async with a_bridge() as call:
        for tool in (await call.client.list_tools()).tools:
            assert NAME.fullmatch(tool.name)
            assert tool.description
            assert tool.output_schema is not None
            for schema in (tool.input_schema, tool.output_schema):
                assert schema["type"] == "object"
                assert "true" not in json.dumps(schema["properties"]).split('"type"')  # no schema is a bare boolean


async def test_only_run_tool_makes_a_client_ask() -> None:
    """By the rule of codex: a tool runs unasked where it is read-only, or neither destructive nor open-world."""
    async with a_bridge() as call:
        asking = []
        for tool in (await call.client.list_tools()).tools:
            hints = tool.annotations
            assert hints is not None
            if not hints.read_only_hint and not (hints.destructive_hint is False and hints.open_world_hint is False):
                asking.append(tool.name)
        assert asking == ["run_tool"]


async def test_what_waits_is_read_only_so_that_clients_call_it_beside_others() -> None:
    async with a_bridge() as call:
        hints = {tool.name: tool.annotations for tool in (await call.client.list_tools()).tools}
        for name in ("job_status", "job_wait", "job_events", "search_tools", "describe_tool", "run_read_only_tool"):
            annotations = hints[name]
            assert annotations is not None
            assert annotations.read_only_hint is True
        asking = hints["run_tool"]
        assert asking is not None
        assert (asking.destructive_hint, asking.open_world_hint) == (True, True)


def test_names_are_given_once() -> None:
    assert len({each.name for each in DEFINITIONS}) == len(DEFINITIONS) == 8
