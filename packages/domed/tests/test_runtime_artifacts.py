"""Artifacts of a daemon, over memory and over a socket: declared by tools, kept, listed, read."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.canonical import digest_bytes
from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime.v1 import (
    GetToolRequest,
    JobState,
    ListCapabilitiesRequest,
    OutcomeCause,
    ReadArtifactRequest,
)
from domed.config import Config
from packages.domed.tests.runtime_suite import Running, a_config, kinds, running, write_tool

MAKE = """
printf 'hello' > "$DOME_SCRATCH/greeting"
head -c 3000000 /dev/zero > "$DOME_SCRATCH/zeros"
{
    printf '{"type":"artifact","name":"greeting.txt","path":"%s/greeting","media_type":"text/plain"}\\n' "$DOME_SCRATCH"
    printf '{"type":"artifact","name":"zeros","path":"zeros"}\\n'
} > "/dev/fd/$DOME_CHANNEL_FD"
"""
STEAL = """printf '{"type":"artifact","name":"users","path":"/etc/passwd"}\\n' > "/dev/fd/$DOME_CHANNEL_FD" """
HERE = """
printf 'made here' > report
printf '{"type":"artifact","name":"report","path":"report"}\\n' > "/dev/fd/$DOME_CHANNEL_FD"
"""
GREETING = digest_bytes(b"hello")
ZEROS = digest_bytes(bytes(3_000_000))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    tools = tmp_path / "tools"
    write_tool(tools, "user.make", MAKE)
    write_tool(tools, "user.steal", STEAL)
    writing = {"filesystem": "write", "network": "none", "starts_processes": True}
    write_tool(tools, "user.here", HERE, working_directory="required", effects=writing)
    write_tool(tools, "user.limited", MAKE, limits={"artifact_bytes_max": 1000, "artifacts_bytes_max": 2000})
    return a_config(tmp_path)


@pytest.fixture(params=["memory", "socket"])
async def dome(request: pytest.FixtureRequest, config: Config) -> AsyncIterator[Running]:
    async with running(config, over=request.param) as made:
        yield made


async def read(dome: Running, digest: str, offset: int = 0) -> bytes:
    stream: Any = dome.stub.read_artifact(ReadArtifactRequest(digest=digest, offset=offset))
    async with asyncio.timeout(30), aclosing(stream) as pieces:
        return b"".join([piece.data async for piece in pieces])


async def refusal(dome: Running, digest: str, offset: int = 0) -> tuple[Status, str, dict[str, str]]:
    with pytest.raises(GRPCError) as caught:
        await read(dome, digest, offset)
    [info] = [detail for detail in caught.value.details if isinstance(detail, ErrorInfo)]
    return caught.value.status, info.reason, info.metadata


async def test_what_a_tool_declares_is_listed_and_read(dome: Running) -> None:
    job_id = (await dome.execute("user.make")).job_id
    events = await dome.events(job_id)
    assert kinds(events) == ["submitted", "started", "artifact_produced", "artifact_produced", "finished"]
    job = await dome.status(job_id)
    assert job.state is JobState.SUCCEEDED
    assert [(each.name, each.digest, each.size_bytes, each.media_type) for each in job.artifacts] == [
        ("greeting.txt", GREETING, 5, "text/plain"),
        ("zeros", ZEROS, 3_000_000, "application/octet-stream"),
    ]
    assert [event.artifact_produced.artifact for event in events if event.artifact_produced] == job.artifacts
    assert await read(dome, GREETING) == b"hello"
    assert await read(dome, ZEROS) == bytes(3_000_000)
    assert await read(dome, ZEROS, 2_999_999) == b"\0"
    assert await read(dome, GREETING, 5) == b""


async def test_artifacts_of_the_working_directory_are_kept_as_they_were(dome: Running, tmp_path: Path) -> None:
    job = await dome.ended((await dome.execute("user.here", working_directory=str(tmp_path))).job_id)
    os.unlink(tmp_path / "report")
    assert await read(dome, job.artifacts[0].digest) == b"made here"


async def test_a_file_from_elsewhere_is_not_taken(dome: Running) -> None:
    job = await dome.ended((await dome.execute("user.steal")).job_id)
    assert job.outcome is not None
    assert (job.outcome.cause, job.outcome.failure_reason_code) == (
        OutcomeCause.OUTPUT_INVALID,
        "OUTPUT.ARTIFACT_INVALID",
    )
    assert job.artifacts == []


async def test_the_limits_of_a_tool_are_described_and_hold(dome: Running) -> None:
    described = (await dome.stub.get_tool(GetToolRequest(tool_id="user.limited"))).tool
    assert described is not None
    assert described.limits is not None
    assert (described.limits.artifact_bytes_max, described.limits.artifacts_bytes_max) == (1000, 2000)
    job = await dome.ended((await dome.execute("user.limited")).job_id)
    assert job.outcome is not None
    assert (job.outcome.cause, job.outcome.failure_reason_code) == (OutcomeCause.LIMIT, "LIMIT.ARTIFACT_BYTES")
    assert [each.name for each in job.artifacts] == ["greeting.txt"]


async def test_refusals_have_a_reason(dome: Running) -> None:
    unknown = digest_bytes(b"unknown")
    assert await refusal(dome, unknown) == (Status.NOT_FOUND, "ARTIFACT_NOT_FOUND", {"digest": unknown})
    for text in ("", "hello", "sha256:../../../etc/passwd", "sha256:" + "A" * 64, GREETING + "\n"):
        status, reason, metadata = await refusal(dome, text)
        assert (status, reason, metadata["field"]) == (Status.INVALID_ARGUMENT, "INVALID_REQUEST", "digest")
    await dome.ended((await dome.execute("user.make")).job_id)
    status, reason, metadata = await refusal(dome, GREETING, 6)
    assert (status, reason, metadata["field"]) == (Status.INVALID_ARGUMENT, "INVALID_REQUEST", "offset")


async def test_what_no_event_names_cannot_be_read(dome: Running, config: Config) -> None:
    digits = GREETING.removeprefix("sha256:")
    os.makedirs(config.artifact_root / digits[:2])
    (config.artifact_root / digits[:2] / digits).write_bytes(b"hello")
    assert (await refusal(dome, GREETING))[1] == "ARTIFACT_NOT_FOUND"


async def test_damaged_bytes_are_told_and_never_whole(dome: Running, config: Config) -> None:
    await dome.ended((await dome.execute("user.make")).job_id)
    digits = ZEROS.removeprefix("sha256:")
    (config.artifact_root / digits[:2] / digits).write_bytes(bytes(2_999_999) + b"\1")
    stream: Any = dome.stub.read_artifact(ReadArtifactRequest(digest=ZEROS))
    size = 0
    with pytest.raises(GRPCError) as caught:
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                size += len(piece.data)
    assert caught.value.status is Status.DATA_LOSS
    assert size < 3_000_000
    assert await refusal(dome, ZEROS) == (Status.DATA_LOSS, "ARTIFACT_CORRUPT", {"digest": ZEROS})


async def test_a_missing_file_is_not_found(dome: Running, config: Config) -> None:
    await dome.ended((await dome.execute("user.make")).job_id)
    digits = GREETING.removeprefix("sha256:")
    (config.artifact_root / digits[:2] / digits).unlink()
    assert (await refusal(dome, GREETING))[1] == "ARTIFACT_NOT_FOUND"


async def test_what_retention_removed_is_gone_and_the_job_still_names_it(config: Config) -> None:
    async with running(config) as dome:
        job = await dome.ended((await dome.execute("user.make")).job_id)
    limits = replace(config.retention, output_jobs_max=1)
    async with running(replace(config, retention=limits)) as dome:
        await dome.ended((await dome.execute("user.steal")).job_id)
        await dome.daemon.retention.sweep()
        assert await refusal(dome, GREETING) == (Status.NOT_FOUND, "ARTIFACT_GONE", {"digest": GREETING})
        assert (await dome.status(job.job_id)).artifacts == job.artifacts
    assert [path for path in config.artifact_root.rglob("*") if path.is_file()] == []


async def test_artifacts_survive_a_restart_and_count_against_the_total(config: Config) -> None:
    async with running(config) as dome:
        await dome.ended((await dome.execute("user.make")).job_id)
    async with running(replace(config, artifacts_total_bytes_max=3_000_006)) as dome:
        assert await read(dome, GREETING) == b"hello"
        job = await dome.ended((await dome.execute("user.make")).job_id)
        assert job.outcome is not None
        assert job.outcome.failure_reason_code == "LIMIT.ARTIFACT_BYTES"


async def test_the_daemon_says_that_it_has_artifacts(dome: Running) -> None:
    assert "artifact.read" in (await dome.stub.list_capabilities(ListCapabilitiesRequest())).feature_flags
