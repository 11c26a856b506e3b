"""The loop that takes jobs from the queue as long as there are seats, and the way to stop it.

Holds the seats and gives out the locks. Every job is a task of one group; a job never stays RUNNING because of an
error of ours.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobState, WaitCause, Waiting
from domed.artifacts import Artifacts
from domed.bell import QUEUE, Bell
from domed.catalog import LiveCatalog, Tool
from domed.clock import Ids
from domed.config import Config
from domed.errors import InvalidTransition, JobNotFound, SkillNotFound
from domed.executors.port import Executor
from domed.faults import StoreError
from domed.jobs.model import Job
from domed.ledger import Beginning, JobLedger
from domed.locks import Locks
from domed.provenance import Provenance
from domed.runner.begun import Begun
from domed.runner.execution import Execution, Prepared
from domed.runner.outcome import broken
from domed.runner.scratches import Scratches
from domed.runner.turn import Seat, Wish, seat, wish
from domed.telemetry import Log

STOP_REASON: Final = "the daemon was stopped"
"""Why a job is cancelled, in the words of the one who asks: the daemon."""
LOOK_S: Final = 60.0
"""The queue is looked at so often even if nothing rings: a machine that slept did not count the time."""

_LOG = Log("runner")


class Runner:
    """Carries out jobs. One for the daemon; `run` once."""

    def __init__(
        self,
        ledger: JobLedger,
        bell: Bell,
        *,
        catalog: LiveCatalog,
        executors: Mapping[str, Executor],
        locks: Locks,
        provenance: Provenance,
        artifacts: Artifacts,
        config: Config,
        ids: Ids,
    ) -> None:
        self._ledger = ledger
        self._bell = bell
        self._catalog = catalog
        self._locks = locks
        self._config = config
        self._ids = ids
        self._seated: dict[JobId, Seat] = {}
        self._wishes: dict[JobId, Wish] = {}
        self._told: set[tuple[JobId, WaitCause, str, str]] = set()
        self._draining = False
        self._stopped: set[JobId] = set()
        self._over = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        self._scratches = Scratches(config.scratch_root)
        self._execution = Execution(
            ledger,
            bell,
            catalog,
            executors,
            provenance=provenance,
            artifacts=artifacts,
            config=config,
            may_start=lambda: not self._draining,
        )

    async def run(self) -> None:
        """Carry out jobs until `drain` ends it. Raises StoreError when the record cannot go on."""
        try:
            with self._bell.listen(QUEUE) as rung:
                async with asyncio.TaskGroup() as self._tasks:
                    while not (self._draining and not self._seated):
                        if not self._draining:
                            await self._take(self._tasks)
                        await rung.wait(self._wait_s())
        except BaseExceptionGroup as group:
            # The first is the cause; the others are jobs that ended because of it.
            raise group.exceptions[0] from group
        finally:
            await self._scratches.close()
            self._over.set()

    def begin(self, job: Job, tool: Tool, payload: bytes) -> Beginning | None:
        """Take the seat and the locks of a job that is being accepted, if neither it nor others have to wait.

        Then its start is recorded with its acceptance. None: it waits its turn.
        """
        wanted = wish(job, tool)
        if self._tasks is None or self._ledger.queued_count() or self._seat_of(job, wanted) is None:
            return None
        lent = self._scratches.lend(job.job_id)
        prepared = self._execution.at_once(job, tool, payload, lent)
        if prepared is None or not isinstance(taken := self._turn(job, wanted), Seat):
            lent.give_back()
            return None
        self._seated[job.job_id] = taken
        return Begun(prepared, self._tasks, perform=self._perform, stand_up=self._stand_up)

    async def drain(self, timeout_s: float) -> None:
        """Start nothing more, wait for the running jobs, then cancel those that are left. Ends `run`.

        Queued jobs stay queued: the next daemon takes them.
        """
        self._draining = True
        self._bell.ring(QUEUE)
        try:
            async with asyncio.timeout(timeout_s):
                await self._over.wait()
        except TimeoutError:
            await asyncio.gather(*(self._cancel(job) for job in self._ledger.running()))
            await self._over.wait()

    async def _take(self, tasks: asyncio.TaskGroup) -> None:
        """Start what can start, end what waited too long, and tell the others what they wait for."""
        wishes = {job.job_id: self._wishes.get(job.job_id) or await self._wish(job) for job in self._ledger.queued()}
        # Looked at again: others may have come before them meanwhile, and a seat may have become free.
        queued = self._ledger.queued()
        self._forget({job.job_id for job in queued})
        waiting: list[tuple[Job, Waiting]] = []
        full = False
        for job in queued:
            if job.job_id in self._seated:
                continue
            if (wanted := wishes.get(job.job_id)) is None:
                # It came meanwhile, and whoever comes after it in the queue waits until its wish is known.
                break
            if wanted.expire_time is not None and wanted.expire_time <= self._ledger.present(job):
                self._seat(tasks, job, Seat(wanted.tool_id, lender=None), expired=True)
            elif full and not job.submission.correlation.parent_job_id:
                waiting.append((job, Waiting(cause=WaitCause.SLOT)))
            elif isinstance(turn := self._turn(job, wanted), Seat):
                self._seat(tasks, job, turn, expired=False)
            else:
                waiting.append((job, turn))
                # Whoever comes later in the queue waits as well, unless an ancestor lends it a seat.
                full = turn.cause is WaitCause.SLOT and wanted.concurrency_max is None
        await self._tell(waiting)

    def _turn(self, job: Job, wanted: Wish) -> Seat | Waiting:
        """The job's seat, with its locks taken, or what it waits for."""
        if (found := self._seat_of(job, wanted)) is None:
            return Waiting(cause=WaitCause.SLOT)
        ancestors = self._ledger.ancestors(job.submission.correlation)
        if blocked := self._locks.try_acquire(wanted.locks, wanted.rank, ancestors=ancestors):
            return Waiting(cause=WaitCause.LOCK, lock=blocked.lock, holder_job_id=blocked.holder)
        return found

    def _seat_of(self, job: Job, wanted: Wish) -> Seat | None:
        ancestors = self._ledger.ancestors(job.submission.correlation)
        return seat(wanted, seated=self._seated, ancestors=ancestors, parallel_jobs_max=self._config.parallel_jobs_max)

    def _seat(self, tasks: asyncio.TaskGroup, job: Job, taken: Seat, *, expired: bool) -> None:
        self._seated[job.job_id] = taken
        tasks.create_task(self._carry_out(job, expired=expired), name=job.job_id)

    async def _carry_out(self, job: Job, *, expired: bool) -> None:
        if expired:
            async with self._to_its_end(job.job_id):
                await self._execution.expire(job)
            return
        async with self._scratches.lend(job.job_id) as lent, self._to_its_end(job.job_id):
            prepared = await self._execution.make_ready(job, lent)
            if prepared is not None and await self._execution.start(prepared):
                await self._execution.perform(prepared, is_stopped=lambda: job.job_id in self._stopped)

    async def _perform(self, prepared: Prepared) -> None:
        """Run a job that was begun at once, and whose start is durable, to its end."""
        job_id = prepared.invocation.job_id
        async with prepared.lent, self._to_its_end(job_id):
            await self._execution.perform(prepared, is_stopped=lambda: job_id in self._stopped)

    def _stand_up(self, job_id: JobId) -> None:
        """Free the seat and the locks of a job that has ended, or will not be one."""
        del self._seated[job_id]
        self._locks.release(job_id)
        if self._draining or self._ledger.queued_count():
            self._bell.ring(QUEUE)

    @asynccontextmanager
    async def _to_its_end(self, job_id: JobId) -> AsyncIterator[None]:
        try:
            yield
        except StoreError:
            # Nothing can be recorded any more, not even that.
            raise
        except Exception as error:  # noqa: BLE001 - the one place where an error of ours becomes the end of a job
            await self._break(job_id, error)
        finally:
            self._stand_up(job_id)

    async def _break(self, job_id: JobId, error: Exception) -> None:
        error_id = self._ids.new_error_id()
        _LOG.failure("job could not be carried out", error, job_id=job_id, error_id=error_id)
        try:
            await self._ledger.finish(job_id, JobState.FAILED, broken(error_id), provenance=None)
        except (InvalidTransition, JobNotFound):
            # It has its outcome already.
            return

    async def _cancel(self, job: Job) -> None:
        if not job.cancel_requested:
            self._stopped.add(job.job_id)
        with suppress(JobNotFound):  # one that was being accepted and is none after all
            await self._ledger.cancel(job.job_id, CancelRequested(reason=STOP_REASON))

    async def _tell(self, waiting: Sequence[tuple[Job, Waiting]]) -> None:
        """Record what jobs wait for, once for each cause; the one that gets a lock next is told of each holder.

        To tell all of them of each holder would take the square of their number.
        """
        news = {}
        locks_seen = set()
        for job, fact in waiting:
            once = (job.job_id, fact.cause, fact.lock, "")
            of_holder = (job.job_id, fact.cause, fact.lock, fact.holder_job_id)
            is_next = bool(fact.lock) and fact.lock not in locks_seen
            locks_seen.add(fact.lock)
            if (of_holder if is_next else once) not in self._told:
                news[job.job_id] = fact
                self._told |= {once, of_holder}
        if news:
            await asyncio.gather(*(self._record(job_id, fact) for job_id, fact in news.items()))

    async def _record(self, job_id: JobId, waiting: Waiting) -> None:
        try:
            await self._ledger.record(job_id, [waiting])
        except InvalidTransition:
            # Cancelled meanwhile: it waits for nothing.
            return

    async def _wish(self, job: Job) -> Wish:
        asked = job.submission
        try:
            tool = await self._catalog.require(asked.skill_id, asked.working_directory)
        except SkillNotFound:
            return wish(job, None)
        found = wish(job, tool)
        if tool.digest == asked.tool_digest:
            # A tool that is another one may come back, as one that is gone, and then its locks count.
            self._wishes[job.job_id] = found
        return found

    def _forget(self, queued: set[JobId]) -> None:
        """Drop what is known of jobs that have left the queue."""
        for job_id in self._wishes.keys() - queued:
            del self._wishes[job_id]
        if len(self._told) > 4 * len(queued):
            self._told = {key for key in self._told if key[0] in queued}
        self._locks.keep_waiting(queued | self._ledger.accepting())

    def _wait_s(self) -> float:
        if self._draining:
            return LOOK_S
        left = [
            wanted.expire_time - self._ledger.present(job)
            for job_id, wanted in self._wishes.items()
            if wanted.expire_time is not None and job_id not in self._seated and (job := self._ledger.live(job_id))
        ]
        left_s = min((each.total_seconds() for each in left), default=LOOK_S)
        return min(LOOK_S, max(0.0, left_s))
