"""How the job of an attempt went: its snapshot at the end, and the place of its last event.

Read from the daemon in one way, by whoever carries a run out and by whoever ingests it later.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from dome_contracts.ids import JobId, event_id
from dome_contracts.runtime.v1 import Finished, Job, JobState, Progress
from dome_contracts.schema.shared.definitions import Lineage
from dome_spec.dispatch.job.line import Line
from dome_spec.dispatch.ports import RuntimePlane

EVENTS_GONE: Final = "EVENTS_GONE"
TERMINAL: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED})
"""The states that a job does not leave."""
_AGAIN_S: Final = 0.05
"""How long after a stream that ended early the next one is opened."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Events of a job that are not kept any more."""

    first_sequence: int
    last_sequence: int


@dataclass(frozen=True, slots=True)
class JobStory:
    """A job that has ended."""

    job: Job
    chain_head: str
    gap: Gap | None = None

    def lineage(self, run_id: str) -> Lineage:
        """The place of its last event."""
        job_id = JobId(self.job.job_id)
        return Lineage(
            event_id=event_id(job_id, self.job.last_seq), sequence=self.job.last_seq, run_id=run_id, job_id=job_id
        )


async def read_story(plane: RuntimePlane, job: Job) -> JobStory:
    """The story of a job that has ended, from its events as far as they are kept."""
    since_seq, gap, finished = 0, None, None
    while finished is None and since_seq < job.last_seq:
        read = since_seq
        try:
            async with aclosing(plane.events(job.job_id, since_seq=since_seq, follow=False)) as events:
                async for event in events:
                    since_seq, finished = max(since_seq, event.last_seq), event.finished or finished
        except Exception as error:
            if getattr(error, "reason", None) != EVENTS_GONE or gap is not None:
                raise
            oldest = int(getattr(error, "metadata", {})["oldest"])
            gap = Gap(since_seq + 1, oldest - 1)
            since_seq = oldest - 1
        else:
            if since_seq == read:  # a stream that says nothing says nothing the next time either
                gap = gap or Gap(since_seq + 1, job.last_seq)
                break
    return JobStory(job, finished.chain_head if finished is not None else "", gap)


async def follow_to_the_end(line: Line, job_id: str, told: Callable[[str], None], *, store_id: str = "") -> JobStory:
    """Follow a job until it has ended. `told` hears how far it says it is."""
    job = await line.ask(lambda plane: plane.status(job_id), store_id=store_id)
    finished: Finished | None = None
    # What is over is not read again: the last event says all that is needed of it.
    since_seq = job.last_seq - 1 if job.state in TERMINAL else job.last_seq
    while True:
        async for event in line.follow(job_id, since_seq=since_seq, store_id=store_id):
            since_seq, finished = event.last_seq, event.finished or finished
            if event.progress is not None:
                told(progress_text(event.progress))
        ended = await line.ask(lambda plane: plane.status(job_id), store_id=store_id)
        if ended.state in TERMINAL:
            return JobStory(ended, finished.chain_head if finished is not None else "")
        await asyncio.sleep(_AGAIN_S)  # the stream ended before the job did


def progress_text(progress: Progress) -> str:
    """How far it is, in words."""
    if progress.done is None:
        return progress.message
    of = f" of {progress.total}" if progress.total is not None else ""
    unit = f" {progress.unit}" if progress.unit else ""
    return f"{progress.done}{of}{unit} {progress.message}".strip()
