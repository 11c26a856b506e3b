"""What an earlier daemon left is settled before this one begins."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Artifact,
    JobEvent,
    JobState,
    OutcomeCause,
    RunProvenance,
    SignalCause,
    Signaled,
    Started,
    SurvivorFound,
)
from domed.bell import Bell
from domed.clock import SystemClock, SystemIds
from domed.executors.local_process import LocalProcessExecutor
from domed.ledger import JobLedger
from domed.recovery import recover
from domed.store.memory import MemoryStore
from packages.domed.tests.executors.scripted import ScriptedExecutor
from packages.domed.tests.values import NOON, FixedClock, stdout, submission


class Restart:
    """A store that outlives its daemons."""

    def __init__(self) -> None:
        self.store = MemoryStore("store-memory")
        self.clock = FixedClock()
        # Processes are found by their job's id: one that no other test on this machine has.
        self.ids = SystemIds(SystemClock())

    def ledger(self) -> JobLedger:
        return JobLedger(self.store, Bell(), clock=self.clock, ids=self.ids)

    async def opened(self) -> JobLedger:
        ledger = self.ledger()
        await ledger.open()
        return ledger


@pytest.fixture
def restart() -> Restart:
    return Restart()


@pytest.fixture
def scratch_root(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


async def a_job(ledger: JobLedger) -> JobId:
    return (await ledger.submit(submission(), b"{}")).job.job_id


async def a_running_job(ledger: JobLedger) -> JobId:
    job_id = await a_job(ledger)
    record = RunProvenance(repo="/srv/repository")
    await ledger.start(job_id, Started(attempt=1, executor_backend="local-process", provenance=record))
    return job_id


async def test_a_job_that_ran_is_lost_and_says_when_it_was_last_seen(restart: Restart, scratch_root: Path) -> None:
    before = restart.ledger()
    job_id = await a_running_job(before)
    restart.clock.advance(5)
    await before.record(job_id, [stdout(b"one\ntwo\n")])
    restart.clock.advance(3600)
    ledger = await restart.opened()
    assert await recover(ledger, [ScriptedExecutor()], scratch_root=scratch_root, grace_s=1) == [job_id]
    job = await ledger.job(job_id)
    assert job.outcome is not None
    assert (job.state, job.outcome.cause, job.outcome.failure_reason_code) == (
        JobState.FAILED,
        OutcomeCause.LOST,
        "PROCESS.LOST",
    )
    assert job.outcome.last_observed_time == NOON + timedelta(seconds=5)
    assert job.outcome.exit_code is None
    assert job.end_time == NOON + timedelta(seconds=3605)
    assert job.provenance is not None
    assert (job.provenance.repo, job.provenance.stdout_digest) == ("/srv/repository", digest_bytes(b"one\ntwo\n"))


async def test_a_queued_job_stays_queued(restart: Restart, scratch_root: Path) -> None:
    job_id = await a_job(restart.ledger())
    ledger = await restart.opened()
    assert await recover(ledger, [ScriptedExecutor()], scratch_root=scratch_root, grace_s=1) == []
    assert [job.job_id for job in ledger.queued()] == [job_id]


async def test_recovering_again_finds_nothing(restart: Restart, scratch_root: Path) -> None:
    job_id = await a_running_job(restart.ledger())
    for lost in ([job_id], []):
        ledger = await restart.opened()
        assert await recover(ledger, [ScriptedExecutor()], scratch_root=scratch_root, grace_s=1) == lost


async def test_what_was_done_with_survivors_is_recorded_before_the_end(restart: Restart, scratch_root: Path) -> None:
    job_id = await a_running_job(restart.ledger())
    executor = ScriptedExecutor()
    executor.survivors[job_id] = [
        Signaled(signal=9, cause=SignalCause.OUTLIVED_DAEMON),
        SurvivorFound(pid=7, command="sleep"),
    ]
    ledger = await restart.opened()
    await recover(ledger, [executor], scratch_root=scratch_root, grace_s=1)
    stored = await ledger.events(job_id, since_seq=2, bytes_max=1 << 20)
    events = [JobEvent.parse(event.data) for event in stored]
    assert [event.signaled for event in events[:1]] == [Signaled(signal=9, cause=SignalCause.OUTLIVED_DAEMON)]
    assert [event.survivor_found for event in events[1:2]] == [SurvivorFound(pid=7, command="sleep")]
    assert events[2].finished is not None


async def test_scratch_directories_are_removed(restart: Restart, scratch_root: Path) -> None:
    await asyncio.to_thread(os.makedirs, scratch_root / "job-old" / "deep")
    await recover(await restart.opened(), [], scratch_root=scratch_root, grace_s=1)
    assert os.listdir(scratch_root) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_processes_of_the_earlier_daemon_are_ended(restart: Restart, scratch_root: Path) -> None:
    job_id = await a_running_job(restart.ledger())
    environment = {"PATH": os.environ["PATH"], "DOME_JOB_ID": job_id}
    process = await asyncio.create_subprocess_exec("sleep", "600", env=environment)
    try:
        ledger = await restart.opened()
        await recover(ledger, [LocalProcessExecutor()], scratch_root=scratch_root, grace_s=10)
        async with asyncio.timeout(10):
            assert await process.wait() == -15
    finally:
        if process.returncode is None:
            process.kill()


async def test_the_record_of_a_lost_job_has_the_artifacts_that_were_kept(restart: Restart, scratch_root: Path) -> None:
    before = restart.ledger()
    job_id = await a_running_job(before)
    artifact = Artifact(name="report", digest=digest_bytes(b"report"), size_bytes=6, media_type="text/plain")
    await before.record(job_id, [artifact])
    ledger = await restart.opened()
    await recover(ledger, [ScriptedExecutor()], scratch_root=scratch_root, grace_s=1)
    record = (await ledger.job(job_id)).provenance
    assert record is not None
    assert (record.repo, record.artifacts) == ("/srv/repository", [artifact])
