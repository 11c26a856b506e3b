"""Carries out what `next_steps` says ought to be under way: to the end, until somebody stops it, or without a daemon.

Every change is kept before anything is done that depends on it. So a runner that is killed at any moment has at most
asked for what the next one asks for again, with the same key.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from dome_contracts.runtime.v1 import ListCapabilitiesResponse
from dome_contracts.schema.control.work_queue import BlockReason, QueueState
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.binding import EvidenceStore
from dome_spec.dispatch.decide.limits import Limit, limit_reached
from dome_spec.dispatch.decide.policy import DispatchPolicy
from dome_spec.dispatch.decide.queue import (
    OPEN,
    QUEUED,
    Accepted,
    Blocked,
    Change,
    Claimed,
    Ended,
    LeftOut,
    Stopped,
    advance,
)
from dome_spec.dispatch.decide.steps import Block, Carry, Claim, Close, LeaveOut, Step, Wait, next_steps, remaining_s
from dome_spec.dispatch.decide.verdict import verdict
from dome_spec.dispatch.errors import PlanUnusable, keeping
from dome_spec.dispatch.job.line import DaemonLost, Line, while_there
from dome_spec.dispatch.job.result import Assignment
from dome_spec.dispatch.ports import Admission, Listener, RuntimePlane
from dome_spec.dispatch.record import Topic
from dome_spec.dispatch.record.run_record import document_digest
from dome_spec.dispatch.refusals import EndUnknown, failure_of
from dome_spec.dispatch.run.attempt import AttemptEnd, Bench, Told, carry, give_up
from dome_spec.dispatch.run.ending import EndKind, Interruption, OnInterrupt, RunEnd
from dome_spec.dispatch.run.opening import Opened
from dome_spec.kernel import Clock, Ids

CANCEL_REASON: Final = "the run was interrupted with --on-interrupt=cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Carries out one run."""

    opened: Opened
    plane: RuntimePlane
    store: EvidenceStore
    policy: DispatchPolicy
    listener: Listener
    clock: Clock
    ids: Ids
    holder: Effector
    admission: Admission | None = None
    """Says of each attempt whether it may begin; None where nobody is asked."""

    async def carry_out(self, interruption: Interruption) -> RunEnd:
        """Until the run is over or stopped. Raises RecordUnwritable, RecordStale, LeaseLost, and keeps no more then."""
        if self.opened.queue.state is QueueState.FINISHED:
            return RunEnd(EndKind.OVER, self.opened.queue)
        record = self.opened.record
        with keeping(record.run_id, record.directory):
            return await _Carrying(self, interruption).to_the_end()


