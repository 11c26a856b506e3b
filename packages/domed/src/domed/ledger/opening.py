"""Takes up what the store has of jobs that have not ended: their events are read again, for totals and chain."""

from collections.abc import AsyncIterator
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from domed.jobs.model import Job
from domed.ledger.live import LiveJob
from domed.store.port import JobQuery, JobStore

LIVE: Final = frozenset({JobState.QUEUED, JobState.RUNNING})
OPEN_JOBS_MAX: Final = 500
"""Most jobs that are read at a time."""
OPEN_BYTES_MAX: Final = 1024 * 1024
"""Most bytes of events that are read at a time."""


async def unfinished(store: JobStore) -> AsyncIterator[LiveJob]:
    """Every job that has not ended, the newest first."""
    before: JobId | None = None
    while page := await store.jobs(JobQuery(states=LIVE, before=before, limit=OPEN_JOBS_MAX)):
        for job in page:
            yield await _restored(store, job)
        before = page[-1].job_id


async def _restored(store: JobStore, job: Job) -> LiveJob:
    live = LiveJob(job)
    live.durable = job
    since_seq = 0
    while since_seq < job.last_seq:
        for event in await store.events(job.job_id, since_seq=since_seq, bytes_max=OPEN_BYTES_MAX):
            live.restore(event)
            since_seq = event.last_seq
    return live
