"""Examples of the threat model against the daemon as a process: refused, stopped or absent, and nothing ran."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from grpclib.client import Channel
from grpclib.exceptions import GRPCError

from dome_contracts.runtime.v1 import (
    GetToolRequest,
    Job,
    JobState,
    ListToolsRequest,
    OutcomeCause,
    ReadArtifactRequest,
    RuntimeServiceStub,
    SkillExecuteRequest,
)
from domed.catalog import BUILT_IN_ROOT, Catalog
from domed.clock import SystemClock
from tests.e2e.calls import Seen, cancel, execute, seen, status
from tests.e2e.daemon_process import DOMED, Daemon, Place, a_place, reason
from tests.e2e.tool_folder import write_tool

SECRET = "hunter2-and-a-long-tail-that-is-nowhere-else"
EVERYTHING = {"filesystem": "write", "network": "any", "starts_processes": True}


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


def trusting(place: Place, *settings: str) -> None:
    """The configuration of a user who trusts the tools that they have now."""
    tools = (
        Catalog(BUILT_IN_ROOT, (place.root / "config/dome/tools",), monotonic=SystemClock().monotonic).view("").tools
    )
    digests = [tool.digest for tool in tools if tool.tool_id.startswith("user.")]
    place.configure("\n".join([f"[trust]\ndigests = {json.dumps(digests)}", *settings]))


async def run(channel: Channel, tool_id: str, working_directory: str = "") -> Job:
    request = SkillExecuteRequest(skill_id=tool_id, working_directory=working_directory)
    answer = await RuntimeServiceStub(channel).skill_execute(request)
    assert answer.job is not None
    return answer.job


async def test_a_tool_swapped_after_its_approval_is_denied_and_does_not_run(place: Place) -> None:
    witness = place.root / "witness"
    tools = place.root / "config/dome/tools"
    folder = write_tool(tools, "user.tool", f"echo approved >> {witness}\n", effects=EVERYTHING, locks=[])
    trusting(place, "[jobs]\nparallel_max = 1\ngrace_s = 0.2")
    daemon = place.ready()
    async with daemon.channel() as channel:
        holder = await execute(channel, "sh", "-c", "echo up; exec sleep 60")
        await Seen(holder.job_id).follow(channel, until=b"up")
        queued = await run(channel, "user.tool")
        (folder / "run.sh").write_text(f"echo swapped >> {witness}\n")
        await cancel(channel, holder.job_id)
        assert (await seen(channel, queued.job_id)).ended
        job = await status(channel, queued.job_id)
        assert job.outcome is not None
        assert (job.state, job.outcome.cause) == (JobState.FAILED, OutcomeCause.DENIED)
        assert job.outcome.failure_reason_code == "ADMISSION.TOOL_CHANGED"
        assert not witness.exists()
        with pytest.raises(GRPCError) as refused:
            await run(channel, "user.tool")
        assert reason(refused.value.details) == "TOOL_UNTRUSTED"
    assert daemon.stop()[0] == 0


async def test_looking_at_a_freshly_cloned_repository_and_asking_for_its_tool_runs_nothing(place: Place) -> None:
    witness = place.root / "witness"
    upstream, clone = place.root / "upstream", place.root / "clone"
    write_tool(upstream / ".dome/tools", "project.tool", f"touch {witness}\n", effects=EVERYTHING)
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "a tool"], ["clone", "-q", ".", str(clone)]):
        await asyncio.to_thread(subprocess.run, ["git", *words], cwd=upstream, check=True, timeout=30)
    daemon = place.ready()
    async with daemon.channel() as channel:
        stub = RuntimeServiceStub(channel)
        listed = await stub.list_tools(ListToolsRequest(working_directory=str(clone)))
        assert "project.tool" in {tool.tool_id for tool in listed.tools}
        await stub.get_tool(GetToolRequest(tool_id="project.tool", working_directory=str(clone)))
        with pytest.raises(GRPCError) as refused:
            await run(channel, "project.tool", working_directory=str(clone))
        assert reason(refused.value.details) == "TOOL_UNTRUSTED"
    assert daemon.stop()[0] == 0
    assert not witness.exists()


async def test_a_secret_of_the_environment_is_in_no_program_no_log_and_no_file(place: Place) -> None:
    daemon = place.ready(command=["env", f"DEPLOY_TOKEN={SECRET}", *DOMED])
    async with daemon.channel() as channel:
        job = await execute(channel, "sh", "-c", "env; cat /proc/self/environ", working_directory=str(place.work))
        said = await seen(channel, job.job_id)
        assert b"DOME_JOB_ID" in said.stdout
        with pytest.raises(GRPCError) as refused:
            await execute(channel, "env", environment={"DEPLOY_TOKEN": SECRET})
        assert reason(refused.value.details) == "INVALID_REQUEST"
        assert SECRET not in (refused.value.message or "")
    assert daemon.stop()[0] == 0
    assert SECRET.encode() not in said.stdout
    assert SECRET not in daemon.log()
    files = [path for path in place.root.rglob("*") if path.is_file()]
    assert any(path.name == "domed.sqlite" for path in files)
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


async def test_an_artifact_is_no_way_to_a_file_elsewhere(place: Place) -> None:
    key = place.root / "key"
    key.write_text(SECRET)
    ways = ["../key", "../../key", str(key), "link", "folder/../../key"]
    for number, path in enumerate(ways):
        line = json.dumps({"type": "artifact", "name": "loot", "path": path, "media_type": "text/plain"})
        script = f"cd $DOME_SCRATCH; ln -s {key} link; mkdir folder\necho '{line}' >/proc/self/fd/$DOME_CHANNEL_FD\n"
        write_tool(place.root / "config/dome/tools", f"user.thief{number}", script, effects=EVERYTHING, locks=[])
    trusting(place)
    daemon = place.ready()
    async with daemon.channel() as channel:
        for number, path in enumerate(ways):
            job = await run(channel, f"user.thief{number}", working_directory=str(place.work))
            await seen(channel, job.job_id)
            done = await status(channel, job.job_id)
            assert done.outcome is not None
            assert (done.state, list(done.artifacts)) == (JobState.FAILED, []), path
            assert done.outcome.failure_reason_code == "OUTPUT.ARTIFACT_INVALID", path
    assert daemon.stop()[0] == 0
    assert [each for each in kept(place.state) if SECRET.encode() in each.read_bytes()] == []


def kept(state: Path) -> list[Path]:
    return [path for path in state.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "digest", ["sha256:../../domed.sqlite", "../domed.sqlite", "sha256:" + "/" * 64, "", "sha256:"]
)
async def test_an_artifact_is_asked_for_by_its_digest_and_by_nothing_else(daemon: Daemon, digest: str) -> None:
    async with daemon.channel() as channel:
        with pytest.raises(GRPCError) as refused:
            async for _ in RuntimeServiceStub(channel).read_artifact(ReadArtifactRequest(digest=digest)):
                raise AssertionError("something was given")
        assert reason(refused.value.details) in {"INVALID_REQUEST", "ARTIFACT_NOT_FOUND"}


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with a_place() as made:
        running = made.ready()
        yield running
        code, log = running.stop()
        assert (code, "Traceback" in log) == (0, False), log


@pytest.mark.parametrize("whose", ["a link", "open to others"])
def test_a_socket_directory_that_is_not_private_is_refused(place: Place, whose: str) -> None:
    (elsewhere := place.root / "elsewhere").mkdir(mode=0o700)
    if whose == "a link":
        (place.root / "run/dome").symlink_to(elsewhere)
    else:
        (place.root / "run/dome").mkdir()
        (place.root / "run/dome").chmod(0o755)
    code, said = place.start().ended()
    assert (code, "Traceback" in said) == (3, False), said
    assert str(place.root / "run/dome") in said
    assert os.listdir(elsewhere) == []
