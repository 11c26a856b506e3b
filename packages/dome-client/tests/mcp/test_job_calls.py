import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from mcp.client.client import Client

from dome_client.errors import DaemonUnreachable, DomeError
from dome_client.mcp.bridge import CALLS_MAX
from dome_client.mcp.times import Times
from dome_client.testing import End, FakeRuntime, ScriptedTool
from dome_contracts.runtime.v1 import EffectorKind, Job, JobState
from tests.mcp_bridge import TOOLS, a_bridge

RESULT = {"matches": [{"path": "a.py", "line": 1}]}
HOLD = {"tool_id": "test.hold", "wait_s": 0.05}
FIND = {"tool_id": "test.find"}


async def test_a_run_gives_the_result_and_what_identifies_the_job() -> None:
    async with a_bridge() as call:
        found = await call("run_read_only_tool", FIND)
        assert (found["state"], found["result"]) == ("SUCCEEDED", RESULT)
        answer = await call.client.call_tool("run_read_only_tool", FIND)
        assert answer.meta is not None
        assert answer.meta["dome/job_id"].startswith("job-")
        assert answer.meta["dome/tool_digest"].startswith("sha256:")


async def test_a_tool_without_a_result_gives_the_end_of_its_output() -> None:
    async with a_bridge() as call:
        found = await call("run_read_only_tool", {"tool_id": "test.lines", "input": {"lines": 5000}})
        assert "5002 stdout line 5000" in found["output_tail"]
        assert len(found["output_tail"]) <= 60
        assert found["next_after"] == 5003


@pytest.mark.parametrize(
    ("tool_id", "reason"), [("test.change", "INVALID_REQUEST"), ("test.untrusted", "TOOL_UNTRUSTED")]
)
async def test_what_is_not_read_only_and_trusted_is_not_run_unasked(tool_id: str, reason: str) -> None:
    async with a_bridge() as call:
        found = await call.failing("run_read_only_tool", {"tool_id": tool_id})
        assert found["error"]["reason"] == reason
        assert found["next"]
        assert await call.runtime.jobs() == []


async def test_a_read_only_run_is_pinned_to_what_was_judged() -> None:
    pins = []

    class Watched(FakeRuntime):
        async def execute(self, *arguments: Any, **options: Any) -> Job:
            pins.append(options["tool_digest"])
            return await super().execute(*arguments, **options)

    watched = Watched(TOOLS)
    async with a_bridge(watched) as call:
        await call("run_read_only_tool", FIND)
        await call("run_tool", FIND)
    summary = (await call.runtime.tool("test.find")).summary
    assert summary is not None
    assert pins == [summary.tool_digest, None]


async def test_a_failed_job_is_an_error_with_reason_output_and_what_to_do() -> None:
    async with a_bridge() as call:
        found = await call.failing("run_tool", {"tool_id": "test.fail"})
        assert (found["state"], found["error"]["reason"], found["error"]["exit_code"]) == (
            "FAILED",
            "PROCESS.EXIT_NONZERO",
            7,
        )
        assert "3 stdout why\\x1b[2J" in found["output_tail"]
        assert list(found)[-1] == "next"


async def test_a_job_that_goes_on_comes_back_as_a_handle() -> None:
    async with a_bridge() as call:
        found = await call("run_tool", HOLD)
        assert found["state"] == "RUNNING"
        assert "half, 1/2 files" in found["message"]
        assert found["output_tail"][2:] == ["3 stdout ready", "4 progress half, 1/2 files"]
        assert found["next_after"] == 4
        assert found["job_id"] in found["next"]
        call.runtime.release(found["job_id"])
        ended = await call("job_wait", {"job_id": found["job_id"]})
        assert ended["state"] == "SUCCEEDED"
        assert "5 stdout released" in ended["output_tail"]


async def test_waiting_ends_with_the_job() -> None:
    async with a_bridge() as call:
        job_id = (await call("run_tool", HOLD))["job_id"]
        waiting = asyncio.ensure_future(call("job_wait", {"job_id": job_id, "wait_s": 20}))
        await asyncio.sleep(0)
        call.runtime.release(job_id)
        assert (await waiting)["state"] == "SUCCEEDED"


async def test_a_status_is_no_error_however_the_job_ended() -> None:
    async with a_bridge() as call:
        job_id = (await call.failing("run_tool", {"tool_id": "test.fail"}))["job_id"]
        found = await call("job_status", {"job_id": job_id})
        assert (found["state"], found["error"]["reason"]) == ("FAILED", "PROCESS.EXIT_NONZERO")