class _Carrying:
    """One use of a runner."""

    def __init__(self, runner: Runner, interruption: Interruption) -> None:
        self._runner = runner
        self._record = runner.opened.record
        self._plan = runner.opened.plan
        self._queue = runner.opened.queue
        self._interruption = interruption
        self._line = Line(
            runner.plane, lost_s=runner.policy.lost_daemon_s, listener=runner.listener, met=self._note_store
        )
        self._under_way: dict[str, asyncio.Task[AttemptEnd]] = {}
        self._asked_to_cancel: set[str] = set()
        self._limit: Limit | None = None
        self._bench: Bench | None = None

    async def to_the_end(self) -> RunEnd:
        pulse = asyncio.create_task(self._line.watch_over())
        asked = asyncio.create_task(self._interruption.asked.wait())
        beginning = asyncio.create_task(self._meet_the_daemon())
        try:
            await asyncio.wait({beginning, pulse, asked}, return_when=asyncio.FIRST_COMPLETED)
            if beginning.done() and beginning.exception() is None:
                return await self._loop(pulse, asked)
            return self._stopped_early(beginning if beginning.done() else pulse)
        finally:
            everything = [pulse, asked, beginning, *self._under_way.values()]
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)

    async def _loop(self, pulse: asyncio.Task[None], asked: asyncio.Task[Any]) -> RunEnd:
        while True:
            if self._is_stopping(OnInterrupt.DETACH):
                return self._stopped_early(pulse)
            steps = self._steps()
            if changes := [change for step in steps for change in self._changes(step)]:
                self._advance(*changes)
                if self._queue.state is not QueueState.ACTIVE:
                    return self._end()
                continue
            for step in steps:
                if isinstance(step, Carry) and step.task_id not in self._under_way:
                    self._under_way[step.task_id] = asyncio.create_task(self._carry(step))
            self._check_moves(steps)
            waited = {pulse, *self._under_way.values(), *(task for task in (asked,) if not task.done())}
            await asyncio.wait(waited, timeout=self._timeout_s(steps), return_when=asyncio.FIRST_COMPLETED)
            self._take_ends()
            if pulse.done():
                return self._stopped_early(pulse)
            if self._is_stopping(OnInterrupt.CANCEL):
                await while_there(pulse, self._cancel_jobs())

    async def _meet_the_daemon(self) -> None:
        """Find out what the daemon can do, and whether it is the one that has this run's jobs."""
        runner = self._runner
        capabilities = await self._line.ask_once(lambda plane: plane.capabilities())
        self._bench = Bench(
            self._line,
            self._record,
            runner.store,
            frozenset(capabilities.feature_flags),
            runner.clock,
            runner.ids,
            runner.holder,
            runner.admission,
        )
        known = self._record.log.last(Topic.STORE_FOUND)
        if known is not None and known.payload["store_id"] != capabilities.store_id:
            self._give_up_open(
                str(known.payload["store_id"]),
                f"The daemon's store is another one ({capabilities.store_id}) than when this was asked for.",
            )
        self._line.meet(capabilities)

    def _note_store(self, capabilities: ListCapabilitiesResponse) -> None:
        """Write down which store has the jobs from here on."""
        runner, log = self._runner, self._record.log
        known = log.last(Topic.STORE_FOUND)
        if known is None or known.payload["store_id"] != capabilities.store_id:
            payload = {"server_version": capabilities.server_version, "store_id": capabilities.store_id}
            log.append(Topic.STORE_FOUND, payload, clock=runner.clock, ids=runner.ids, effector=runner.holder)

    def _give_up_open(self, store_id: str, message: str) -> None:
        """Nobody can be asked any more how open attempts ended: asking for them again might run them twice."""
        for task_id, entry in self._queue.entries.items():
            if entry.status in OPEN:
                assignment = self._assignment(task_id)
                self._ended(
                    task_id, AttemptEnd(give_up(assignment, self._known_bench, message=message, store_id=store_id))
                )

    def _steps(self) -> tuple[Step, ...]:
        now, budgets = self._runner.clock.now(), self._plan.budgets
        self._limit = limit_reached(self._queue, self._plan, budgets, now, policy=self._runner.policy) or self._limit
        if not self._is_stopping(OnInterrupt.CANCEL):
            return next_steps(self._queue, self._plan, budgets, now, policy=self._runner.policy)
        entries = self._queue.entries.items()
        blocks = tuple(Block(task_id, BlockReason.CANCELED) for task_id, entry in entries if entry.status is QUEUED)
        return blocks or next_steps(self._queue, self._plan, budgets, now, policy=self._runner.policy)

    def _changes(self, step: Step) -> Sequence[Change]:
        match step:
            case Claim(task_id):
                return (Claimed(task_id, self._runner.holder),)
            case Block(task_id, reason, blocked_by):
                return (Blocked(task_id, reason, blocked_by),)
            case LeaveOut(task_id, left_out_for):
                return (LeftOut(task_id, left_out_for),)
            case Close():
                given_up = self._is_stopping(OnInterrupt.CANCEL)
                return (Stopped(QueueState.ABANDONED if given_up else QueueState.FINISHED),)
            case Carry() | Wait():
                return ()
            case _:
                assert_never(step)

    def _is_stopping(self, kind: OnInterrupt) -> bool:
        return self._interruption.asked.is_set() and self._interruption.kind is kind

    def _advance(self, *changes: Change) -> None:
        """Keep what happened, then tell of it."""
        self._runner.opened.lease.check()
        self._queue = advance(self._queue, *changes, now=self._runner.clock.now())
        self._record.save_queue(self._queue)
        self._runner.listener.queue_changed(self._queue)

    async def _carry(self, step: Carry) -> AttemptEnd:
        async def accepted(job_id: str) -> None:
            self._advance(Accepted(step.task_id, job_id))
            if self._is_stopping(OnInterrupt.CANCEL):
                await self._cancel(job_id)

        told = Told(
            accepted=accepted,
            progress=lambda text: self._runner.listener.job_told(step.task_id, text),
            remaining_s=lambda: remaining_s(self._queue, self._plan.budgets, self._runner.clock.now()),
        )
        return await carry(self._assignment(step.task_id), self._known_bench, told)

    @property
    def _known_bench(self) -> Bench:
        if self._bench is None:
            raise RuntimeError("nothing is carried out before the daemon was met")
        return self._bench

    def _assignment(self, task_id: str) -> Assignment:
        entry = self._queue.entries[task_id]
        return Assignment(
            run_id=self._queue.run_id,
            plan_hash=self._queue.plan_hash,
            repository_id=self._queue.repository_id,
            task_id=task_id,
            task=self._plan.tasks[task_id],
            wave=entry.wave,
            attempt=entry.attempts[-1],
            working_directory=self._runner.opened.opening.working_directory,
            effector=self._runner.holder,
        )

    def _take_ends(self) -> None:
        """Enter the attempts that have ended. Raises what one of them has raised."""
        for task_id in [task_id for task_id, task in self._under_way.items() if task.done()]:
            self._ended(task_id, self._under_way.pop(task_id).result())

    def _ended(self, task_id: str, end: AttemptEnd) -> None:
        result = end.result
        judged = verdict(
            result.outcome,
            self._queue.entries[task_id],
            self._plan.tasks[task_id],
            budgets=self._plan.budgets,
            policy=self._runner.policy,
            requirement_missing=end.requirement_missing,
        )
        self._advance(Ended(task_id, result.outcome, judged, document_digest(result), result.end_time))

    def _check_moves(self, steps: Sequence[Step]) -> None:
        """A plan whose waves contradict its dependencies would wait for ever."""
        if not self._under_way and not any(isinstance(step, Wait) for step in steps):
            raise PlanUnusable(
                "The plan's waves contradict its dependencies: nothing can be begun, and tasks are left",
                hint="`dome plan check PLAN` says where",
            )

    def _timeout_s(self, steps: Sequence[Step]) -> float | None:
        """Until when nothing has to be decided: a wait is over, or the run's time."""
        now = self._runner.clock.now()
        waits = [(step.until - now).total_seconds() for step in steps if isinstance(step, Wait)]
        return max(min([*waits, remaining_s(self._queue, self._plan.budgets, now)]), 0.0) if waits else None

    async def _cancel_jobs(self) -> None:
        """Ask for the end of every job that is under way."""
        for task_id in self._under_way:
            if (job_id := self._queue.entries[task_id].attempts[-1].job_id) is not None:
                await self._cancel(job_id)

    async def _cancel(self, job_id: str) -> None:
        """Ask for the end of a job, once. One that nobody knows any more has none to be asked for."""
        if job_id in self._asked_to_cancel:
            return
        self._asked_to_cancel.add(job_id)
        try:
            await self._line.ask(lambda plane: plane.cancel(job_id, reason=CANCEL_REASON))
        except Exception as error:
            if not isinstance(failure_of(error), EndUnknown):
                raise

    def _stopped_early(self, cause: asyncio.Task[None]) -> RunEnd:
        """Leave the jobs alone, and the run to whoever resumes it. Raises what is not that the daemon is lost."""
        lost = cause.exception() if cause.done() else None
        if lost is not None and not isinstance(lost, DaemonLost):
            raise lost
        self._take_ends()
        kind = EndKind.DETACHED if lost is None else EndKind.DAEMON_LOST
        self._advance(Stopped(QueueState.RESUMABLE))
        self._log_stop(kind)
        return RunEnd(kind, self._queue, message="" if lost is None else lost.message)

    def _end(self) -> RunEnd:
        kind = EndKind.CANCELED if self._queue.state is QueueState.ABANDONED else EndKind.OVER
        self._log_stop(kind)
        return RunEnd(kind, self._queue, self._limit)

    def _log_stop(self, kind: EndKind) -> None:
        runner, payload = self._runner, {"kind": kind.value, "state": self._queue.state.value}
        self._record.log.append(Topic.STOPPED, payload, clock=runner.clock, ids=runner.ids, effector=runner.holder)
