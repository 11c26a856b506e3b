"""Whose turn it is: who gets a seat among the jobs that run at a time.

Pure. Locks are a matter of their own. A job whose ancestor runs must not wait for the seat in which that ancestor
waits for it: it borrows it, and one job at a time can.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dome_contracts.ids import JobId
from domed.catalog.tool import Tool
from domed.jobs.model import Job
from domed.locks import Rank


@dataclass(frozen=True, slots=True)
class Seat:
    """A place among the jobs that run at a time."""

    tool_id: str
    lender: JobId | None
    """The ancestor whose place it is; None for a place of its own."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a queued job asks of the runner."""

    rank: Rank
    tool_id: str
    locks: Collection[str]
    concurrency_max: int | None
    expire_time: datetime | None
    """When it must have been started."""


def wish(job: Job, tool: Tool | None) -> Wish:
    """What a job asks for, by its tool as the catalog has it."""
    waits = [job.submission.deadline] if job.submission.deadline is not None else []
    if tool is not None and tool.limits.queue_timeout_s is not None:
        waits.append(timedelta(seconds=tool.limits.queue_timeout_s))
    return Wish(
        rank=Rank.of(job.job_id, priority=job.submission.priority),
        tool_id=job.submission.skill_id,
        locks=tool.locks if tool is not None else (),
        concurrency_max=tool.limits.concurrency_max if tool is not None else None,
        expire_time=job.create_time + min(waits) if waits else None,
    )


def seat(
    wanted: Wish, *, seated: Mapping[JobId, Seat], ancestors: Sequence[JobId], parallel_jobs_max: int
) -> Seat | None:
    """The seat that a job gets, None where it has to wait. `ancestors` begins with the nearest."""
    if wanted.concurrency_max is not None:
        # An ancestor of the same tool waits for this job: it must not count against it.
        same = sum(taken.tool_id == wanted.tool_id for job_id, taken in seated.items() if job_id not in ancestors)
        if same >= wanted.concurrency_max:
            return None
    # A borrowed seat becomes the borrower's own when its lender has ended.
    lenders = {taken.lender for taken in seated.values()} & seated.keys()
    if len(seated) - len(lenders) < parallel_jobs_max:
        return Seat(wanted.tool_id, lender=None)
    for ancestor in ancestors:
        if ancestor in seated and ancestor not in lenders:
            return Seat(wanted.tool_id, lender=ancestor)
    return None
