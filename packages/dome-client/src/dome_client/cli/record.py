"""Reads the record of one job together: the job, its provenance, the head of its hash chain; verified, or explained."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dome_client.client import TERMINAL
from dome_client.errors import DomeError
from dome_client.history import Account, Check, Finding, Verifier

if TYPE_CHECKING:
    from dome_client.client import Client
    from dome_client.history import Explanation, Verification
    from dome_contracts.runtime.v1 import Artifact, Job, RunProvenance, Submitted

_FAILED_PRECONDITION = 9
_ARTIFACT_FAULTS = {
    "ARTIFACT_NOT_FOUND": "is not there",
    "ARTIFACT_GONE": "cannot be checked: retention removed it",
    "ARTIFACT_CORRUPT": "does not have that digest",
}
"""What is wrong with an artifact that cannot be read, by the reason."""


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
    """The record of a job. Raises NoRecord where there is none yet, or, with `ended`, where it is not complete."""
    job = await (_ended(dome, job_id) if ended else dome.status(job_id))
    if job.provenance is None:
        raise NoRecord(
            f"{job_id} has neither started its program nor ended, so there is no record yet.",
            grpc_status=_FAILED_PRECONDITION,
            remedy=f"Wait for it with `dome wait {job_id}`.",
        )
    return Record(job, job.provenance, await _chain_head(dome, job))


async def verification_of(dome: "Client", job_id: str, *, head: str) -> "Verification":
    """What comes of verifying the record of a job that has ended. Raises NoRecord where it has not.

    `head`: the head of the chain as it was kept elsewhere; empty where it was not.
    """
    job = await _ended(dome, job_id)
    verifier = Verifier(job_id)
    async with aclosing(_stored(dome, job_id)) as events:
        async for data in events:
            verifier.add(data)
    found = verifier.conclude(job, head=head)
    findings = [each for artifact in job.artifacts async for each in _artifact_findings(dome, artifact)]
    return replace(found, findings=[*found.findings, *findings])


async def _stored(dome: "Client", job_id: str) -> AsyncGenerator[bytes, None]:
    """What is kept of the events of a job: where some are gone, those after them."""
    since_seq = 0
    while True:
        try:
            async with aclosing(dome.stored_events(job_id, since_seq=since_seq)) as events:
                async for data in events:
                    yield data
            return
        except DomeError as error:
            oldest = int(error.metadata.get("oldest", "0"))
            if error.reason != "EVENTS_GONE" or oldest <= since_seq + 1:
                raise
            since_seq = oldest - 1


async def explanation_of(dome: "Client", job_id: str) -> "tuple[Explanation, Mapping[str, Submitted]]":
    """How a job went so far, and what the jobs were that it waited for, as far as they are known."""
    account = Account()
    async with aclosing(dome.events(job_id, follow=False)) as events:
        async for event in events:
            account.add(event)
    explanation = account.explanation()
    known = {holder: await _submitted(dome, holder) for holder in explanation.holders}
    return explanation, {holder: submitted for holder, submitted in known.items() if submitted is not None}


async def _ended(dome: "Client", job_id: str) -> "Job":
    job = await dome.status(job_id)
    if job.state not in TERMINAL:
        raise NoRecord(
            f"{job_id} has not ended, so its record is not complete.",
            grpc_status=_FAILED_PRECONDITION,
            remedy=f"Wait for it with `dome wait {job_id}`.",
        )
    return job


async def _artifact_findings(dome: "Client", artifact: "Artifact") -> AsyncGenerator[Finding, None]:
    name, size_bytes = f"The artifact {artifact.name!r} ({artifact.digest})", 0
    try:
        async with aclosing(dome.artifact(artifact.digest)) as pieces:
            async for piece in pieces:
                size_bytes += len(piece)
    except DomeError as error:
        if error.reason not in _ARTIFACT_FAULTS:
            raise
        yield Finding(Check.ARTIFACTS, f"{name} {_ARTIFACT_FAULTS[error.reason]}.")
        return
    if size_bytes != artifact.size_bytes:
        yield Finding(Check.ARTIFACTS, f"{name} has {size_bytes} bytes, and the record says {artifact.size_bytes}.")


async def _submitted(dome: "Client", job_id: str) -> "Submitted | None":
    """The first fact of a job. None where it is not kept any more."""
    try:
        async with aclosing(dome.events(job_id, follow=False)) as events:
            async for event in events:
                return event.submitted
    except DomeError as error:
        if error.reason not in ("JOB_NOT_FOUND", "EVENTS_GONE"):
            raise
    return None


async def _chain_head(dome: "Client", job: "Job") -> str:
    if job.state not in TERMINAL:
        return ""
    async with aclosing(dome.events(job.job_id, since_seq=job.last_seq - 1, follow=False)) as events:
        async for event in events:
            if event.finished is not None:
                return event.finished.chain_head
    return ""
