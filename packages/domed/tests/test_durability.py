"""What was acknowledged is there after the daemon was killed, whenever that was."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from dome_contracts import chain
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from domed.bell import Bell
from domed.clock import SystemClock, SystemIds
from domed.jobs import encoding
from domed.jobs.model import TERMINAL
from domed.ledger import JobLedger
from domed.store.port import JobQuery
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import exited, stdout

LIMIT_S = 30.0
ACKNOWLEDGED_MAX = 400


async def _acknowledgements(path: Path, *, count: int) -> list[tuple[JobId, int]]:
    """Run the writer, kill it in the middle, and give what it was told to be durable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "packages.domed.tests.durable_writer",
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
    whole = [line.split() for line in lines if line.endswith(b"\n")]
    return [(JobId(job_id.decode()), int(last_seq)) for job_id, last_seq in whole]


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
