"""The door on loopback TCP: off unless asked for, this machine only, and for nobody without the token of this start."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from grpclib.client import Channel
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_client.connection import connect
from dome_client.errors import DomeError, EndpointInvalid
from dome_contracts.grpc.health.v1 import HealthCheckRequest, HealthStub
from dome_contracts.runtime.v1 import (
    ListJobsRequest,
    ListJobsResponse,
    RequesterProof,
    RuntimeServiceStub,
    SkillExecuteRequest,
)
from tests.e2e.daemon_process import Daemon, Details, Place, a_place, reason
from tests.e2e.dome_home import Home, a_home
from tests.e2e.tool_folder import write_tool

TCP = '[endpoint]\ntcp = "127.0.0.1:0"\n'
NO_USER = 0xFFFF_FFFF


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        made.configure(TCP)
        yield made


def announced(place: Place) -> tuple[str, str]:
    """Endpoint and token."""
    endpoint, token = (place.state / "loopback" / "endpoint").read_text().splitlines()
    return endpoint, token


def channel_of(place: Place) -> Channel:
    host, _, port = announced(place)[0].removeprefix("tcp://").rpartition(":")
    return Channel(host, int(port), status_details_codec=Details())


async def refused(daemon: Daemon, metadata: Mapping[str, str]) -> GRPCError:
    channel = channel_of(daemon.place)
    try:
        with pytest.raises(GRPCError) as caught:
            request = SkillExecuteRequest(skill_id="process.run", input=b'{"argv": ["true"]}')
            await RuntimeServiceStub(channel).skill_execute(request, metadata=metadata, timeout=10)
        return caught.value
    finally:
        channel.close()


def listening(pid: int) -> set[str]:
    """Local addresses of the TCP sockets on which a process listens, as the kernel writes them."""
    inodes = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in inodes:
                found.add(local.partition(":")[0])
    return found


def test_without_being_asked_for_there_is_no_door_on_tcp(place: Place) -> None:
    place.configure("")
    daemon = place.ready()
    assert listening(daemon.pid) == set()
    assert not (place.state / "loopback").exists()
    assert daemon.stop()[0] == 0


def test_the_door_is_bound_to_this_machine_and_its_file_is_the_users_alone(place: Place) -> None:
    daemon = place.ready()
    assert listening(daemon.pid) == {"0100007F"}
    file = place.state / "loopback" / "endpoint"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert daemon.stop()[0] == 0
    assert not file.exists()


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0:0", "localhost:0", "127.0.0.1"),
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("192.0.2.1:7000", "[::]:0", ":0", "[::1]:x")),
    ],
)
def test_any_other_address_is_refused_at_start(place: Place, address: str) -> None:
    code, said = place.start("--tcp", address).ended()
    assert (code, "127.0.0.1" in said or "has no port" in said) == (2, True), said
    place.configure(f'[endpoint]\ntcp = "{address}"\n')
    code, said = place.start().ended()
    assert (code, "/endpoint/tcp" in said) == (2, True), said


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic {token}"}])
async def test_without_the_token_of_this_start_nothing_is_served(place: Place, shown: dict[str, str]) -> None:
    daemon = place.ready()
    _, token = announced(place)
    metadata = {name: value.format(token=token) for name, value in shown.items()}
    error = await refused(daemon, metadata)
    assert (error.status, reason(error.details)) == (Status.UNAUTHENTICATED, "UNAUTHENTICATED")
    async with connect(f"unix:{place.socket}") as dome:
        assert await dome.jobs() == []
        found = await dome.listing(include_refused=True)
    [row] = found.refused
    assert row.requester is not None
    assert (row.method, row.requester.uid, row.requester.pid) == ("SkillExecute", NO_USER, 0)
    assert row.requester.proof is RequesterProof.NONE
    code, log = await asyncio.to_thread(daemon.stop)
    assert code == 0
    assert "call without the token" in log
    assert token not in log


async def test_strangers_do_not_fill_the_log(place: Place) -> None:
    daemon = place.ready()
    announced(place)
    for _ in range(20):
        assert (await refused(daemon, {"authorization": "Bearer wrong"})).status is Status.UNAUTHENTICATED
    code, log = await asyncio.to_thread(daemon.stop)
    assert code == 0
    first, last = [line for line in log.splitlines() if "token" in line or "UNAUTHENTICATED" in line]
    assert ("times=" in first, "times=19" in last) == (False, True)


async def test_who_has_no_token_does_not_learn_what_can_be_called(place: Place) -> None:
    daemon = place.ready()
    channel = channel_of(place)
    with pytest.raises(GRPCError) as health:
        await HealthStub(channel).check(HealthCheckRequest(), timeout=10)
    stub = RuntimeServiceStub(channel)
    with pytest.raises(GRPCError) as unknown:
        await stub._unary_unary("/dome.runtime.v1.RuntimeService/Nonsense", ListJobsRequest(), ListJobsResponse)
    with pytest.raises(GRPCError) as reflection:
        path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        await stub._unary_unary(path, ListJobsRequest(), ListJobsResponse)
    channel.close()
    assert {each.value.status for each in (health, unknown, reflection)} == {Status.UNAUTHENTICATED}
    assert (await asyncio.to_thread(daemon.stop))[0] == 0


async def test_a_client_with_the_token_does_all_that_one_on_the_socket_does(place: Place) -> None:
    daemon = place.ready()
    endpoint, token = announced(place)
    async with connect(endpoint, environ=place.environ()) as dome:
        job = await dome.execute("process.run", {"argv": ["echo", "hi"]})
        events = [event async for event in dome.events(job.job_id)]
        done = await dome.status(job.job_id)
    assert b"".join(event.output.data for event in events if event.output is not None) == b"hi\n"
    assert events[-1].finished is not None
    requester = done.provenance.requester if done.provenance is not None else None
    assert requester is not None
    assert (requester.uid, requester.pid) == (os.getuid(), 0)
    assert requester.proof is RequesterProof.LOOPBACK_TOKEN
    code, log = await asyncio.to_thread(daemon.stop)
    assert code == 0
    kept = b"".join(path.read_bytes() for path in place.state.rglob("*") if path.is_file())
    assert (token in log, token.encode() in kept) == (False, False)


async def test_a_client_goes_on_with_port_and_token_of_the_next_start(place: Place) -> None:
    daemon = place.ready()
    environ = place.environ()
    environ["XDG_RUNTIME_DIR"] = str(place.root / "elsewhere")
    before = announced(place)
    async with connect(environ=environ) as dome:
        assert str(dome.endpoint) == before[0]
        assert await dome.jobs() == []
        assert (await asyncio.to_thread(daemon.stop))[0] == 0
        again = await asyncio.to_thread(place.ready)
        assert announced(place)[1] != before[1]
        assert await dome.jobs() == []
    assert (await asyncio.to_thread(again.stop))[0] == 0


async def test_the_token_is_not_shown_to_another_port(place: Place) -> None:
    daemon = place.ready()
    with socket.create_server(("127.0.0.1", 0)) as impostor:
        port = impostor.getsockname()[1]
        async with connect(f"tcp://127.0.0.1:{port}", environ=place.environ()) as dome:
            with pytest.raises(EndpointInvalid, match="no token for another"):
                await dome.jobs()
        impostor.setblocking(False)
        with pytest.raises(BlockingIOError):
            impostor.accept()
    assert (await asyncio.to_thread(daemon.stop))[0] == 0


async def test_what_a_killed_daemon_announced_counts_no_more(place: Place) -> None:
    daemon = place.ready()
    endpoint, _ = announced(place)
    daemon.signal(signal.SIGKILL)
    daemon.ended()
    port = int(endpoint.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)) as impostor:
        async with connect(endpoint, environ=place.environ()) as dome:
            with pytest.raises(DomeError, match="No daemon answers at tcp://"):
                await dome.jobs()
        impostor.setblocking(False)
        with pytest.raises(BlockingIOError):
            impostor.accept()


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        made.configure(TCP)
        yield made


def test_the_command_works_over_tcp_and_says_who_asked(home: Home) -> None:
    assert home.dome("service", "start").code == 0
    endpoint = (home.state / "loopback" / "endpoint").read_text().splitlines()[0]
    ran = home.dome("run", "process.run", "--endpoint", endpoint, "--", "echo", "hi")
    assert (ran.code, ran.out) == (0, b"hi\n"), ran.err
    status = home.dome("service", "status", "--endpoint", endpoint)
    assert (status.code, endpoint in status.out.decode()) == (0, True), status.err
    (job,) = home.dome("jobs", "--json").documents()
    assert b"token" in home.dome("explain", job["job_id"]).out
    beyond = home.dome("jobs", "--endpoint", "tcp://192.0.2.1:7000")
    assert (beyond.code, "this machine only" in beyond.err) == (2, True)


def test_the_command_refuses_a_file_that_others_reach(home: Home) -> None:
    assert home.dome("service", "start").code == 0
    file = home.state / "loopback" / "endpoint"
    endpoint = file.read_text().splitlines()[0]
    file.chmod(0o644)
    refused_ = home.dome("jobs", "--endpoint", endpoint)
    assert (refused_.code, "0644" in refused_.err) == (2, True)
    file.chmod(0o600)
    assert home.dome("jobs", "--endpoint", endpoint).code == 0


def test_a_confined_tool_does_not_see_the_token(home: Home) -> None:
    file = home.state / "loopback" / "endpoint"
    open_ = {"effects": {"filesystem": "write", "network": "any", "starts_processes": True}}
    held = {"effects": {"filesystem": "read", "network": "any", "starts_processes": True}}
    for tool_id, manifest in (("user.open", open_), ("user.held", held)):
        write_tool(home.config / "tools", tool_id, f"cat {file}", **manifest)
        digest = home.dome("tool", tool_id, "--json").documents()[0]["summary"]["tool_digest"]
        assert home.dome("tools", "trust", tool_id, "--digest", digest, "--yes").code == 0
    (check,) = [each for each in home.dome("doctor", "--json").documents() if each["check"] == "effects"]
    if check["verdict"] != "ok":
        pytest.skip(f"this machine does not hold tools to their effects: {check['repair']}")
    assert home.dome("run", "user.open").out == file.read_bytes()
    confined = home.dome("run", "user.held")
    assert (confined.code != 0, confined.out) == (True, b"")
    assert "No such file" in confined.err
