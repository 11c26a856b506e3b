"""Carries out one job that has its seat and its locks, from the last check to its outcome.

Decides nothing by itself: whose turn it is, what is run and how it ended are pure functions beside it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.runtime.v1 import JobState, Outcome, OutcomeCause, RunProvenance, Started
from domed.artifacts import Artifacts, Kept
from domed.bell import Bell
from domed.catalog import LiveCatalog, Tool
from domed.config import Config
from domed.errors import FieldViolation, InvalidTransition, SkillNotFound
from domed.executors.port import DeclaredArtifact, Executor, Exit, Invocation, SpawnFailed
from domed.jobs.model import Job
from domed.ledger import JobLedger
from domed.provenance import Provenance, complete
from domed.runner import plan
from domed.runner.outcome import conclude, not_started
from domed.runner.required import must_be_held, reason, unheld
from domed.runner.scratches import Lent
from domed.runner.unwaited import unwaited

LONG_RESULT_BYTES: Final = 256 * 1024
"""A longer result is not checked on the loop."""
CANCELED: Final = "Ended because a cancellation was asked for."
ENDED_BY_STOP: Final = "Ended because the daemon was stopped."


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A job that can start: all is looked up and looked at."""

    tool: Tool
    executor: Executor
    record: RunProvenance
    started: Started
    """What the record says of the start."""
    invocation: Invocation
    lent: Lent
    """Its scratch directory."""


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
    may_start: Callable[[], bool]
    """Asked before the program starts: the daemon may have begun to stop."""

    async def make_ready(self, job: Job, lent: Lent) -> Prepared | None:
        """Look up and look at what a queued job needs, beside its scratch directory.

        None: it has its end, or must not start any more.
        """
        ready = await self._ready(job)
        if isinstance(ready, Outcome):
            await self._refuse(job, ready)
            return None
        tool, executor = ready
        payload = await self.ledger.payload(job.job_id)
        held = await executor.enforcement(plan.effects(tool))
        if missing := unheld(tool, held):
            # Another daemon accepted it, which could hold it.
            why = reason(tool.tool_id, missing)
            await self._refuse(job, not_started(OutcomeCause.DENIED, FailureReason.ADMISSION_EFFECTS_NOT_HELD, why))
            return None
        record = await self.provenance.capture(
            plan.run_start(job, tool, self.config, executor=executor, held=held, scratch=lent.directory)
        )
        # What was admitted may have been swapped or distrusted while the record was made.
        if isinstance(refusal := await self._ready(job), Outcome):
            await self._refuse(job, refusal)
            return None
        if not self.may_start():
            return None
        return self._prepared(job, tool, executor, payload=payload, record=record, lent=lent)

    async def start(self, prepared: Prepared) -> bool:
        """Record the start of a queued job. False: it was cancelled while it was made ready, and has its outcome."""
        try:
            await self.ledger.start(prepared.invocation.job_id, prepared.started)
        except InvalidTransition:
            return False
        return True

    def at_once(self, job: Job, tool: Tool, payload: bytes, lent: Lent) -> Prepared | None:
        """What `make_ready` gives for a job that is being accepted, where nothing has to be waited for or refused."""
        executor = self.executors.get(tool.backend)
        left = plan.time_left(job, self.ledger.present(job))
        if executor is None or not self.may_start() or (left is not None and left <= timedelta()):
            return None
        if must_be_held(tool):
            # Admission has asked whether it is, which may have taken a while: it is looked at again in its turn.
            return None
        if (held := unwaited(executor.enforcement(plan.effects(tool)))) is None:
            return None
        start = plan.run_start(job, tool, self.config, executor=executor, held=held, scratch=lent.directory)
        if (record := self.provenance.at_hand(start)) is None:
            return None
        return self._prepared(job, tool, executor, payload=payload, record=record, lent=lent)

    async def perform(self, prepared: Prepared, *, is_stopped: Callable[[], bool]) -> None:
        """Run a job whose start is durable to its end. `is_stopped`: whether the daemon's stop asked for the end."""
        tool, invocation = prepared.tool, prepared.invocation
        with self.provenance.writing() if plan.may_write(invocation, prepared.record) else nullcontext():
            exit_ = await self._run(prepared.executor, invocation, made=prepared.lent.made)
        kept = await self._keep(exit_, invocation, tool)
        prepared.lent.give_back()
        state, outcome = conclude(
            exit_,
            failure_reasons=tool.failure_reasons,
            violations=await _violations(tool, exit_),
            unkept=kept.unkept,
            cancel_message=ENDED_BY_STOP if is_stopped() else CANCELED,
        )
        stdout_digest, stderr_digest = self.ledger.output_digests(invocation.job_id)
        record = complete(
            prepared.record,
            result=outcome.result,
            stdout_digest=stdout_digest,
            stderr_digest=stderr_digest,
            artifacts=kept.artifacts,
        )
        await self.ledger.finish(invocation.job_id, state, outcome, provenance=record)

    def _prepared(
        self, job: Job, tool: Tool, executor: Executor, *, payload: bytes, record: RunProvenance, lent: Lent
    ) -> Prepared:
        return Prepared(
            tool=tool,
            executor=executor,
            record=record,
            started=Started(attempt=job.attempt + 1, executor_backend=executor.backend, provenance=record),
            invocation=plan.invocation(
                job,
                tool,
                self.config,
                payload=payload,
                scratch=lent.directory,
                now=self.ledger.present(job),
                when_over=partial(_give_back_unneeded, lent),
            ),
            lent=lent,
        )

    async def _run(self, executor: Executor, invocation: Invocation, *, made: Awaitable[None]) -> Exit:
        try:
            await made
        except OSError as error:
            return Exit(end=SpawnFailed(f"The scratch directory cannot be made: {error}."))
        job_id = invocation.job_id
        stop = asyncio.Event()

        def heed_cancellation() -> None:
            job = self.ledger.live(job_id)
            if job is None or job.cancel_requested:
                stop.set()

        with self.bell.tell(job_id, heed_cancellation):
            heed_cancellation()
            return await executor.run(invocation, emit=partial(self.ledger.record, job_id), stop=stop)

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
        if (left := plan.time_left(job, self.ledger.present(job))) is not None and left <= timedelta():
            message = "The job's deadline passed before its start."
            return not_started(OutcomeCause.TIMEOUT, FailureReason.TIME_QUEUE_TIMEOUT, message)
        if (executor := self.executors.get(tool.backend)) is None:
            message = f"This daemon has no executor {tool.backend!r}."
            return not_started(OutcomeCause.SPAWN_FAILED, FailureReason.PROCESS_SPAWN_FAILED, message)
        return tool, executor


def _give_back_unneeded(lent: Lent, artifacts: Sequence[DeclaredArtifact]) -> None:
    """Have the directory removed before the record is complete, unless something in it is to be kept.

    On a full disk the record may wait for the very space that the run has filled there.
    """
    if not artifacts:
        lent.give_back()


async def _violations(tool: Tool, exit_: Exit) -> Sequence[FieldViolation]:
    if len(exit_.result) > LONG_RESULT_BYTES:
        return await asyncio.to_thread(tool.output_violations, exit_.result)
    return tool.output_violations(exit_.result)


def _changed(message: str) -> Outcome:
    return not_started(OutcomeCause.DENIED, FailureReason.ADMISSION_TOOL_CHANGED, message)
