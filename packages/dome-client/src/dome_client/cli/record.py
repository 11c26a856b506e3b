"""Reads the record of one job together: the job, its provenance and the head of its hash chain."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dome_client.client import TERMINAL
from dome_client.errors import DomeError

if TYPE_CHECKING:
    from dome_client.client import Client
    from dome_contracts.runtime.v1 import Job, RunProvenance

_FAILED_PRECONDITION = 9


@dataclass(frozen=True, slots=True)
class Record:
    """What there is to show of one run."""

    job: "Job"
    provenance: "RunProvenance"
    chain_head: str
    """Empty while the job has not ended."""


class NoRecord(DomeError):
    """There is no record, or not yet."""


async def record_of(dome: "Client", job_id: str, *, ended: bool) -> Record:
    """The record of a job. Raises NoRecord where no program was started, or, with `ended`, where it still runs."""
    job = await dome.status(job_id)
    if ended and job.state not in TERMINAL:
        raise NoRecord(
            f"{job_id} has not ended, so its record is not complete.",
            grpc_status=_FAILED_PRECONDITION,
            remedy=f"Wait for it with `dome wait {job_id}`.",
        )
    if job.provenance is None:
        raise NoRecord(f"{job_id} has started no program, so there is no record.", grpc_status=_FAILED_PRECONDITION)
    return Record(job, job.provenance, await _chain_head(dome, job))


async def _chain_head(dome: "Client", job: "Job") -> str:
    if job.state not in TERMINAL:
        return ""
    async with aclosing(dome.events(job.job_id, since_seq=job.last_seq - 1, follow=False)) as events:
        async for event in events:
            if event.finished is not None:
                return event.finished.chain_head
    return ""
