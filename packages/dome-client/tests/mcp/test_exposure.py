import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jsonschema_rs
import pytest
from mcp.shared.exceptions import MCPError

from dome_client.errors import DaemonUnreachable
from dome_client.mcp.exposure import EXPOSED_MAX, expose
from dome_client.mcp.times import Times
from dome_client.testing import End, FakeRuntime, ScriptedTool
from dome_contracts.runtime.v1 import ListToolsResponse, ToolDescriptor, ToolOrigin
from tests.mcp_bridge import TOOLS, a_bridge

MATCHES = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["matches"],
    "properties": {"matches": {"type": "array", "items": {"$ref": "#/$defs/Match"}}},
    "$defs": {"Match": {"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}}}},
}


@dataclass(frozen=True, slots=True)
class Typed(ScriptedTool):
    """A tool with an output schema."""

    output_schema: bytes = json.dumps(MATCHES).encode()

    def descriptor(self) -> ToolDescriptor:
        return replace(ScriptedTool.descriptor(self), output_schema_document=self.output_schema)


def typed(tool_id: str, schema: Any = MATCHES) -> Typed:
    document = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    return Typed(tool_id, lambda _: [End(result=b'{"matches":[{"path":"a.py"}]}')], output_schema=document)


async def reports(tools: Sequence[ScriptedTool], *patterns: str) -> tuple[list[str], str]:
    found = await expose(FakeRuntime(tools), patterns or ["*"], directory="/")
    return list(found.tools), " ".join(found.reports)


async def test_a_tool_is_listed_under_its_name_with_the_hints_of_its_manifest() -> None:
    async with a_bridge(exposed=["test.find", "test.change"]) as call:
        listed = {tool.name: tool for tool in (await call.client.list_tools()).tools}
        assert len(listed) == 10
        reading, changing = listed["test__find"].annotations, listed["test__change"].annotations
        assert reading is not None
        assert changing is not None
        assert reading.read_only_hint is True
        assert (changing.read_only_hint, changing.destructive_hint) == (False, True)


async def test_an_exposed_tool_takes_its_own_input_and_gives_its_own_result() -> None:
    async with a_bridge(FakeRuntime([typed("test.find")]), exposed=["test.*"]) as call:
        [tool] = [each for each in (await call.client.list_tools()).tools if each.name == "test__find"]
        found = await call("test__find", {"anything": 1})
        assert found["result"] == {"matches": [{"path": "a.py"}]}
        assert tool.output_schema is not None
        validator = jsonschema_rs.Draft202012Validator(tool.output_schema)
        validator.validate(found)
        assert not validator.is_valid(found | {"result": {"matches": [{}]}})


async def test_an_exposed_tool_may_be_called_by_who_listed_it_elsewhere() -> None:
    async with a_bridge(FakeRuntime([typed("test.find")]), mode="2026-07-28", exposed=["test.*"]) as call:
        assert (await call("test__find", {"anything": 1}))["result"] == {"matches": [{"path": "a.py"}]}
        with pytest.raises(MCPError, match="There is no tool 'test__other' here"):
            await call.client.call_tool("test__other", {})


async def test_an_exposed_job_that_goes_on_comes_back_as_a_handle() -> None:
    async with a_bridge(exposed=["test.hold"], times=Times(wait_s=0.05)) as call:
        await call.client.list_tools()
        assert (await call("test__hold"))["state"] == "RUNNING"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array"},
        {"properties": {}},
        True,
        b"{",
        {"type": ["object", "null"]},
        {"type": "object", "description": "x" * 20_000},
    ],
)
async def test_one_bad_output_schema_is_reported_and_the_rest_works(schema: Any) -> None:
    tools = [typed("bad.tool", schema), typed("good.tool")]
    names, said = await reports(tools)
    assert names == ["good__tool"]
    assert "Not exposed: bad.tool: " in said
    assert "output schema" in said
    async with a_bridge(FakeRuntime(tools), exposed=["*"]) as call:
        assert len((await call.client.list_tools()).tools) == 9
        assert "bad.tool" in (await call("search_tools"))["message"]
        assert (await call("run_tool", {"tool_id": "bad.tool"}))["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("ids", "names", "problem"),
    [
        (["a.b__c", "a__b.c", "a.d"], ["a__d"], "another tool has the name a__b__c"),
        (["run_tool"], [], "another tool has the name run_tool"),
        (["has-dash"], [], "is no name"),
        (["a" * 49], [], "is no name"),
        (["a" * 48], ["a" * 48], ""),
    ],
)
async def test_names_are_portable_and_collisions_refused(ids: list[str], names: list[str], problem: str) -> None:
    found, said = await reports([ScriptedTool(each, lambda _: []) for each in ids])
    assert found == names
    assert problem in said


async def test_what_is_not_approved_or_not_there_is_reported() -> None:
    names, said = await reports([ScriptedTool("a.b", lambda _: [], origin=ToolOrigin.USER)], "a.b", "c.*")
    assert names == []
    assert "a.b: the user has not approved it" in said
    assert "no tool fits 'c.*'" in said


async def test_more_tools_than_a_listing_should_hold_are_left_out() -> None:
    names, said = await reports([ScriptedTool(f"a.b{n}", lambda _: []) for n in range(EXPOSED_MAX + 5)])
    assert len(names) == EXPOSED_MAX
    assert "5 tools beyond" in said


class Late(FakeRuntime):
    """A daemon that is down at first."""

    down = True

    async def tools(self, *arguments: Any, **options: Any) -> ListToolsResponse:
        if self.down:
            raise DaemonUnreachable("Nobody listens.")
        return await super().tools(*arguments, **options)


async def test_a_daemon_that_is_down_at_first_leaves_the_eight_and_the_client_is_told_when_it_is_there() -> None:

    changed = asyncio.Event()

    async def hear(message: Any) -> None:
        if getattr(message, "method", "") == "notifications/tools/list_changed":
            changed.set()

    late = Late(TOOLS)
    times = Times(look_again_s=0.01)
    async with a_bridge(late, exposed=["test.find"], times=times, message_handler=hear) as call:
        assert len((await call.client.list_tools()).tools) == 8
        late.down = False
        await asyncio.wait_for(changed.wait(), 5)
        assert len((await call.client.list_tools()).tools) == 9


async def test_a_tool_that_changed_since_it_was_listed_is_not_run() -> None:
    class Edited(FakeRuntime):
        async def execute(self, *arguments: Any, **options: Any) -> Any:
            from dome_client.testing.refusal import refusal

            raise refusal("MANIFEST_CHANGED", "It changed.", skill_id="test.find")

    async with a_bridge(Edited(TOOLS), exposed=["test.find"]) as call:
        await call.client.list_tools()
        found = await call.failing("test__find")
        assert found["error"]["reason"] == "MANIFEST_CHANGED"
        assert "List the tools again" in found["next"]
