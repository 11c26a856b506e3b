"""A key gives its job whatever has happened since, and is not used up by a request that was refused."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status

from dome_contracts.runtime.v1 import CancelJobRequest, JobState, ListLocksRequest, LockWait, SkillExecuteRequest
from domed.config import Config
from packages.domed.tests.runtime.conftest import refusal
from packages.domed.tests.runtime_suite import Running, running


async def test_a_key_gives_the_first_job_and_refuses_another_request(dome: Running) -> None:
    first = await dome.execute("user.hello", {"count": 1}, idempotency_key="k")
    again = await dome.stub.skill_execute(
        SkillExecuteRequest(
            skill_id="user.hello", input=b'{"count": 1}', idempotency_key="k", labels={"not": "part of it"}
        )
    )
    assert again.deduplicated
    assert again.job is not None
    assert again.job.job_id == first.job_id
    status, reason, metadata = await refusal(dome.execute("user.hello", {"count": 2}, idempotency_key="k"))
    assert (status, reason) == (Status.FAILED_PRECONDITION, "IDEMPOTENCY_KEY_REUSED")
    assert metadata["first_job"] == first.job_id


async def change_nothing(dome: Running, tools: Path, here: Path) -> None:
    pass


async def fill_the_queue(dome: Running, tools: Path, here: Path) -> None:
    await dome.reached((await dome.execute("user.hang")).job_id, JobState.RUNNING)
    await dome.execute("user.hang")
    assert (await refusal(dome.execute("user.hang")))[1] == "LIMIT_EXCEEDED"


async def remove_the_tool(dome: Running, tools: Path, here: Path) -> None:
    shutil.rmtree(tools / "user.once")
    assert (await refusal(dome.execute("user.once")))[1] == "SKILL_NOT_FOUND"


async def edit_the_tool(dome: Running, tools: Path, here: Path) -> None:
    (tools / "user.once" / "run.sh").write_text("echo other")
    assert (await refusal(dome.execute("user.once")))[1] == "TOOL_UNTRUSTED"


async def narrow_the_input(dome: Running, tools: Path, here: Path) -> None:
    (tools / "user.once" / "input.json").write_text('{"type": "object", "maxProperties": 0}')


async def reject_the_tool(dome: Running, tools: Path, here: Path) -> None:
    (tools / "user.once" / "tool.yaml").write_text("no mapping")


async def remove_the_directory(dome: Running, tools: Path, here: Path) -> None:
    os.rmdir(here)
    status, reason, _ = await refusal(dome.execute("user.once", working_directory=str(here)))
    assert (status, reason) == (Status.INVALID_ARGUMENT, "WORKING_DIRECTORY_INVALID")


@pytest.mark.parametrize("over", ["memory", "socket"])
@pytest.mark.parametrize(
    "change",
    [
        change_nothing,
        fill_the_queue,
        remove_the_tool,
        edit_the_tool,
        narrow_the_input,
        reject_the_tool,
        remove_the_directory,
    ],
)
async def test_a_retry_finds_its_job_whatever_has_happened_since(
    config: Config, tmp_path: Path, over: str, change: Callable[[Running, Path, Path], Awaitable[None]]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    asked: dict[str, Any] = {
        "skill_id": "user.once",
        "input": b'{"count": 1}',
        "idempotency_key": "k",
        "working_directory": str(here),
    }
    async with running(replace(config, parallel_jobs_max=1, queued_jobs_max=1), over=over) as dome:
        first = (await dome.stub.skill_execute(SkillExecuteRequest(**asked))).job
        assert first is not None
        await dome.ended(first.job_id)
        await change(dome, tmp_path / "tools", here)
        again = await dome.stub.skill_execute(SkillExecuteRequest(**asked))
        assert again.deduplicated
        assert again.job is not None
        assert (again.job.job_id, again.job.state) == (first.job_id, JobState.SUCCEEDED)
        checked = await dome.stub.skill_execute(SkillExecuteRequest(**asked, validate_only=True))
        assert (checked.job, checked.request_digest) == (None, again.request_digest)
        for validate_only in (False, True):
            other = SkillExecuteRequest(**{**asked, "input": b'{"count": 2}'}, validate_only=validate_only)
            status, reason, metadata = await refusal(dome.stub.skill_execute(other))
            assert (status, reason) == (Status.FAILED_PRECONDITION, "IDEMPOTENCY_KEY_REUSED")
            assert metadata["first_job"] == first.job_id
            assert metadata["first_digest"] == again.request_digest


async def test_a_retry_finds_its_job_when_trust_is_gone(config: Config) -> None:
    async with running(config) as dome:
        first = await dome.execute("user.hello", idempotency_key="k")
        await dome.ended(first.job_id)
    async with running(replace(config, trusted_digests=frozenset())) as dome:
        assert (await dome.execute("user.hello", idempotency_key="k")).job_id == first.job_id
        assert (await refusal(dome.execute("user.hello", idempotency_key="other")))[1] == "TOOL_UNTRUSTED"


async def test_a_retry_while_the_first_request_fills_the_queue_finds_its_job(config: Config) -> None:
    async with running(replace(config, parallel_jobs_max=1, queued_jobs_max=1)) as dome:
        await dome.reached((await dome.execute("user.hang")).job_id, JobState.RUNNING)
        jobs = await asyncio.gather(*(dome.execute("user.hang", idempotency_key="k") for _ in range(16)))
        assert len({job.job_id for job in jobs}) == 1


async def test_a_refused_request_does_not_use_its_key_up(dome: Running) -> None:
    await refusal(dome.execute("user.hello", {"count": 0}, idempotency_key="k"))
    assert (await dome.execute("user.hello", {"count": 1}, idempotency_key="k")).job_id


async def test_a_retry_of_a_request_that_must_not_wait_gives_its_job_and_keeps_no_lock(dome: Running) -> None:
    asked: dict[str, Any] = {"idempotency_key": "k", "lock_wait": LockWait.REFUSE}
    first = (await dome.execute("user.locked", **asked)).job_id
    assert (await dome.execute("user.locked", **asked)).job_id == first
    await dome.stub.cancel_job(CancelJobRequest(job_id=first))
    await dome.ended(first)
    assert (await dome.execute("user.locked", **asked)).job_id == first
    # The lock of the first is let go after its end is recorded; a lock that the retry had taken would stay.
    async with asyncio.timeout(10):
        while (await dome.stub.list_locks(ListLocksRequest())).locks:
            pass
