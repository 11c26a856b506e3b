"""The ledger: every change of a job is one of its methods, and each is one transaction.

A method decides at once, in memory and in the order of the calls; then it waits until what it decided is durable.
So several calls may be in flight, seqs have no gaps, and of two that exclude each other the first one wins. The queue
and the limits on it are the runner's; the ledger only says what waits.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Artifact,
    ArtifactProduced,
    CancelRequested,
    Finished,
    JobState,
    Outcome,
    RunProvenance,
    Started,
    Waiting,
)
from domed.bell import CHANGES, QUEUE, Bell
from domed.clock import Clock, Ids
from domed.errors import IdempotencyKeyReused, IdempotentResultExpired, InvalidTransition, JobNotFound
from domed.executors.port import Observation
from domed.faults import StoreError
from domed.jobs.facts import canceled_before_start, submitted
from domed.jobs.idempotency import New, Reused, Same, decide
from domed.jobs.model import TERMINAL, Fact, Job, KeyBinding, StoredEvent, Submission
from domed.jobs.states import moves_seq_only
from domed.ledger.answer import answer
from domed.ledger.approvals import Approvals
from domed.ledger.live import LiveJob
from domed.ledger.opening import unfinished
from domed.ledger.recent import Recent
from domed.ledger.record import JobRecord, Unstarted, no_record
from domed.ledger.refusals import Refusals
from domed.ledger.submitting import Accepted, Beginning
from domed.store.port import Begun, JobStore

KEPT_INPUT_BYTES_MAX: Final = 64 * 1024
"""A longer input is read from the store when its job starts."""
KEPT_INPUTS_MAX: Final = 64
"""The input of a job that so many others stand before is read from the store as well: it has time."""


class JobLedger(JobRecord):
    """The only writer of jobs, and what is known of them. One for the daemon, for one event loop."""

    def __init__(
        self,
        store: JobStore,
        bell: Bell,
        *,
        clock: Clock,
        ids: Ids,
        recent: Recent | None = None,
        unstarted: Unstarted = no_record,
    ) -> None:
        super().__init__(store, clock=clock, recent=Recent() if recent is None else recent, unstarted=unstarted)
        self.failed = asyncio.Event()
        """Set when the store failed. The daemon must end: from here on every method raises StoreError."""
        self.refusals = Refusals(store, clock=clock, ids=ids, fail=self._fail)
        self.approvals = Approvals(store, clock=clock, fail=self._fail)
        self._bell = bell
        self._ids = ids

    async def open(self) -> None:
        """Take up every job that has not ended, as the store has it, and the approvals. Once, before anything else."""
        await self.approvals.open()
        now, now_s = self._clock.now(), self._clock.monotonic()
        async for live in unfinished(self._store):
            live.accepted_s = now_s - max(0.0, (now - live.job.create_time).total_seconds())
            self._live[live.job.job_id] = live
            if live.job.state is JobState.QUEUED:
                self._queue.add(live.job)

    async def submit(
        self,
        submission: Submission,
        payload: bytes,
        *,
        named: Callable[[JobId], None] | None = None,
        begin: Callable[[Job], Beginning | None] | None = None,
    ) -> Accepted:
        """Accept a request; durable when the call returns. The first request of a key makes the job.

        A run of its own is made where the caller named none. Raises IdempotencyKeyReused where the key belongs to
        another request, IdempotentResultExpired where its job is no longer kept, and StorageFull. `named` is told the
        id that the job will have, in one go with the decision; what it raises is raised, and nothing is accepted.
        `begin` may say that the job begins at once: then its start is recorded with its acceptance. The answer is the
        job as it was accepted all the same.
        """
        self.check()
        now = self._clock.now()
        job_id = self._ids.new_job_id()
        if named is not None:
            named(job_id)
        live = LiveJob(Job(job_id, self._with_run(submission), create_time=now))
        live.accepted_s = self._clock.monotonic()
        (event,) = live.append([submitted(live.job.submission)], time=now)
        job = live.job
        beginning = begin(job) if begin is not None else None
        try:
            begun = _begun(live, beginning)
            write = self._store.create(job, payload, event, begun=begun)
        except BaseException:
            if beginning is not None:
                beginning.give_up()
            raise
        # Known from here on, so that whoever hears of the job through its key finds it; it is queued once durable.
        self._live[job.job_id] = live
        live.last_write = write
        self._accepting[job.job_id] = live
        if begun is None and len(self._queue) < KEPT_INPUTS_MAX and len(payload) <= KEPT_INPUT_BYTES_MAX:
            live.payload = payload
        live.count()
        events = [event] if begun is None else [event, begun.event]
        known = await answer(write, partial(self._created, live, events, beginning))
        before = await self._before(known, submission.idempotency_key, request_digest=submission.request_digest)
        return Accepted(job, deduplicated=False) if before is None else before

    async def known(self, uid: int, key: str, *, request_digest: str) -> Accepted | None:
        """The answer to a retry of a request that was accepted, or None where the key is free. Raises as `submit`."""
        self.check()
        if not key:
            return None
        # One that is on its way to the disk comes first: the store does not show it yet.
        if writes := [live.last_write for live in self._accepting.values() if live.last_write and live.has(uid, key)]:
            await asyncio.wait(writes)
        binding = await self._store.binding(uid, key)
        return await self._before(binding, key, request_digest=request_digest)

    async def start(self, job_id: JobId, started: Started) -> Job:
        """Say that the program is about to be started. Raises InvalidTransition unless the job is QUEUED."""
        return await self._append(await self._require(job_id, Started), [started])

    async def record(self, job_id: JobId, observations: Sequence[Observation | Artifact | Waiting]) -> None:
        """Say what was observed, in one transaction. Raises InvalidTransition where the job cannot have it."""
        facts = [ArtifactProduced(artifact=each) if isinstance(each, Artifact) else each for each in observations]
        if facts:
            await self._append(await self._require(job_id, type(facts[0])), facts)

    async def cancel(self, job_id: JobId, request: CancelRequested) -> Job:
        """Ask for the end of a job. A queued job ends with it; a running one when its program is gone. Idempotent.

        The first request counts, and one that comes after the end changes nothing.
        """
        self.check()
        if (accepting := self._accepting.get(job_id)) is not None and accepting.last_write is not None:
            # Whether it becomes a job is not known yet.
            await asyncio.wait([accepting.last_write])
        live = self._live.get(job_id)
        if live is None:
            return await self.job(job_id)
        job = live.job
        if job.cancel_requested or job.state in TERMINAL:
            if live.last_write is not None:
                await asyncio.shield(live.last_write)
            return job
        if job.state is JobState.RUNNING:
            events = live.append([request], time=self._clock.now())
            # Heard at once by whoever runs it: an end that is asked for does not wait for the disk, which may be full.
            self._bell.ring(job_id)
            return await self._write(live, events, row=True)
        events = live.append([request], time=self._clock.now())
        finished = live.finished(JobState.CANCELED, canceled_before_start(), provenance=self._record(live))
        events += live.append([finished], time=self._clock.now())
        return await self._write(live, events, row=True)

    async def finish(
        self, job_id: JobId, state: JobState, outcome: Outcome, *, provenance: RunProvenance | None
    ) -> Job:
        """Say how the job ended, with the totals of its output and the head of its chain. Raises InvalidTransition.

        Without `provenance` the record is the one of its start with what is known by now, or that of a job without one.
        """
        live = await self._require(job_id, Finished)
        finished = live.finished(state, outcome, provenance=self._record(live) if provenance is None else provenance)
        return await self._append(live, [finished])

    async def _before(self, known: KeyBinding | None, key: str, *, request_digest: str) -> Accepted | None:
        match decide(known, request_digest):
            case New():
                return None
            case Same(first) if first.expired:
                raise IdempotentResultExpired(key, first_job=first.job_id)
            case Same(first):
                try:
                    return Accepted(await self.job(first.job_id), deduplicated=True)
                except JobNotFound:
                    raise IdempotentResultExpired(key, first_job=first.job_id) from None
            case Reused(first):
                raise IdempotencyKeyReused(
                    key, first_digest=first.request_digest, this_digest=request_digest, first_job=first.job_id
                )

    async def _require(self, job_id: JobId, fact: type[Fact]) -> LiveJob:
        self.check()
        live = self._live.get(job_id)
        if live is None:
            job = await self.job(job_id)
            raise InvalidTransition(job_id, state=job.state.name or str(job.state), fact=fact.__name__)
        return live

    async def _append(self, live: LiveJob, facts: Sequence[Fact]) -> Job:
        events = live.append(facts, time=self._clock.now())
        return await self._write(live, events, row=not all(map(moves_seq_only, facts)))

    async def _write(self, live: LiveJob, events: Sequence[StoredEvent], *, row: bool) -> Job:
        job = live.job
        if job.state is not JobState.QUEUED:
            self._queue.discard(job)
        write = self._store.append(job, events, row=row)
        live.last_write = write
        live.count()  # while the write is on its way
        await answer(write, partial(self._appended, live, job, events))
        return job

    def _created(
        self,
        live: LiveJob,
        events: Sequence[StoredEvent],
        beginning: Beginning | None,
        write: "asyncio.Future[KeyBinding | None]",
    ) -> None:
        job = live.job
        del self._accepting[job.job_id]
        error = write.exception()
        if error is not None or write.result() is not None:
            del self._live[job.job_id]
            if beginning is not None:
                beginning.give_up()
            if isinstance(error, StoreError):
                self._fail(error)
            return
        live.durable = job
        self._recent.add(job, events)
        if beginning is not None:
            # Before anybody is told: the program starts while the answer is on its way.
            beginning.go()
        else:
            self._queue.add(job)
            self._bell.ring(QUEUE)
        for topic in (job.job_id, CHANGES):
            self._bell.ring(topic)

    def _appended(self, live: LiveJob, job: Job, events: Sequence[StoredEvent], write: "asyncio.Future[None]") -> None:
        # Whatever the error is, memory is ahead of the disk for good.
        if (error := write.exception()) is not None:
            self._fail(error)
            return
        changed = live.durable is None or live.durable.state is not job.state
        live.durable = job
        self._recent.add(job, events)
        if changed:
            self._bell.ring(CHANGES)
        if job.state in TERMINAL:
            del self._live[job.job_id]
            if job.start_time is None:
                self._bell.ring(QUEUE)  # it waited; whoever runs one rings when its place is free
        self._bell.ring(job.job_id)

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
            self.failed.set()
        for topic in (*self._live, QUEUE, CHANGES):
            self._bell.ring(topic)

    def _with_run(self, submission: Submission) -> Submission:
        if submission.correlation.run_id:
            return submission
        return replace(submission, correlation=replace(submission.correlation, run_id=self._ids.new_run_id()))


def _begun(live: LiveJob, beginning: Beginning | None) -> Begun | None:
    """The job with its start, numbered and taken in."""
    if beginning is None:
        return None
    (event,) = live.append([beginning.started], time=live.job.create_time)
    return Begun(live.job, event)
