"""Settles what an earlier daemon left: before this one listens, no job is RUNNING that nobody runs.

A job that had been started is never started again: it is FAILED and LOST, what is left of its processes is ended,
and its outcome says when it was last known to run. Queued jobs stay queued; the runner checks them at their start.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState, Outcome, OutcomeCause
from domed.executors import scratch
from domed.executors.port import Executor
from domed.jobs import encoding
from domed.jobs.model import Job
from domed.ledger import JobLedger
from domed.telemetry import Log

MESSAGE: Final = "The daemon ended while the program ran. What became of the program is not known."

_LOG = Log("recovery")


async def recover(
    ledger: JobLedger, executors: Collection[Executor], *, scratch_root: Path, grace_s: float
) -> Collection[JobId]:
    """Settle the jobs of an earlier daemon, in the opened ledger and before the runner. Gives those that are lost."""
    lost = ledger.running()
    # All of them together: they share the time of grace. None is asked for, too, for what is left of ended runs.
    for executor in executors:
        done = await executor.end_survivors([job.job_id for job in lost], grace_s=grace_s)
        for job_id, facts in done.items():
            await ledger.record(job_id, facts)
    await asyncio.gather(*(_finish(ledger, job) for job in lost))
    # Nothing runs, so whatever is there was left behind.
    for directory in await asyncio.to_thread(_entries, scratch_root):
        await asyncio.to_thread(scratch.remove, directory)
    return [job.job_id for job in lost]


async def _finish(ledger: JobLedger, job: Job) -> None:
    outcome = Outcome(
        cause=OutcomeCause.LOST,
        failure_reason_code=FailureReason.PROCESS_LOST,
        message=MESSAGE,
        last_observed_time=await _last_observed(ledger, job),
    )
    _LOG.warning("job lost: an earlier daemon ended while it ran", job_id=job.job_id)
    await ledger.finish(job.job_id, JobState.FAILED, outcome, provenance=None)


async def _last_observed(ledger: JobLedger, job: Job) -> datetime | None:
    """When the earlier daemon recorded the last fact of the job."""
    (event,) = await ledger.events(job.job_id, since_seq=job.last_seq - 1, bytes_max=1)
    return encoding.decode(event.data).occur_time


def _entries(directory: Path) -> Collection[Path]:
    try:
        return list(directory.iterdir())
    except FileNotFoundError:
        return ()
