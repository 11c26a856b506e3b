"""Fills a daemon's store with jobs that have ended, through the daemon's own ledger.

Arguments: state directory, number of jobs.

Each job has the events of a short real one: submitted, started, a page of eight lines, finished.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.runtime.v1 import (
    Correlation,
    JobState,
    Outcome,
    OutcomeCause,
    Output,
    OutputStream,
    Requester,
    RunProvenance,
    Started,
)
from domed.bell import Bell
from domed.clock import SystemClock, SystemIds
from domed.jobs.model import Submission
from domed.ledger import JobLedger
from domed.store.sqlite import SqliteStore

AT_A_TIME: Final = 200
"""Jobs that are on their way together, so that they share commits."""
LINES: Final = b"".join(b"line %d of a job that has ended\n" % number for number in range(8))
DIGEST: Final = "sha256:" + "0" * 64


async def main(state: Path, count: int) -> None:
    """Store the jobs."""
    clock = SystemClock()
    ids = SystemIds(clock)
    store = SqliteStore.open(state / "domed.sqlite", ids)
    ledger = JobLedger(store, Bell(), clock=clock, ids=ids)
    await ledger.open()
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await _one(ledger)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_A_TIME):
            tasks.create_task(worker())
    await store.close()


async def _one(ledger: JobLedger) -> None:
    submission = Submission(
        skill_id="process.run",
        tool_version="1.0.0",
        tool_digest=DIGEST,
        input_hash=DIGEST,
        request_digest=DIGEST,
        working_directory="/",
        correlation=Correlation(),
        requester=Requester(),
    )
    accepted = await ledger.submit(submission, b'{"argv":["/bin/true"]}')
    job_id, provenance = accepted.job.job_id, RunProvenance()
    await ledger.start(job_id, Started(attempt=1, executor_backend="local-process", provenance=provenance))
    await ledger.record(job_id, [Output(stream=OutputStream.STDOUT, data=LINES)])
    outcome = Outcome(cause=OutcomeCause.EXITED, exit_code=0, failure_reason_code=FailureReason.NONE)
    await ledger.finish(job_id, JobState.SUCCEEDED, outcome, provenance=provenance)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
