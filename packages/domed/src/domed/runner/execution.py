"""Carries out one job that has its seat and its locks, from the last check to its outcome.

Decides nothing by itself: whose turn it is, what is run and how it ended are pure functions beside it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState, Outcome, OutcomeCause, Started
from domed.artifacts import Artifacts, Kept
from domed.bell import Bell
from domed.catalog import LiveCatalog, Tool
from domed.clock import Clock
from domed.config import Config
from domed.errors import FieldViolation, InvalidTransition, SkillNotFound
from domed.executors.port import Executor, Exit, Invocation, SpawnFailed
from domed.executors.scratch import Lent
from domed.jobs.model import Job
from domed.ledger import JobLedger
from domed.provenance import Provenance, complete
from domed.runner import plan
from domed.runner.outcome import conclude, not_started

LONG_RESULT_BYTES: Final = 256 * 1024
"""A longer result is not checked on the loop."""
CANCELED: Final = "Ended because a cancellation was asked for."
ENDED_BY_STOP: Final = "Ended because the daemon was stopped."


@dataclass(frozen=True, slots=True)
class Execution:
    """What it takes to carry out jobs."""

    ledger: JobLedger
    bell: Bell
    catalog: LiveCatalog
    executors: Mapping[str, Executor]
    provenance: Provenance
    artifacts: Artifacts
    config: Config
    clock: Clock
    may_start: Callable[[], bool]
    """Asked before the program starts: the daemon may have begun to stop."""

    async def carry_out(self, job: Job, *, is_stopped: Callable[[], bool]) -> None:
        """Run a queued job to its end. One that was cancelled meanwhile, or must not start any more, is left alone.

        `is_stopped`: whether it was the daemon's stop that asked for the end.
        """
        ready = await self._ready(job)
        if isinstance(ready, Outcome):
            await self._refuse(job, ready)
            return
        tool, executor = ready
        payload = await self.ledger.payload(job.job_id)
        held = await executor.enforcement(plan.effects(tool))
        record = await self.provenance.capture(plan.run_start(job, tool, self.config, executor=executor, held=held))
        # What was admitted may have been swapped or distrusted while the record was made.
        if isinstance(refusal := await self._ready(job), Outcome):
            await self._refuse(job, refusal)
            return
        if not self.may_start():
            return
        started = Started(attempt=job.attempt + 1, executor_backend=executor.backend, provenance=record)
        invocation = plan.invocation(job, tool, self.config, payload=payload, now=self.clock.now())
        async with Lent(invocation.scratch) as lent:
            try:
                await self.ledger.start(job.job_id, started)
            except InvalidTransition:
                # Cancelled while it was made ready: it has its outcome.
                return
            exit_ = await self._run(executor, invocation, made=lent.made)
            kept = await self._keep(exit_, invocation, tool)
            lent.give_back()
            state, outcome = conclude(
                exit_,
                failure_reasons=tool.failure_reasons,
                violations=await _violations(tool, exit_),
                unkept=kept.unkept,
                cancel_message=ENDED_BY_STOP if is_stopped() else CANCELED,
            )
            stdout_digest, stderr_digest = self.ledger.output_digests(job.job_id)
            record = complete(record, result=outcome.result, stdout_digest=stdout_digest, stderr_digest=stderr_digest)
            await self.ledger.finish(job.job_id, state, outcome, provenance=record)

    async def _run(self, executor: Executor, invocation: Invocation, *, made: Awaitable[None]) -> Exit:
        try:
            await made
        except OSError as error:
            return Exit(end=SpawnFailed(f"The scratch directory cannot be made: {error}."))
        stop = asyncio.Event()
        emit = partial(self.ledger.record, invocation.job_id)
        try:
            async with asyncio.TaskGroup() as tasks:
                heeding = tasks.create_task(self._heed_cancellation(invocation.job_id, stop))
                exit_ = await executor.run(invocation, emit=emit, stop=stop)
                heeding.cancel()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        return exit_

    async def _keep(self, exit_: Exit, invocation: Invocation, tool: Tool) -> Kept:
        """Keep what the run declared, and say so in the record, before the end is. However the run ended."""
        kept = await self.artifacts.keep(
            exit_.artifacts,
            plan.workplace(invocation),
            label=invocation.job_id,
            limits=plan.keep_limits(tool, self.config),
        )
        await self.ledger.record(invocation.job_id, kept.artifacts)
        await self.artifacts.settle(kept)
        return kept

    async def expire(self, job: Job) -> None:
        """End a job that waited too long."""
        message = "The job waited in the queue longer than allowed."
        await self._refuse(job, not_started(OutcomeCause.TIMEOUT, FailureReason.TIME_QUEUE_TIMEOUT, message))

    async def _refuse(self, job: Job, outcome: Outcome) -> None:
        try:
            await self.ledger.finish(job.job_id, JobState.FAILED, outcome, provenance=None)
        except InvalidTransition:
            # Cancelled meanwhile: it has its outcome.
            return

    async def _ready(self, job: Job) -> tuple[Tool, Executor] | Outcome:
        """The tool and the executor, or why the job must not start: both may have changed while it waited."""
        asked = job.submission
        try:
            tool = await self.catalog.require(asked.skill_id, asked.working_directory)
        except SkillNotFound:
            return _changed(f"The tool {asked.skill_id!r} is no longer in the catalog.")
        if tool.digest != asked.tool_digest:
            return _changed(f"The tool {asked.skill_id!r} changed while the job waited.")
        if not tool.trusted:
            return _changed(f"The tool {asked.skill_id!r} lost its approval while the job waited.")
        if (left := plan.time_left(job, self.clock.now())) is not None and left <= timedelta():
            message = "The job's deadline passed before its start."
            return not_started(OutcomeCause.TIMEOUT, FailureReason.TIME_QUEUE_TIMEOUT, message)
        if (executor := self.executors.get(tool.backend)) is None:
            message = f"This daemon has no executor {tool.backend!r}."
            return not_started(OutcomeCause.SPAWN_FAILED, FailureReason.PROCESS_SPAWN_FAILED, message)
        return tool, executor

    async def _heed_cancellation(self, job_id: JobId, stop: asyncio.Event) -> None:
        with self.bell.listen(job_id) as rung:
            while (job := self.ledger.live(job_id)) is not None and not job.cancel_requested:
                await rung.wait()
            stop.set()


async def _violations(tool: Tool, exit_: Exit) -> Sequence[FieldViolation]:
    if len(exit_.result) > LONG_RESULT_BYTES:
        return await asyncio.to_thread(tool.output_violations, exit_.result)
    return tool.output_violations(exit_.result)


def _changed(message: str) -> Outcome:
    return not_started(OutcomeCause.DENIED, FailureReason.ADMISSION_TOOL_CHANGED, message)
