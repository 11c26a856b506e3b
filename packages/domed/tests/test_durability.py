"""What was acknowledged is there after the daemon was killed, whenever that was."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from dome_contracts import chain
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from domed.artifacts import Artifacts
from domed.bell import Bell
from domed.clock import Clock, SystemClock, SystemIds
from domed.errors import IdempotentResultExpired
from domed.jobs import encoding
from domed.jobs.model import TERMINAL, StoredEvent
from domed.ledger import JobLedger
from domed.retention import Retention
from domed.store.port import JobQuery, OutputLimits, RefusalQuery
from domed.store.sqlite import SqliteStore
from packages.domed.tests import retaining_writer
from packages.domed.tests.values import exited, stdout, submission

LIMIT_S = 30.0
ACKNOWLEDGED_MAX = 400


async def _said(module: str, path: Path, *, count: int) -> list[tuple[str, str]]:
    """Run a writer, kill it in the middle, and give the lines of two words that it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"packages.domed.tests.{module}",
        str(path),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert process.stdout is not None
    lines: list[bytes] = []
    try:
        async with asyncio.timeout(LIMIT_S):
            while len(lines) < count:
                lines.append(await process.stdout.readline())
    finally:
        process.send_signal(signal.SIGKILL)
        lines += (await process.stdout.read()).splitlines(keepends=True)
        await process.wait()
    whole = [line.decode().split() for line in lines if line.endswith(b"\n")]
    return [(first, second) for first, second in whole]


async def _acknowledgements(path: Path, *, count: int) -> list[tuple[JobId, int]]:
    """What a writer was told to be durable before it was killed."""
    return [(JobId(name), int(last_seq)) for name, last_seq in await _said("durable_writer", path, count=count)]


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 40))])
async def test_every_acknowledged_write_survives_a_kill(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "domed.sqlite"
    count = random.Random(seed).randrange(1, ACKNOWLEDGED_MAX)
    acknowledged = await _acknowledgements(path, count=count)
    assert len(acknowledged) >= count

    clock = SystemClock()
    store = SqliteStore.open(path, SystemIds(clock))
    ledger = JobLedger(store, Bell(), clock=clock, ids=SystemIds(clock))
    await ledger.open()
    for job_id, last_seq in acknowledged:
        assert (await ledger.job(job_id)).last_seq >= last_seq
    for job in await ledger.jobs(JobQuery(limit=10**6)):
        if job.state is JobState.RUNNING:
            await ledger.record(job.job_id, [stdout(b"after the restart\n")])
            await ledger.finish(job.job_id, JobState.FAILED, exited(1), provenance=None)
        await _check_events(ledger, job.job_id)
    await _check_changes(ledger)
    await store.close()


async def _check_changes(ledger: JobLedger) -> None:
    """Every change of state has its revision, and nothing else has one: as the events say."""
    known = await ledger.changes(since_revision=0, limit=10**6)
    assert [change.revision for change in known.changes] == list(range(1, known.latest + 1))
    told: dict[JobId, list[tuple[JobState, int]]] = {}
    for change in known.changes:
        told.setdefault(change.job.job_id, []).append((change.job.state, change.job.last_seq))
    for job in await ledger.jobs(JobQuery(limit=10**6)):
        expected = []
        for event in await ledger.events(job.job_id, since_seq=0, bytes_max=10**9):
            message = encoding.decode(event.data)
            if message.submitted is not None:
                expected.append((JobState.QUEUED, event.last_seq))
            elif message.started is not None:
                expected.append((JobState.RUNNING, event.last_seq))
            elif message.finished is not None:
                expected.append((message.finished.state, event.last_seq))
        assert told.pop(job.job_id) == expected
    assert told == {}


async def _check_events(ledger: JobLedger, job_id: JobId) -> None:
    job = await ledger.job(job_id)
    head = chain.genesis(job_id)
    position = 0
    ends = []
    for event in await ledger.events(job_id, since_seq=0, bytes_max=10**9):
        message = encoding.decode(event.data)
        assert (message.seq, message.last_seq) == (event.seq, event.last_seq)
        assert event.seq == position + 1
        position = event.last_seq
        if message.finished is not None:
            ends.append(event.seq)
            assert message.finished.chain_head == head
        head = chain.link(head, event.data)
    assert position == job.last_seq
    assert ends == ([position] if job.state in TERMINAL else [])


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 30))])
async def test_a_kill_during_retention_loses_no_fact_no_key_and_no_refusal(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "domed.sqlite"
    said = await _said("retaining_writer", path, count=random.Random(seed).randrange(12, 60))
    clock = SystemClock()
    ids = SystemIds(clock)
    store, bell = SqliteStore.open(path, ids), Bell()
    ledger = JobLedger(store, bell, clock=clock, ids=ids)
    await ledger.open()
    ended = [JobId(name) for word, name in said if word == "ended"]
    refused = [name for word, name in said if word == "refused"]
    known = {row.skill_id for row in await ledger.refusals.newest(RefusalQuery(limit=10**6))}
    assert known.issuperset(refused)
    # What the killed one had begun is gone on with.
    artifacts = Artifacts(tmp_path / "artifacts", total_bytes_max=10**9)
    retention = Retention(store, bell, ledger.refusals, artifacts, limits=retaining_writer.LIMITS, clock=clock)
    await retention.sweep()
    assert list(await store.expiring(_output_limits(clock), limit=10)) == []
    changes = await ledger.changes(since_revision=0, limit=10**6)
    assert len(changes.changes) <= retaining_writer.LIMITS.changes_max
    for number, job_id in enumerate(ended):
        kinds = [type(encoding.fact_of(encoding.decode(each.data))).__name__ for each in await _events(ledger, job_id)]
        is_kept = "Output" in kinds
        assert kinds == ["Submitted", "Started", *["Output"] * (8 * is_kept), "Finished"]
        digest = submission().request_digest
        if is_kept:
            accepted = await ledger.known(1000, f"key-{number}", request_digest=digest)
            assert accepted is not None
            assert accepted.job.job_id == job_id
        else:
            with pytest.raises(IdempotentResultExpired):
                await ledger.known(1000, f"key-{number}", request_digest=digest)
    await store.close()


async def _events(ledger: JobLedger, job_id: JobId) -> Sequence[StoredEvent]:
    return await ledger.events(job_id, since_seq=0, bytes_max=10**9)


def _output_limits(clock: Clock) -> OutputLimits:
    limits = retaining_writer.LIMITS
    return OutputLimits(
        end_time_min=clock.now() - timedelta(seconds=limits.output_age_s),
        jobs_max=limits.output_jobs_max,
        bytes_max=limits.output_bytes_max,
    )