async def test_a_long_result_is_read_in_pieces() -> None:
    async with a_bridge() as call:
        found = await call("run_tool", {"tool_id": "test.long", "input": {"size": 40_000}})
        assert "result" not in found
        text = found["result_text"]
        while "result_next_offset" in found:
            offset = found["result_next_offset"]
            found = await call("job_status", {"job_id": found["job_id"], "result_offset": offset})
            text += found["result_text"]
        assert text == '{"text": "' + "x" * 40_000 + '"}'


@pytest.mark.parametrize("levels", [101, 300, 5000])
async def test_a_result_that_is_nested_too_deeply_for_a_client_is_given_as_text(levels: int) -> None:
    text = '{"a":' + "[" * (levels - 1) + '"\x9b"' + "]" * (levels - 1) + "}"
    deep = ScriptedTool("test.deep", lambda _: [End(result=text.encode())])
    async with a_bridge(FakeRuntime((*TOOLS, deep))) as call:
        found = await call("run_read_only_tool", {"tool_id": "test.deep"})
        assert (found["state"], "result" in found) == ("SUCCEEDED", False)
        assert found["result_text"] == text.replace("\x9b", "\\u009b")
        assert found["result_characters"] == len(text)


async def test_what_a_model_made_up_is_not_repeated_without_end() -> None:
    async with a_bridge() as call:
        found = await call.failing("run_tool", {"tool_id": "test.find", "x" * 100_000: 1})
        assert len(str(found)) < 10_000


async def test_session_and_call_are_recorded_with_the_job_and_are_its_key() -> None:
    async with a_bridge() as call:
        trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        meta = {"threadId": "thread-1", "callId": "call_1", "traceparent": trace, "dome/run_id": "run-mine"}
        first = await call("run_tool", FIND, **meta)
        again = await call("run_tool", FIND, **meta)
        other = await call("run_tool", FIND, **(meta | {"callId": "call_2"}))
        assert first["job_id"] == again["job_id"] != other["job_id"]
        job = await call.runtime.status(first["job_id"])
        assert job.correlation is not None
        assert (job.correlation.client_session_id, job.correlation.client_call_id) == ("thread-1", "call_1")
        assert (job.correlation.traceparent, job.correlation.run_id) == (trace, "run-mine")
        assert job.correlation.effector is not None
        assert job.correlation.effector.kind is EffectorKind.LLM
        assert job.idempotency_key == "mcp/thread-1/call_1"


async def test_a_key_of_the_caller_stands_before_the_one_of_the_call() -> None:
    async with a_bridge() as call:
        asked = FIND | {"idempotency_key": "mine"}
        first = await call("run_tool", asked, threadId="t", callId="1")
        assert (await call("run_tool", asked, threadId="t", callId="2"))["job_id"] == first["job_id"]
        reused = await call.failing("run_tool", {"tool_id": "test.change", "idempotency_key": "mine"})
        assert reused["error"]["reason"] == "IDEMPOTENCY_KEY_REUSED"
        assert reused["error"]["metadata"]["first_job"] == first["job_id"]


async def test_a_cancelled_run_cancels_its_job() -> None:
    async with a_bridge() as call:
        running = asyncio.ensure_future(call.client.call_tool("run_tool", {"tool_id": "test.hold", "wait_s": 20}))
        async with asyncio.timeout(5), aclosing(call.runtime.watch()) as changes:
            job_id = (await anext(changes)).job.job_id
            running.cancel()
            assert (await call.runtime.wait(job_id)).state is JobState.CANCELED


async def test_a_cancelled_wait_leaves_the_job_alone() -> None:
    async with a_bridge() as call:
        job_id = (await call("run_tool", HOLD))["job_id"]
        waiting = asyncio.ensure_future(call.client.call_tool("job_wait", {"job_id": job_id, "wait_s": 20}))
        await call("job_status", {"job_id": job_id})
        waiting.cancel()
        assert (await call("job_status", {"job_id": job_id}))["state"] == "RUNNING"


async def test_cancelling_a_job_ends_it_and_doing_it_again_changes_nothing() -> None:
    async with a_bridge() as call:
        job_id = (await call("run_tool", HOLD))["job_id"]
        assert (await call("cancel_job", {"job_id": job_id, "reason": "enough"}))["state"] == "CANCELED"
        assert (await call("cancel_job", {"job_id": job_id}))["state"] == "CANCELED"


