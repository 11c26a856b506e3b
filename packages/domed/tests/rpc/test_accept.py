"""Who connects in the moment of a stop is served or sees the end; nobody waits for an answer that never comes."""

import asyncio
import gc
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from grpclib.exceptions import GRPCError, StreamTerminatedError

from dome_contracts.runtime.v1 import SkillExecuteRequest
from domed.rpc.accept import AT_ONCE_MAX, Acceptor
from packages.domed.tests.rpc.kit import Scripted, reason, served

BOUND_S = 20
"""Far more than anything here takes: what is not over by then never ends."""
CLIENTS = AT_ONCE_MAX + 40


@pytest.fixture(autouse=True)
def _nothing_is_collected() -> Iterator[None]:
    """A lost connection would be closed whenever the collector finds it; here it is not found."""
    gc.disable()
    yield
    gc.enable()


@contextmanager
def bound(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.bind(str(path))
        yield made


@contextmanager
def connected(path: Path, count: int) -> Iterator[list[socket.socket]]:
    """Connections that the kernel has made, whoever has accepted them."""
    with ExitStack() as clients:
        made = [clients.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) for _ in range(count)]
        for client in made:
            client.connect(str(path))
            client.setblocking(False)
        yield made


@contextmanager
def no_further_descriptor() -> Iterator[None]:
    """The process may not open anything more, inside the block."""
    lowest_free = os.dup(0)
    os.close(lowest_free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def some_turns(count: int = 5) -> None:
    """Let what is ready happen: a connection that waits is tried to be accepted in the first turn."""
    for _ in range(count):
        await asyncio.sleep(0)


async def read_to_the_end(client: socket.socket) -> bytes:
    read = b""
    try:
        while piece := await asyncio.get_running_loop().sock_recv(client, 65536):
            read += piece
    except ConnectionError:
        pass
    return read


@pytest.mark.parametrize("turns", range(6))
async def test_who_connects_while_the_server_ends_sees_the_end(tmp_path: Path, turns: int) -> None:
    """The stop meets connections in every state from waiting in the kernel to set up: one more turn, one state on."""
    path = tmp_path / "d.sock"
    async with served([Scripted()], path=path) as door:
        with connected(path, CLIENTS) as clients:
            await some_turns(turns)
            async with asyncio.timeout(BOUND_S):
                await door.server.end()
                await asyncio.gather(*(read_to_the_end(client) for client in clients))
        assert door.server.connection_count() == 0


@pytest.mark.parametrize("turns", range(6))
async def test_a_call_in_the_moment_of_a_stop_is_answered_refused_or_ended(tmp_path: Path, turns: int) -> None:
    path = tmp_path / "d.sock"
    execute = "/dome.runtime.v1.RuntimeService/SkillExecute"
    async with served([Scripted()], path=path, new_work=[execute]) as door:
        calls = [asyncio.ensure_future(door.stub().skill_execute(SkillExecuteRequest())) for _ in range(40)]
        await some_turns(turns)
        door.edge.drain()
        door.server.stop_listening()
        async with asyncio.timeout(BOUND_S):
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
    for outcome in outcomes:
        match outcome:
            case GRPCError():
                assert reason(outcome) == "SHUTTING_DOWN"
            case _:
                assert isinstance(outcome, (ConnectionError, StreamTerminatedError)), repr(outcome)


async def test_connections_that_nobody_accepted_are_kept_for_the_next_if_the_socket_is_shared(tmp_path: Path) -> None:
    with bound(tmp_path / "d.sock") as kept:
        kept.listen()
        with connected(tmp_path / "d.sock", 1):
            first = Served()
            Acceptor(kept.dup(), first.serve).close()
            second = Served()
            acceptor = Acceptor(kept.dup(), second.serve)
            async with asyncio.timeout(BOUND_S):
                await second.some.wait()
                acceptor.close()
                await acceptor.settled()
    assert (first.count, second.count) == (0, 1)


async def test_without_descriptors_nothing_is_accepted_until_there_are_some(tmp_path: Path) -> None:
    with bound(tmp_path / "d.sock") as listening:
        accepted = Served()
        acceptor = Acceptor(listening, accepted.serve, retry_s=0.01)
        with connected(tmp_path / "d.sock", 1):
            with no_further_descriptor():
                await some_turns()
                assert accepted.count == 0
            async with asyncio.timeout(BOUND_S):
                await accepted.some.wait()
        acceptor.close()


async def test_a_stop_without_descriptors_ends_the_wait_for_some(tmp_path: Path) -> None:
    with bound(tmp_path / "d.sock") as listening:
        accepted = Served()
        acceptor = Acceptor(listening, accepted.serve, retry_s=0.01)
        with connected(tmp_path / "d.sock", 1) as (client,):
            with no_further_descriptor():
                await some_turns()
                acceptor.close()
            async with asyncio.timeout(BOUND_S):
                assert await read_to_the_end(client) == b""
                await acceptor.settled()
    assert accepted.count == 0


class Served:
    """Counts the connections that come, and ends them."""

    def __init__(self) -> None:
        self.count = 0
        self.some = asyncio.Event()

    async def serve(self, connection: socket.socket) -> None:
        connection.close()
        self.count += 1
        self.some.set()
