"""A ledger, and watchers of its jobs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from domed.bell import Bell
from domed.jobs.model import Job
from domed.ledger import JobLedger
from domed.store.port import JobChange, JobStore
from domed.watch import Batch, Feed, watch
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, stdout, submission

LIMIT_S = 30.0

NEVER_S = 60.0


def encode(change: JobChange) -> bytes:
    return b"%d %s" % (change.revision, change.job.state.name.encode())


class Rig:
    """A ledger, and watchers of its jobs."""

    def __init__(self, store: JobStore, *, kept_max: int = 1024) -> None:
        self.store = store
        self.bell = Bell()
        self.clock = FixedClock()
        self.ledger = JobLedger(store, self.bell, clock=self.clock, ids=CountingIds())
        self.feed = Feed(self.ledger, self.bell, encode=encode, kept_max=kept_max)

    async def submit(self, **changes: Any) -> JobId:
        return (await self.ledger.submit(submission(**changes), b"{}")).job.job_id

    async def run(self, **changes: Any) -> JobId:
        """A job to its end: three changes, and output, which is none."""
        job_id = await self.submit(**changes)
        await self.ledger.start(job_id, started())
        await self.ledger.record(job_id, [stdout(b"a\n")])
        await self.ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)
        return job_id

    def watch(
        self, since_revision: int = 0, *, wanted: Callable[[Job], bool] = lambda _: True, heartbeat_s: float = NEVER_S
    ) -> AsyncIterator[Batch]:
        return watch(
            self.feed,
            self.bell,
            clock=self.clock,
            since_revision=since_revision,
            wanted=wanted,
            heartbeat_s=heartbeat_s,
        )


async def until(batches: AsyncIterator[Batch], revision: int) -> list[JobChange]:
    """Everything that comes until the watcher has the revision."""
    found: list[JobChange] = []
    async with asyncio.timeout(LIMIT_S):
        async for batch in batches:
            found += [each.change for each in batch.changes]
            if batch.revision >= revision:
                return found
    raise AssertionError("the stream ended")


def revisions(changes: list[JobChange]) -> list[int]:
    return [change.revision for change in changes]
