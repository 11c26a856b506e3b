import asyncio
from typing import Any

from dome_client.mcp.event_view import LINE_CHARACTERS_MAX, PAGE_CHARACTERS_MAX
from dome_client.testing import FakeRuntime, Say, ScriptedTool
from tests.mcp_bridge import a_bridge


async def run(call: Any, lines: int) -> str:
    found = await call("run_read_only_tool", {"tool_id": "test.lines", "input": {"lines": lines}})
    return str(found["job_id"])


async def test_pages_follow_each_other_without_a_gap_to_the_end() -> None:
    async with a_bridge() as call:
        job_id = await run(call, 2_000)
        seen: list[str] = []
        page: dict[str, Any] = {"next_after": 0, "more": True}
        while page["more"]:
            page = await call("job_events", {"job_id": job_id, "after": page["next_after"]})
            assert sum(map(len, page["events"])) <= PAGE_CHARACTERS_MAX
            seen += page["events"]
        assert [int(line.split()[0]) for line in seen] == list(range(1, 2_004))
        assert seen[2:4] == ["3 stdout line 1", "4 stdout line 2"]
        assert seen[-1] == "2003 finished SUCCEEDED"
        assert "end of the record" in page["message"]


async def test_a_negative_position_counts_from_the_end() -> None:
    async with a_bridge() as call:
        job_id = await run(call, 100)
        page = await call("job_events", {"job_id": job_id, "after": -3})
        assert page["events"] == ["101 stdout line 99", "102 stdout line 100", "103 finished SUCCEEDED"]
        whole = await call("job_events", {"job_id": job_id, "after": -1_000})
        assert whole["events"][0].startswith("1 submitted")


async def test_a_wait_gives_the_first_new_event_or_nothing() -> None:
    async with a_bridge() as call:
        held = await call("run_tool", {"tool_id": "test.hold", "wait_s": 0.05})
        nothing = await call("job_events", {"job_id": held["job_id"], "after": held["next_after"], "wait_s": 0.05})
        assert (nothing["events"], nothing["next_after"]) == ([], held["next_after"])
        waiting = asyncio.ensure_future(
            call("job_events", {"job_id": held["job_id"], "after": held["next_after"], "wait_s": 20})
        )
        await asyncio.sleep(0.05)
        call.runtime.release(held["job_id"])
        assert (await waiting)["events"] == ["5 stdout released", "6 finished SUCCEEDED"]


async def test_long_lines_are_cut_and_controls_made_visible() -> None:
    data = b"x" * 50_000 + b"\n" + b"\x1b[31mred\x00\xff\n"
    async with a_bridge(FakeRuntime([ScriptedTool("a.b", lambda _: [Say(data)])])) as call:
        job_id = (await call("run_tool", {"tool_id": "a.b"}))["job_id"]
        page = await call("job_events", {"job_id": job_id})
        assert len(page["events"][2]) < LINE_CHARACTERS_MAX + 50
        assert "(49,000 more)" in page["events"][2]
        assert page["events"][3] == "4 stdout \\x1b[31mred\\x00\\xff"


async def test_a_position_beyond_the_end_is_an_error_that_names_the_end() -> None:
    async with a_bridge() as call:
        job_id = await run(call, 1)
        found = await call.failing("job_events", {"job_id": job_id, "after": 99})
        assert (found["error"]["reason"], found["error"]["metadata"]["latest"]) == ("SEQ_AHEAD", "4")
