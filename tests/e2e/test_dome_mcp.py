import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from dome_contracts.exit_codes import Exit
from tests.e2e.daemon_process import a_place
from tests.e2e.dome_home import DOME, TIMEOUT_S, Home, a_home, finish
from tests.e2e.tool_folder import write_tool
from tests.mcp_bridge import Called

HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        (made.work / "notes.txt").write_text("first\nfind me\n")
        yield made


@asynccontextmanager
async def a_bridge(
    home: Home, *words: str, mode: str = "legacy", environ: Mapping[str, str] | None = None
) -> AsyncIterator[Called]:
    """`dome mcp` as a process, and the client of the SDK on its standard streams."""
    command, *start = DOME
    server = StdioServerParameters(
        command=command, args=[*start, "mcp", *words], env=dict(environ or home.environ()), cwd=home.work
    )
    with (home.root / "bridge.log").open("a") as log:
        async with Client(stdio_client(server, errlog=log), mode=mode) as client:
            yield Called(client)


def shell(script: str, **more: Any) -> dict[str, Any]:
    return {"tool_id": "process.run", "input": {"argv": ["sh", "-c", script]}, **more}


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28", pytest.param("auto", marks=pytest.mark.slow)])
async def test_a_tool_is_found_described_and_run_in_both_eras(home: Home, mode: str) -> None:
    async with a_bridge(home, mode=mode) as call:
        assert len((await call.client.list_tools()).tools) == 8
        found = await call("search_tools", {"query": "matches"})
        assert [entry.split()[0] for entry in found["tools"]] == ["repo.search"]
        described = await call("describe_tool", {"tool_id": "repo.search"})
        assert described["input_schema"]["required"] == ["pattern"]
        ran = await call(described["run_with"], {"tool_id": "repo.search", "input": {"pattern": "find"}})
        assert ran["result"]["matches"] == [{"path": "notes.txt", "line": 2, "text": "find me"}]


async def test_who_asked_is_in_the_record_of_the_job(home: Home) -> None:
    meta = {
        "threadId": "thread-7",
        "callId": "call_9",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }
    async with a_bridge(home) as call:
        first = await call("run_tool", shell("echo $TRACEPARENT"), **meta)
        again = await call("run_tool", shell("echo $TRACEPARENT"), **meta)
    assert again["job_id"] == first["job_id"]
    [job] = home.dome("job", first["job_id"], "--json").documents()
    asked = job["correlation"]
    assert (asked["client_session_id"], asked["client_call_id"]) == ("thread-7", "call_9")
    assert asked["effector"]["kind"] == "EFFECTOR_KIND_LLM"
    assert job["idempotency_key"] == "mcp/thread-7/call_9"
    assert job["provenance"]["requester"]["client_session_id"] == "thread-7"
    assert job["provenance"]["requester"]["client"].startswith("dome-mcp/")
    assert "4bf92f3577b34da6a3ce929d0e0e4736" in first["output_tail"][2]


async def test_a_killed_daemon_costs_a_job_and_not_the_bridge(home: Home) -> None:
    async with a_bridge(home) as call:
        handle = await call("run_tool", shell("echo before; sleep 60", wait_s=0.5))
        assert handle["state"] == "RUNNING"
        [daemon] = home.daemons()
        os.kill(daemon, signal.SIGKILL)
        lost = await call.failing("job_wait", {"job_id": handle["job_id"]})
        assert (lost["state"], lost["error"]["reason"]) == ("FAILED", "PROCESS.LOST")
        assert home.daemons() not in ([], [daemon])
        page = await call("job_events", {"job_id": handle["job_id"]})
        assert [int(line.split()[0]) for line in page["events"]] == list(range(1, page["next_after"] + 1))
        assert "3 stdout before" in page["events"]
        assert "PROCESS.LOST" in page["events"][-1]
        assert (await call("run_tool", shell("true")))["state"] == "SUCCEEDED"