async def test_a_client_that_asks_is_told_how_far_a_job_is() -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))
        call.runtime.release((await call.runtime.jobs())[0].job_id)

    async with a_bridge(times=Times(progress_s=0.01)) as call:
        await call.client.call_tool("run_tool", {"tool_id": "test.hold", "wait_s": 20}, progress_callback=hear)
    assert told[0] == (1.0, 2.0, "half, 1/2 files")


async def test_a_daemon_that_goes_away_during_the_wait_leaves_the_handle() -> None:
    class Gone(FakeRuntime):
        async def wait(self, job_id: str) -> Job:
            raise DaemonUnreachable("The connection broke.")

        async def status(self, job_id: str) -> Job:
            raise DaemonUnreachable("Nobody listens.", remedy="Start it.")

    async with a_bridge(Gone(TOOLS)) as call:
        found = await call.failing("run_tool", HOLD)
    assert found["job_id"].startswith("job-")
    assert found["error"] == {"reason": "DAEMON_UNREACHABLE", "retryable": True}
    assert "job_wait" in found["next"]


async def test_a_daemon_that_comes_back_is_asked_what_became_of_the_job() -> None:
    class Restarted(FakeRuntime):
        waits = 0

        async def wait(self, job_id: str) -> Job:
            self.waits += 1
            if self.waits == 1:
                raise DaemonUnreachable("The connection broke.")
            self.release(job_id)
            return await super().wait(job_id)

    async with a_bridge(Restarted(TOOLS)) as call:
        assert (await call("run_tool", {"tool_id": "test.hold"}))["state"] == "SUCCEEDED"


async def test_a_daemon_that_never_answers_is_an_error_in_time() -> None:
    class Silent(FakeRuntime):
        async def execute(self, *_: Any, **__: Any) -> Job:
            return await asyncio.Future()

        async def status(self, job_id: str) -> Job:
            return await asyncio.Future()

    async with a_bridge(Silent(), times=Times(answer_s=0.05, close_s=0.01)) as call:
        for name, arguments in (("run_tool", FIND), ("job_status", {"job_id": "job-1"}), ("job_wait", {"job_id": "j"})):
            assert (await call.failing(name, arguments))["error"]["reason"] == "DEADLINE_EXCEEDED"


async def test_an_endpoint_that_is_none_is_told_to_whoever_calls() -> None:
    from dome_client.errors import EndpointInvalid
    from dome_client.mcp.bridge import Bridge
    from dome_client.mcp.server import Protocol

    def refuse() -> FakeRuntime:
        raise EndpointInvalid("tcp:x", "DOMED_ENDPOINT", "it is none")

    protocol = Protocol(lambda: Bridge(refuse, directory="/"))
    async with Client(protocol.server, mode="legacy") as client:
        assert len((await client.list_tools()).tools) == 8
        answer = await client.call_tool("search_tools")
        assert answer.is_error
        assert answer.structured_content["error"]["reason"] == "ENDPOINT_INVALID"


async def test_more_calls_at_a_time_than_there_is_room_for_are_refused() -> None:
    async with a_bridge() as call:
        job_id = (await call("run_tool", HOLD))["job_id"]
        wait = {"job_id": job_id, "wait_s": 20}
        waiting = [asyncio.ensure_future(call.client.call_tool("job_wait", wait)) for _ in range(CALLS_MAX)]
        content: dict[str, Any] = {}
        refused = False
        async with asyncio.timeout(10):
            while not refused:
                content, refused = await call.either("job_status", {"job_id": job_id})
        assert content["error"]["reason"] == "LIMIT_EXCEEDED"
        call.runtime.release(job_id)
        await asyncio.gather(*waiting)
        await call("job_status", {"job_id": job_id})


async def test_an_input_that_json_does_not_promise_is_refused() -> None:
    async with a_bridge() as call:
        found = await call.failing("run_tool", FIND | {"input": {"number": 2**60}})
        assert found["error"]["reason"] == "INVALID_REQUEST"


def test_every_reason_of_the_bridge_is_none_of_the_daemon() -> None:
    from dome_client.mcp.answers import OWN_REASONS, reason_of
    from dome_contracts.rpc_errors import RPC_ERRORS

    assert not OWN_REASONS.keys() & RPC_ERRORS.keys()
    assert reason_of(DomeError("?", grpc_status=13)) in OWN_REASONS
