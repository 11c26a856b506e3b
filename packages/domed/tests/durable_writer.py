"""A daemon's writing half: submits, records and ends jobs until it is killed, and says what it knows to be durable.

Usage: python -m packages.domed.tests.durable_writer STORE
"""

import asyncio
import sys
from pathlib import Path

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobState
from domed.bell import Bell
from domed.clock import SystemClock, SystemIds
from domed.ledger import JobLedger
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import exited, started, stdout, submission

WRITERS = 6


def acknowledge(job_id: JobId, last_seq: int) -> None:
    sys.stdout.write(f"{job_id} {last_seq}\n")
    sys.stdout.flush()


async def write(ledger: JobLedger, number: int) -> None:
    while True:
        job_id = (await ledger.submit(submission(), b"{}")).job.job_id
        acknowledge(job_id, 1)
        if number == 0:
            acknowledge(job_id, (await ledger.cancel(job_id, CancelRequested())).last_seq)
            continue
        acknowledge(job_id, (await ledger.start(job_id, started())).last_seq)
        for _ in range(number):
            await ledger.record(job_id, [stdout(b"one\ntwo\n" * 50 * number), stdout(b"three")])
        job = await ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)
        acknowledge(job_id, job.last_seq)


async def main(path: Path) -> None:
    clock = SystemClock()
    ids = SystemIds(clock)
    ledger = JobLedger(SqliteStore.open(path, ids), Bell(), clock=clock, ids=ids)
    async with asyncio.TaskGroup() as tasks:
        for number in range(WRITERS):
            tasks.create_task(write(ledger, number))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