async def test_a_daemon_that_is_not_there_is_an_error_until_it_is(home: Home) -> None:
    with a_place() as place:
        environ = home.environ(DOMED_ENDPOINT=f"unix:{place.socket}")
        async with a_bridge(home, environ=environ) as call:
            assert len((await call.client.list_tools()).tools) == 8
            missing = await call.failing("search_tools")
            assert missing["error"]["reason"] == "DAEMON_UNREACHABLE"
            assert missing["next"]
            daemon = place.ready("--socket", str(place.socket))
            assert (await call("search_tools"))["total"] > 0
            daemon.signal(signal.SIGKILL)
            daemon.ended()
            assert (await call.failing("search_tools"))["error"]["reason"] == "DAEMON_UNREACHABLE"
            place.ready("--socket", str(place.socket))
            assert (await call("search_tools"))["total"] > 0


@pytest.mark.slow
async def test_a_tool_that_the_user_has_not_approved_is_shown_and_not_run(home: Home) -> None:
    write_tool(home.work / ".dome" / "tools", "own.tool", "echo '{}' >&2")
    async with a_bridge(home) as call:
        found = await call("search_tools", {"query": "own.tool"})
        assert found["tools"][0].startswith("own.tool (r)(!)")
        refused = await call.failing("run_read_only_tool", {"tool_id": "own.tool"})
        assert refused["error"]["reason"] == "TOOL_UNTRUSTED"
        words = refused["error"]["metadata"]["command"].split()
        assert home.dome(*words[1:], "--yes").code == 0
        assert (await call.either("run_read_only_tool", {"tool_id": "own.tool"}))[0]["job_id"]


@pytest.mark.slow
async def test_an_exposed_tool_is_called_by_its_own_name(home: Home) -> None:
    async with a_bridge(home, "--expose", "repo.search") as call:
        listed = {tool.name: tool for tool in (await call.client.list_tools()).tools}
        assert len(listed) == 9
        hints = listed["repo__search"].annotations
        assert hints is not None
        assert hints.read_only_hint is True
        found = await call("repo__search", {"pattern": "find"})
        assert found["result"]["matches_count"] == 1
        wrong = await call.failing("repo__search", {"pattern": 3})
        assert wrong["error"]["reason"] == "INVALID_REQUEST"
        assert wrong["error"]["violations"]


@pytest.mark.slow
async def test_many_calls_at_a_time_are_all_answered(home: Home) -> None:
    async with a_bridge(home) as call:
        runs = [call("run_tool", shell(f"echo {n}")) for n in range(12)]
        found = await asyncio.gather(*runs)
        assert [f"stdout {n}" in " ".join(each["output_tail"]) for n, each in enumerate(found)] == [True] * 12


def test_standard_output_holds_messages_only_and_the_end_of_the_input_is_the_end(home: Home) -> None:
    with raw(home) as process:
        say(process, HELLO, READY, b"no json", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        answers = [hear(process) for _ in range(3)]
        assert sorted(str(each["id"]) for each in answers) == ["0", "1", "None"]
        call_tool(process, 2, shell("sleep 30", wait_s=0.1))
        job_id = hear(process)["result"]["structuredContent"]["job_id"]
        done = finish(process)
        assert (done.code, done.out, done.err) == (0, b"", "")
        assert home.dome("job", job_id, "--json").documents()[0]["state"] == "JOB_STATE_RUNNING"
        assert home.dome("cancel", job_id).code == 0


def test_it_ends_at_once_when_it_is_told_to_while_a_call_waits(home: Home) -> None:
    with raw(home) as process:
        say(process, HELLO, READY)
        hear(process)
        call_tool(process, 1, shell("sleep 30", wait_s=0.1))
        job_id = hear(process)["result"]["structuredContent"]["job_id"]
        call_tool(process, 2, {"job_id": job_id}, name="job_wait")
        process.send_signal(signal.SIGTERM)
        done = finish(process, timeout_s=10)
        assert (done.code, done.err) == (0, "")
        assert home.dome("job", job_id, "--json").documents()[0]["state"] == "JOB_STATE_RUNNING"
        assert home.dome("cancel", job_id).code == 0


@pytest.mark.slow
def test_a_call_that_is_cancelled_just_before_the_end_cancels_its_job(home: Home) -> None:
    with raw(home) as process:
        say(process, HELLO, READY)
        hear(process)
        call_tool(process, 1, shell("sleep 31", wait_s=20))
        call_tool(process, 2, shell("true"))
        assert hear(process)["id"] == 2
        say(process, {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}})
        time.sleep(0.01)  # as long as codex waits before it ends its servers
        process.send_signal(signal.SIGTERM)
        assert finish(process, timeout_s=10).code == 0
        jobs = home.dome("jobs", "--json")
        [_, job] = jobs.documents()[:2]
        ended = home.dome("wait", job["job_id"], "--json")
        assert ended.documents()[0]["state"] == "JOB_STATE_CANCELED"


