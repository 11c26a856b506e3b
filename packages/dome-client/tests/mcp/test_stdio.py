import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

import pytest

from dome_client.mcp import framing, wire
from dome_client.mcp.bridge import Bridge
from dome_client.mcp.server import Protocol
from dome_client.mcp.stdio import streams
from dome_client.mcp.times import Times
from dome_client.testing import FakeRuntime
from tests.mcp_bridge import TOOLS

HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


class Peer:
    """The other ends of the bridge's descriptors."""

    def __init__(self, to_bridge: int, from_bridge: int, runtime: FakeRuntime) -> None:
        self.to_bridge = to_bridge
        self.from_bridge = from_bridge
        self.runtime = runtime
        self.stop = asyncio.Event()
        self._file = os.fdopen(from_bridge, "rb", closefd=False)

    async def say(self, message: Any) -> None:
        data = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
        await asyncio.to_thread(os.write, self.to_bridge, data + b"\n")

    async def ask(self, request_id: int, method: str, params: Any = None) -> dict[str, Any]:
        await self.say({"id": request_id, "method": method, "params": params or {}})
        return await self.heard()

    async def heard(self) -> dict[str, Any]:
        line = await asyncio.wait_for(asyncio.to_thread(self._file.readline), 5)
        found: dict[str, Any] = json.loads(line)
        return found

    async def hello(self) -> None:
        assert "result" in await self.ask(0, "initialize", HELLO)
        await self.say({"method": "notifications/initialized"})

    async def call(self, request_id: int, name: str, **arguments: Any) -> dict[str, Any]:
        answer = await self.ask(request_id, "tools/call", {"name": name, "arguments": arguments})
        assert answer["id"] == request_id
        content: dict[str, Any] = answer["result"]["structuredContent"]
        return content

    def hang_up(self) -> None:
        os.close(self.to_bridge)
        self.to_bridge = -1


@asynccontextmanager
async def a_peer() -> AsyncIterator[tuple[Peer, "asyncio.Task[None]"]]:
    (bridge_in, to_bridge), (from_bridge, bridge_out) = os.pipe(), os.pipe()
    runtime = FakeRuntime(TOOLS)
    protocol = Protocol(lambda: Bridge(lambda: runtime, directory="/", times=Times(close_s=0.5)))
    peer = Peer(to_bridge, from_bridge, runtime)

    async def serve() -> None:
        async with streams(bridge_in, bridge_out, on_end=protocol.close) as (incoming, outgoing):
            await protocol.serve(incoming, outgoing, stop=peer.stop)
        await protocol.aclose()

    serving = asyncio.ensure_future(serve())
    try:
        yield peer, serving
    finally:
        for descriptor in (peer.to_bridge, peer.from_bridge):
            with suppress(OSError):
                os.close(descriptor)
        await asyncio.wait_for(serving, 5)


async def test_it_serves_and_ends_with_its_input() -> None:
    async with a_peer() as (peer, serving):
        await peer.hello()
        assert (await peer.call(1, "run_tool", tool_id="test.find"))["state"] == "SUCCEEDED"
        peer.hang_up()
        await asyncio.wait_for(serving, 5)


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        (b"no json", -32700, None),
        (b'{"jsonrpc":"2.0","id":3', -32700, None),
        (b"\xff\xfe", -32700, None),
        (b"[" * 100_000, -32700, None),
        (b"[]", -32600, None),
        (b"3", -32600, None),
        (b'{"id":4,"method":"ping"}', -32600, 4),
        (b'{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":5,"method":"no/such"}', -32601, 5),
        (b'{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{}}', -32602, 6),
        (b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"no_such"}}', -32602, 7),
        (b'{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"run_tool","arguments":[1]}}', -32602, 8),
    ],
)
async def test_what_is_no_message_is_answered_and_the_next_is_served(
    line: bytes, code: int, request_id: int | None
) -> None:
    async with a_peer() as (peer, _):
        await peer.hello()
        await peer.say(line)
        answer = await peer.heard()
        assert (answer["error"]["code"], answer["id"]) == (code, request_id)
        assert (await peer.ask(99, "ping"))["id"] == 99


