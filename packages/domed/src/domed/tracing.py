"""The spans of jobs: told from what the record says of each, when it has ended, however it ended and whoever ended it.

A job that an earlier daemon accepted, that was cancelled in the queue or that was lost has its span, too.
"""

import asyncio
from typing import Final

from dome_contracts.runtime.v1 import JobState
from domed.bell import CHANGES, Bell
from domed.jobs.model import TERMINAL, Job
from domed.ledger import JobLedger
from domed.telemetry import Attribute, Kind, TraceContext, Tracer, of_correlation, of_job
from domed.telemetry.tracing import ERROR_TYPE, EXIT_CODE, JOB_ID, JOB_STATE, OUTCOME_CAUSE, TOOL_ID, TOOL_VERSION

BATCH_MAX: Final = 256
CLOSE_S_MAX: Final = 3.0
"""What sending the last spans may take when the daemon stops."""
NO_FAILURE: Final = "NONE"


class Traces:
    """Tells the spans of jobs, where there is somebody to tell."""

    def __init__(self, ledger: JobLedger, bell: Bell, tracer: Tracer | None) -> None:
        self._ledger = ledger
        self._bell = bell
        self._tracer = tracer
        self._revision = 0

    async def begin(self) -> None:
        """What ended before this is not told."""
        if self._tracer is not None:
            self._revision = (await self._ledger.changes(since_revision=0, limit=0)).latest

    async def run(self) -> None:
        """Tell of each job that ends, for as long as the daemon runs."""
        if self._tracer is None:
            return
        with self._bell.listen(CHANGES) as rung:
            while True:
                await self._catch_up(self._tracer)
                await rung.wait()

    async def close(self) -> None:
        """Tell of the last ones and send what is left, within a few seconds."""
        if self._tracer is not None:
            await self._catch_up(self._tracer)
            await asyncio.to_thread(self._tracer.close, CLOSE_S_MAX)

    async def _catch_up(self, tracer: Tracer) -> None:
        while (found := await self._ledger.changes(since_revision=self._revision, limit=BATCH_MAX)).changes:
            for change in found.changes:
                if change.job.state in TERMINAL:
                    _tell(tracer, change.job)
            self._revision = found.changes[-1].revision


def _tell(tracer: Tracer, job: Job) -> None:
    correlation = job.submission.correlation
    asked = TraceContext(correlation.traceparent, correlation.tracestate)
    own = of_job(job.job_id, asked)
    end_time = job.end_time or job.create_time
    span = tracer.start(
        f"job {job.submission.skill_id}",
        parent=asked,
        own=own,
        kind=Kind.CONSUMER,
        attributes={**_attributes(job), **of_correlation(correlation)},
        start_time=job.create_time,
    )
    waiting = tracer.start("queued", parent=own, attributes={JOB_ID: job.job_id}, start_time=job.create_time)
    waiting.end(end_time=job.start_time or end_time)
    span.end(is_failed=job.state is JobState.FAILED, end_time=end_time)


def _attributes(job: Job) -> dict[str, Attribute]:
    asked, outcome = job.submission, job.outcome
    said: dict[str, Attribute] = {
        JOB_ID: job.job_id,
        JOB_STATE: job.state.name or "",
        TOOL_ID: asked.skill_id,
        TOOL_VERSION: asked.tool_version,
    }
    if outcome is not None:
        said[OUTCOME_CAUSE] = outcome.cause.name or ""
        if outcome.failure_reason_code not in {"", NO_FAILURE}:
            said[ERROR_TYPE] = outcome.failure_reason_code
        if outcome.exit_code is not None:
            said[EXIT_CODE] = outcome.exit_code
    return said