def test_without_its_packages_it_says_how_to_install_them(home: Home) -> None:
    code = "import sys; sys.modules['mcp'] = None; from dome_client.cli.main import main; sys.exit(main())"
    process = subprocess.run(
        [DOME[0], "-c", code, "mcp"],
        env=home.environ(),
        cwd=home.work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (process.returncode, process.stdout) == (Exit.PRECONDITION, "")
    assert "-m pip install 'dome-client[mcp]'" in process.stderr


@pytest.mark.slow
@pytest.mark.skipif(Path(f"/run/user/{os.getuid()}").is_dir(), reason="this user's own daemon would be asked")
async def test_an_environment_without_directories_is_enough(home: Home) -> None:
    stripped = {"HOME": str(home.root), "PATH": os.environ["PATH"]}
    try:
        async with a_bridge(home, environ=stripped) as call:
            assert (await call("run_tool", shell("true")))["state"] == "SUCCEEDED"
    finally:
        assert home.dome("service", "stop", environ=stripped).code == 0


@pytest.mark.slow
async def test_a_job_of_a_million_lines_neither_blocks_nor_bloats_the_bridge(home: Home) -> None:
    async with a_bridge(home) as call:
        await call("run_tool", shell("true"))
        before = resident_bytes_max(home)
        running = asyncio.ensure_future(call("run_tool", shell("seq 1000000", wait_s=24)))
        loop = asyncio.get_running_loop()
        longest_s = 0.0
        while not running.done():
            began = loop.time()
            await call("search_tools", {"query": "search"})
            longest_s = max(longest_s, loop.time() - began)
            await asyncio.sleep(0.05)
        found = await running
        if found["state"] != "SUCCEEDED":
            found = await call("job_wait", {"job_id": found["job_id"]})
        assert found["next_after"] > 1_000_000
        assert "stdout 1000000" in " ".join(found["output_tail"])
        assert len(json.dumps(found)) < 10_000
        first = await call("job_events", {"job_id": found["job_id"]})
        middle = await call("job_events", {"job_id": found["job_id"], "after": 500_000})
        assert (first["more"], middle["more"]) == (True, True)
        assert middle["events"][0] == "500001 stdout 499999"
        assert longest_s < 10
        assert resident_bytes_max(home) - before < 64 * 1024 * 1024


def resident_bytes_max(home: Home) -> int:
    """Largest resident set of the bridge so far."""
    [pid] = [pid for pid, argv in home._processes() if argv[-2:-1] == ["mcp"]]
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


@contextmanager
def raw(home: Home) -> Iterator["subprocess.Popen[bytes]"]:
    """The bridge as a process that ends with the test."""
    process = subprocess.Popen(
        [*DOME, "mcp"],
        cwd=home.work,
        env=home.environ(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def say(process: "subprocess.Popen[bytes]", *messages: Any) -> None:
    assert process.stdin is not None
    for message in messages:
        process.stdin.write((message if isinstance(message, bytes) else json.dumps(message).encode()) + b"\n")
    process.stdin.flush()


def call_tool(
    process: "subprocess.Popen[bytes]", request_id: int, arguments: dict[str, Any], *, name: str = "run_tool"
) -> None:
    params = {"name": name, "arguments": arguments}
    say(process, {"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params})


def hear(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found
