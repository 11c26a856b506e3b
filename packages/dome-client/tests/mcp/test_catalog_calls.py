import json

from dome_client.testing import FakeRuntime, ScriptedTool
from dome_contracts.runtime.v1 import CatalogProblem, ListToolsResponse
from tests.mcp_bridge import a_bridge


def many(count: int, words: int = 25) -> FakeRuntime:
    description = ("It reads what there is and says what it found. " * 10)[: words * 8]
    return FakeRuntime(
        [ScriptedTool(f"folder{n % 7}.tool_{n:04}", lambda _: [], description=description) for n in range(count)]
    )


async def test_the_catalog_is_listed_with_what_each_tool_does() -> None:
    async with a_bridge() as call:
        found = await call("search_tools")
        assert found["total"] == 7
        assert found["tools"][0] == "test.change: A tool for tests."
        assert "test.find (r): A tool for tests." in found["tools"]
        assert "test.untrusted (r)(!): A tool for tests." in found["tools"]


async def test_words_narrow_the_list_and_none_that_fits_is_said() -> None:
    async with a_bridge() as call:
        assert (await call("search_tools", {"query": "find"}))["tools"] == ["test.find (r): A tool for tests."]
        nothing = await call("search_tools", {"query": "no such thing"})
        assert (nothing["tools"], nothing["total"]) == ([], 0)
        assert "without a query" in nothing["message"]


async def test_200_tools_are_listed_in_at_most_8000_characters() -> None:
    async with a_bridge(many(200)) as call:
        found = await call("search_tools")
        assert len(found["tools"]) == found["total"] == 200
        assert len(json.dumps(found, ensure_ascii=False)) <= 8_000
        assert all(entry.startswith("folder") and len(entry) > 25 for entry in found["tools"])


async def test_more_tools_than_there_is_room_for_are_counted() -> None:
    async with a_bridge(many(3_000)) as call:
        found = await call("search_tools")
        assert len(json.dumps(found, ensure_ascii=False)) <= 8_000
        assert len(found["tools"]) > 200
        assert found["total"] == 3_000
        assert f"The first {len(found['tools'])} of 3000" in found["message"]


async def test_few_tools_are_listed_with_all_their_words() -> None:
    async with a_bridge(many(5)) as call:
        assert all(len(entry) > 200 for entry in (await call("search_tools"))["tools"])


async def test_what_the_catalog_leaves_out_is_said() -> None:
    class Broken(FakeRuntime):
        async def tools(self, *_: object, **__: object) -> ListToolsResponse:
            return ListToolsResponse(problems=[CatalogProblem(tool_id="bad.tool", message="no")])

    async with a_bridge(Broken()) as call:
        assert "bad.tool" in (await call("search_tools"))["message"]


async def test_a_tool_is_described_with_its_schema_and_what_to_run_it_with() -> None:
    async with a_bridge() as call:
        found = await call("describe_tool", {"tool_id": "test.find"})
        assert found["input_schema"] == {"type": "object"}
        assert found["run_with"] == "run_read_only_tool"
        assert (await call("describe_tool", {"tool_id": "test.change"}))["run_with"] == "run_tool"


async def test_a_tool_that_was_not_approved_is_described_with_the_command_for_the_user() -> None:
    async with a_bridge() as call:
        found = await call("describe_tool", {"tool_id": "test.untrusted"})
        assert "dome tools trust test.untrusted --digest sha256:" in found["message"]


async def test_an_unknown_tool_is_an_error_with_a_reason_and_what_to_do() -> None:
    async with a_bridge() as call:
        found = await call.failing("describe_tool", {"tool_id": "no.such"})
        assert found["error"]["reason"] == "SKILL_NOT_FOUND"
        assert "search_tools" in found["next"]