async def test_a_message_that_is_too_long_is_refused_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "LINE_BYTES_MAX", 10_000)
    async with a_peer() as (peer, _):
        await peer.hello()
        await peer.say(
            {"id": 5, "method": "tools/call", "params": {"name": "run_tool", "arguments": {"x": "y" * 50_000}}}
        )
        answer = await peer.heard()
        assert (answer["id"], answer["error"]["code"]) == (5, -32600)
        assert (await peer.ask(6, "ping"))["id"] == 6


async def test_what_was_asked_just_before_the_end_of_the_input_is_answered() -> None:
    async with a_peer() as (peer, serving):
        await peer.hello()
        await peer.say({"id": 1, "method": "tools/call", "params": {"name": "search_tools"}})
        peer.hang_up()
        assert (await peer.heard())["result"]["structuredContent"]["total"] == len(TOOLS)
        await asyncio.wait_for(serving, 5)


async def test_when_the_client_leaves_its_jobs_go_on() -> None:
    async with a_peer() as (peer, serving):
        await peer.hello()
        await peer.say(
            {"id": 1, "method": "tools/call", "params": {"name": "run_tool", "arguments": {"tool_id": "test.hold"}}}
        )
        await started(peer)
        peer.hang_up()
        await asyncio.wait_for(serving, 5)
        assert not (await peer.runtime.jobs())[0].cancel_requested


async def test_when_it_is_told_to_stop_its_jobs_go_on() -> None:
    async with a_peer() as (peer, serving):
        await peer.hello()
        await peer.say(
            {"id": 1, "method": "tools/call", "params": {"name": "run_tool", "arguments": {"tool_id": "test.hold"}}}
        )
        await started(peer)
        peer.stop.set()
        await asyncio.wait_for(serving, 5)
        assert not (await peer.runtime.jobs())[0].cancel_requested


async def test_when_the_client_cancels_and_leaves_at_once_the_job_is_cancelled() -> None:
    async with a_peer() as (peer, serving):
        await peer.hello()
        await peer.say(
            {"id": 1, "method": "tools/call", "params": {"name": "run_tool", "arguments": {"tool_id": "test.hold"}}}
        )
        await started(peer)
        await peer.say({"method": "notifications/cancelled", "params": {"requestId": 1}})
        job = await asyncio.wait_for(peer.runtime.wait((await peer.runtime.jobs())[0].job_id), 5)
        peer.hang_up()
        await asyncio.wait_for(serving, 5)
        assert job.cancel_requested


async def test_when_the_client_reads_no_more_it_ends() -> None:
    async with a_peer() as (peer, serving):
        await peer.hello()
        os.close(peer.from_bridge)
        with suppress(BrokenPipeError):
            await peer.say({"id": 1, "method": "ping"})
        await asyncio.wait_for(serving, 5)


async def test_a_client_that_does_not_read_is_not_read_from_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be behind by so many answers; what it says beyond that stays in its pipe."""
    monkeypatch.setattr(wire, "UNANSWERED_MAX", 20)
    asked = 0
    async with a_peer() as (peer, _):
        await peer.hello()
        os.set_blocking(peer.to_bridge, False)
        params = {"_meta": {"padding": "x" * 2_000}}
        quiet = 0
        while quiet < 20:
            message = {"jsonrpc": "2.0", "id": asked + 1, "method": "tools/list", "params": params}
            try:
                os.write(peer.to_bridge, json.dumps(message).encode() + b"\n")
                asked, quiet = asked + 1, 0
            except BlockingIOError:
                quiet += 1
                await asyncio.sleep(0.01)
        # What the pipe holds, what the reader holds, and 20 requests: not all that a client could say.
        assert asked < 200
        answered = {(await peer.heard())["id"] for _ in range(asked)}
        assert answered == set(range(1, asked + 1))


async def test_a_file_as_input_and_output_works_like_a_pipe() -> None:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as taken:
        given.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}).encode() + b"\n")
        given.seek(0)
        protocol = Protocol(lambda: Bridge(lambda: FakeRuntime(), directory="/"))
        async with streams(os.dup(given.fileno()), os.dup(taken.fileno()), on_end=protocol.close) as pair:
            await asyncio.wait_for(protocol.serve(*pair, stop=asyncio.Event()), 5)
        taken.seek(0)
        assert json.loads(taken.read())["result"]["serverInfo"]["name"] == "dome"


async def started(peer: Peer) -> None:
    """Return when there is a job."""
    async with asyncio.timeout(5), aclosing(peer.runtime.watch()) as changes:
        await anext(changes)
