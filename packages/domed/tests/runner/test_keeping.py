"""What a run declared is kept before its scratch directory goes, and stands in the record before the end."""

import errno
import os

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import JobState, OutcomeCause
from domed.executors.port import Emit, Exit, Invocation
from packages.domed.tests.executors.acts import declare, leave, write
from packages.domed.tests.runner.conftest import Daemon

DECLARED = b'{"type":"artifact","name":"report","path":"report.txt","media_type":"text/plain"}\n'


def leaves_a_file(daemon: Daemon, data: bytes = b"report") -> None:
    """Every run writes a file into its directory when it has done what it does else."""
    play = daemon.executor.run

    async def run(invocation: Invocation, *, emit: Emit, stop: object) -> Exit:
        exit_ = await play(invocation, emit=emit, stop=stop)  # type: ignore[arg-type]
        (invocation.scratch / "report.txt").write_bytes(data)
        return exit_

    daemon.executor.run = run  # type: ignore[method-assign]


async def test_an_artifact_is_recorded_before_the_end(running: Daemon) -> None:
    leaves_a_file(running)
    running.tool("demo.work", write(b"one\n"), declare(DECLARED))
    job_id = await running.submit("demo.work")
    job = await running.end(job_id)
    assert job.state is JobState.SUCCEEDED
    assert [(each.name, each.digest, each.size_bytes, each.media_type) for each in job.artifacts] == [
        ("report", digest_bytes(b"report"), 6, "text/plain")
    ]
    assert await running.kinds(job_id) == ["Submitted", "Started", "Output", "ArtifactProduced", "Finished"]
    assert await running.ledger.names_artifact(digest_bytes(b"report"))


async def test_a_run_that_failed_leaves_its_artifacts(running: Daemon) -> None:
    leaves_a_file(running)
    running.tool("demo.work", declare(DECLARED), leave(3))
    job = await running.end(await running.submit("demo.work"))
    assert job.state is JobState.FAILED
    assert [each.name for each in job.artifacts] == ["report"]


async def test_a_declared_file_that_is_not_there_fails_the_job(running: Daemon) -> None:
    running.tool("demo.work", declare(DECLARED))
    outcome = await running.outcome(await running.submit("demo.work"))
    assert outcome.cause is OutcomeCause.OUTPUT_INVALID
    assert outcome.failure_reason_code == "OUTPUT.ARTIFACT_INVALID"
    assert "'report'" in outcome.message


async def test_the_manifest_limits_what_is_kept(running: Daemon) -> None:
    leaves_a_file(running)
    for limit in ("artifact_bytes_max", "artifacts_bytes_max"):
        running.tool(f"demo.{limit}", declare(DECLARED), limits={limit: 5})
        outcome = await running.outcome(await running.submit(f"demo.{limit}"))
        assert outcome.cause is OutcomeCause.LIMIT
        assert outcome.failure_reason_code == "LIMIT.ARTIFACT_BYTES"
        assert f"{limit}, 5" in outcome.message


async def test_a_disk_without_room_fails_the_job_and_not_the_daemon(
    running: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    leaves_a_file(running)
    running.tool("demo.work", declare(DECLARED))
    with monkeypatch.context() as patched:
        patched.setattr(os, "copy_file_range", full)
        outcome = await running.outcome(await running.submit("demo.work"))
    assert (outcome.cause, outcome.failure_reason_code) == (OutcomeCause.INTERNAL, "DAEMON.STORAGE_FAILED")
    assert "No space left" in outcome.message
    assert (await running.outcome(await running.submit("demo.work"))).cause is OutcomeCause.EXITED


async def test_scratch_is_gone_and_what_was_kept_is_not(running: Daemon) -> None:
    leaves_a_file(running)
    running.tool("demo.work", declare(DECLARED))
    await running.end(await running.submit("demo.work"))
    running.look_again()
    kept = [path for path in running.config.artifact_root.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [digest_bytes(b"report").removeprefix("sha256:")]
