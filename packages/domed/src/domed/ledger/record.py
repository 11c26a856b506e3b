"""What is known of jobs: durable facts as the store has them, and where live jobs stand in memory.

Changes nothing; the ledger does.
"""

from collections.abc import Callable, Sequence, Set
from datetime import datetime, timedelta
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Correlation, JobState, RunProvenance
from domed.clock import Clock
from domed.errors import JobNotFound
from domed.faults import StoreError
from domed.jobs.model import Job, StoredEvent, Submission
from domed.ledger.live import LiveJob
from domed.ledger.queue import Queue
from domed.ledger.recent import Recent
from domed.store.port import Changes, JobQuery, JobStore

ANCESTORS_MAX: Final = 32
"""A longer chain of jobs that submitted each other is not followed to its beginning."""


Unstarted = Callable[[Submission], RunProvenance | None]
"""Makes the record of a job that ends without a start."""


def no_record(submission: Submission) -> None:
    """For whoever looks at nothing but states."""


class JobRecord:
    """Reads jobs."""

    def __init__(self, store: JobStore, *, clock: Clock, recent: Recent, unstarted: Unstarted) -> None:
        self._store = store
        self._clock = clock
        self._recent = recent
        self._unstarted = unstarted
        self._live: dict[JobId, LiveJob] = {}
        self._queue = Queue()
        self._accepting: dict[JobId, LiveJob] = {}
        """Jobs whose acceptance is not durable yet."""
        self._failure: BaseException | None = None

    def check(self) -> None:
        """Raises StoreError where the store failed: nothing that is said after that could be believed."""
        if self._failure is not None:
            raise StoreError(f"the record of jobs cannot go on: {self._failure}") from self._failure

    async def job(self, job_id: JobId) -> Job:
        """The job as of its last durable event. Raises JobNotFound."""
        self.check()
        live = self._live.get(job_id)
        job = live.durable if live is not None else self._recent.job(job_id)
        if job is None:
            job = await self._store.job(job_id)
        if job is None:
            raise JobNotFound(job_id)
        return job

    async def jobs(self, query: JobQuery) -> Sequence[Job]:
        """Durable jobs, newest first, each without its result, which may be large."""
        self.check()
        return await self._store.jobs(query)

    async def changes(self, *, since_revision: int, limit: int) -> Changes:
        """Durable changes of state of all jobs after a revision, at most `limit`, with the bounds of what is kept."""
        self.check()
        return await self._store.changes(since_revision=since_revision, limit=limit)

    async def events(self, job_id: JobId, *, since_seq: int, bytes_max: int) -> Sequence[StoredEvent]:
        """Durable events after `since_seq`, of which the first may begin before it. Raises JobNotFound."""
        self.check()
        live = self._live.get(job_id)
        if live is not None and live.durable is not None and live.durable.last_seq <= since_seq:
            return ()
        if (recent := self._recent.events(job_id, since_seq=since_seq, bytes_max=bytes_max)) is not None:
            return recent
        events = await self._store.events(job_id, since_seq=since_seq, bytes_max=bytes_max)
        if not events:
            await self.job(job_id)
        return events

    async def names_artifact(self, digest: str) -> bool:
        """Whether a durable event of any job whose output is kept names the artifact."""
        self.check()
        return await self._store.names_artifact(digest)

    async def artifact_gone(self, digest: str) -> bool:
        """Whether retention removed the output of all jobs that had the artifact. Some may have it anew."""
        self.check()
        return await self._store.artifact_gone(digest)

    async def artifact_bytes(self) -> int:
        """How large all artifacts together are that are on the disk, each counted once."""
        self.check()
        return await self._store.artifact_bytes()

    async def oldest_seq(self, job_id: JobId) -> int:
        """From this seq on no event of the job is missing: 1 unless retention removed its output."""
        self.check()
        return await self._store.oldest_seq(job_id)

    async def payload(self, job_id: JobId) -> bytes:
        """The input bytes of a job. Raises JobNotFound."""
        self.check()
        live = self._live.get(job_id)
        if live is not None and live.payload is not None:
            return live.payload
        return await self._store.payload(job_id)

    def live(self, job_id: JobId) -> Job | None:
        """The job with everything that was accepted, perhaps ahead of the disk. None once its end is durable."""
        live = self._live.get(job_id)
        return live.job if live is not None else None

    def queued(self) -> Sequence[Job]:
        """Jobs whose acceptance is durable and that wait for their start: highest priority first, then oldest."""
        return [self._live[job_id].job for job_id in self._queue]

    def queued_count(self) -> int:
        """How many jobs `queued` has, and how many are about to be added."""
        return len(self._queue) + sum(live.job.state is JobState.QUEUED for live in self._accepting.values())

    def accepting(self) -> Set[JobId]:
        """Jobs whose acceptance is on its way to the disk."""
        return self._accepting.keys()

    def present(self, job: Job) -> datetime:
        """The time of day as far as the job waits for it: it does not jump where somebody sets the clock."""
        live = self._live.get(job.job_id)
        waited_s = self._clock.monotonic() - live.accepted_s if live is not None else 0.0
        return job.create_time + timedelta(seconds=max(0.0, waited_s))

    def running(self) -> Sequence[Job]:
        """Jobs that were started and have not ended."""
        return [live.job for live in self._live.values() if live.job.state is JobState.RUNNING]

    def output_digests(self, job_id: JobId) -> tuple[str, str]:
        """Digests of what was recorded of standard output and standard error of a live job. Raises JobNotFound."""
        live = self._live.get(job_id)
        if live is None:
            raise JobNotFound(job_id)
        return live.output_digests()

    def _record(self, live: LiveJob) -> RunProvenance | None:
        """The record with which a job ends of which nobody says more."""
        return live.record() if live.job.provenance is not None else self._unstarted(live.job.submission)

    def ancestors(self, correlation: Correlation) -> Sequence[JobId]:
        """The jobs that a job comes from and that have begun and not ended, the nearest first."""
        found: dict[JobId, Job] = {}
        parent = self.live(JobId(correlation.parent_job_id))
        while parent is not None and parent.job_id not in found and len(found) < ANCESTORS_MAX:
            found[parent.job_id] = parent
            parent = self.live(JobId(parent.submission.correlation.parent_job_id))
        # One that waits itself holds nothing.
        return [job_id for job_id, job in found.items() if job.state is not JobState.QUEUED]
