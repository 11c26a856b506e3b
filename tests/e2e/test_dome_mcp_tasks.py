"""Tasks of `dome mcp` are jobs: they outlive the bridge that began them, and the daemon."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.e2e.dome_home import Home, a_home
from tests.e2e.tool_folder import write_tool
from tests.mcp_conformance.bridge_process import BridgeProcess, a_bridge_process

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
}
EFFECTS = {"filesystem": "read", "network": "none", "starts_processes": True}
NUMBERS = count(1)
TIMEOUT_S = 30.0
TERMINAL = ("completed", "failed", "cancelled")
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        for name in ("holder", "waiter"):
            script = "echo up; exec sleep 600" if name == "holder" else "echo had its turn"
            write_tool(made.config / "tools", f"user.{name}", script, effects=EFFECTS, locks=["the-lock"])
        digests = [tool["tool_digest"] for tool in made.dome("tools", "--json", "user.").documents()]
        made.configure(f"[trust]\ndigests = {json.dumps(digests)}\n")
        assert made.dome("service", "stop").code == 0
        yield made


async def ask(bridge: BridgeProcess, method: str, **params: Any) -> Answer:
    """The whole answer, a result or an error."""
    request = {"jsonrpc": "2.0", "id": next(NUMBERS), "method": method, "params": {**params, "_meta": META}}
    async with asyncio.timeout(TIMEOUT_S):
        return await bridge.ask(request).answers.get()


async def run(bridge: BridgeProcess, tool_id: str, *argv: str) -> Answer:
    arguments = {"tool_id": tool_id, "input": {"argv": list(argv)} if argv else {}}
    answer = await ask(bridge, "tools/call", name="run_tool", arguments=arguments)
    result: Answer = answer["result"]
    return result


async def begun(bridge: BridgeProcess, tool_id: str, *argv: str) -> str:
    task = await run(bridge, tool_id, *argv)
    assert (task["resultType"], task["status"]) == ("task", "working")
    return str(task["taskId"])


async def got(bridge: BridgeProcess, task_id: str) -> Answer:
    answer = await ask(bridge, "tasks/get", taskId=task_id)
    result: Answer = answer["result"]
    return result


async def ended(bridge: BridgeProcess, task_id: str) -> Answer:
    async with asyncio.timeout(TIMEOUT_S):
        while True:
            task = await got(bridge, task_id)
            if task["status"] in TERMINAL:
                return task
            await asyncio.sleep(0.1)  # a client looks at tasks now and then


def kill_daemon(home: Home) -> None:
    [daemon] = home.daemons()
    os.kill(daemon, signal.SIGKILL)


async def test_tasks_outlive_their_bridge_and_a_daemon_that_is_killed(home: Home) -> None:
    async with a_bridge_process(home) as first:
        done = await begun(first, "process.run", "sh", "-c", "sleep 1; echo done")
        known = await ended(first, done)
        running = await begun(first, "user.holder")
        waiting = await begun(first, "user.waiter")
        assert "waits" in (await got(first, waiting))["statusMessage"]
        first.kill()
        kill_daemon(home)
    async with a_bridge_process(home) as second:
        assert await got(second, done) == known
        assert "3 stdout done" in known["result"]["structuredContent"]["output_tail"]
        lost = await ended(second, running)
        assert (lost["status"], lost["error"]["code"]) == ("failed", -32603)
        assert lost["error"]["data"]["error"]["reason"] == "PROCESS.LOST"
        assert "result" not in lost
        had = await ended(second, waiting)
        assert (had["status"], had["result"]["isError"]) == ("completed", False)
        assert "stdout had its turn" in " ".join(had["result"]["structuredContent"]["output_tail"])
        assert had["createdAt"] < had["lastUpdatedAt"]


async def test_a_task_goes_on_when_its_bridge_is_killed_and_another_one_cancels_it(home: Home) -> None:
    async with a_bridge_process(home) as first:
        task_id = await begun(first, "process.run", "sleep", "600")
        first.kill()
    async with a_bridge_process(home) as second:
        assert (await got(second, task_id))["status"] == "working"
        for _ in range(2):
            cancelled = (await ask(second, "tasks/cancel", taskId=task_id))["result"]
            assert cancelled["resultType"] == "complete"
            assert (await ended(second, task_id))["status"] == "cancelled"
        [job] = home.dome("job", task_id, "--json").documents()
        assert job["state"] == "JOB_STATE_CANCELED"


async def test_a_call_that_is_sent_again_is_the_same_task(home: Home) -> None:
    meta = META | {"threadId": "thread-1", "callId": "call-1"}
    call = {"name": "run_tool", "arguments": {"tool_id": "process.run", "input": {"argv": ["sleep", "600"]}}}
    tasks = []
    for _ in range(2):
        async with a_bridge_process(home) as bridge:
            request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {**call, "_meta": meta}}
            async with asyncio.timeout(TIMEOUT_S):
                tasks.append((await bridge.ask(request).answers.get())["result"]["taskId"])
    assert tasks[0] == tasks[1]
    assert home.dome("cancel", tasks[0]).code == 0


async def test_a_task_that_cannot_be_looked_at_is_not_said_to_have_failed(home: Home) -> None:
    async with a_bridge_process(home, "--endpoint", f"unix:{home.root}/nowhere.sock") as bridge:
        error = (await ask(bridge, "tasks/get", taskId="job-unknown"))["error"]
        assert (error["code"], error["data"]["error"]["reason"]) == (-32603, "DAEMON_UNREACHABLE")
    async with a_bridge_process(home) as bridge:
        for method in ("tasks/get", "tasks/cancel"):
            assert (await ask(bridge, method, taskId="job-unknown"))["error"]["code"] == -32602
