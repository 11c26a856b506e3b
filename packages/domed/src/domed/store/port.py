"""What the ledger needs of a store. Every implementation passes `tests/store/conformance.py`."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dome_contracts.ids import JobId, RefusalId
from dome_contracts.runtime.v1 import JobState
from domed.jobs.approval import Approval, Place
from domed.jobs.model import Job, KeyBinding, StoredEvent
from domed.jobs.refusal import Refusal


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list, newest first. Empty fields do not restrict."""

    states: frozenset[JobState] = frozenset()
    skill_id: str = ""
    run_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Only jobs that have all of these."""
    create_time_min: datetime | None = None
    """Only jobs accepted at or after this time."""
    create_time_max: datetime | None = None
    """Only jobs accepted before this time."""
    before: JobId | None = None
    """Only jobs older than this one: where the page before ended."""
    limit: int = 100

    def fits(self, job: Job) -> bool:
        """Whether the query lists the job, but for the limit."""
        submission = job.submission
        return (
            (not self.states or job.state in self.states)
            and (not self.skill_id or submission.skill_id == self.skill_id)
            and (not self.run_id or submission.correlation.run_id == self.run_id)
            and (self.labels.items() <= submission.labels.items())
            and (self.create_time_min is None or job.create_time >= self.create_time_min)
            and (self.create_time_max is None or job.create_time < self.create_time_max)
            and (self.before is None or job.job_id < self.before)
        )


@dataclass(frozen=True, slots=True)
class RefusalQuery:
    """Which refusals to list, newest first. Empty fields do not restrict."""

    skill_id: str = ""
    occur_time_min: datetime | None = None
    """Only refusals at or after this time."""
    occur_time_max: datetime | None = None
    """Only refusals before this time."""
    before: RefusalId | None = None
    """Only refusals older than this one: where the page before ended."""
    limit: int = 100

    def fits(self, refusal: Refusal) -> bool:
        """Whether the query lists the refusal, but for the limit."""
        return (
            (not self.skill_id or refusal.skill_id == self.skill_id)
            and (self.occur_time_min is None or refusal.occur_time >= self.occur_time_min)
            and (self.occur_time_max is None or refusal.occur_time < self.occur_time_max)
            and (self.before is None or refusal.refusal_id < self.before)
        )


class RefusalStore(Protocol):
    """The audit table of refused requests."""

    def refuse(self, refusal: Refusal) -> asyncio.Future[None]:
        """Store one refusal."""
        ...

    def omit_refusals(self, after: RefusalId, *, count: int) -> asyncio.Future[None]:
        """Say that so many more refusals after this one have no row. Nothing happens where it is gone."""
        ...

    def trim_refusals(self, *, kept_max: int, occur_time_min: datetime) -> asyncio.Future[int]:
        """Remove those before a time, and the oldest so that at most `kept_max` are kept; how many were removed."""
        ...

    async def refusals(self, query: RefusalQuery) -> Sequence[Refusal]:
        """Durable refusals in the order of their ids, the newest first, at most `query.limit`."""
        ...


@dataclass(frozen=True, slots=True)
class OutputLimits:
    """Of which ended jobs the output is kept."""

    end_time_min: datetime
    """Only of jobs that ended at or after this time."""
    jobs_max: int
    """Of at most so many, those that ended last; at least 1."""
    bytes_max: int
    """Of as many as have at most so many bytes together, those that ended last; always of the last one."""


class OutputStore(Protocol):
    """Output goes after a while; the facts of a job stay."""

    async def expiring(self, limits: OutputLimits, *, limit: int) -> Sequence[JobId]:
        """Ended jobs beyond the limits whose output is still there, those that ended first, at most `limit`."""
        ...

    def expire(self, job_id: JobId, *, bytes_max: int) -> asyncio.Future[bool]:
        """Remove input, output and progress of an ended job, about `bytes_max` of it; whether all of it is gone.

        From the first call on the job's key is a tombstone, and artifacts that no other job has are orphans. Every
        other fact stays, and so does the job.
        """
        ...

    async def oldest_seq(self, job_id: JobId) -> int:
        """From this seq on no event of the job is missing."""
        ...


@dataclass(frozen=True, slots=True)
class JobChange:
    """One change of state of one job."""

    revision: int
    """Its position among all changes of the store, which count from 1 without gaps."""
    job: Job
    """As the change left it, without `outcome.result`."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A portion of the changes, and what there is of them."""

    oldest: int
    """The lowest revision that is kept; 1 where there was no change yet."""
    latest: int
    """The highest revision; 0 where there was no change yet."""
    changes: Sequence[JobChange]


class ChangeStore(Protocol):
    """Every change of a job's state, written with the change itself."""

    async def changes(self, *, since_revision: int, limit: int) -> Changes:
        """Durable changes with a higher revision, in order, at most `limit`, with the bounds of the same moment."""
        ...

    def trim_changes(self, *, kept_max: int) -> asyncio.Future[int]:
        """Remove the oldest so that at most `kept_max` are kept, which is at least 1; how many were removed."""
        ...


class ArtifactStore(Protocol):
    """Which artifacts durable events name, of jobs whose output is kept.

    An artifact that no such job has any more is an orphan until its file is settled.
    """

    async def names_artifact(self, digest: str) -> bool:
        """Whether a durable event of any job whose output is kept names the artifact."""
        ...

    async def artifact_gone(self, digest: str) -> bool:
        """Whether the output of all jobs that had the artifact was removed at some time. Some may have it anew."""
        ...

    async def artifact_bytes(self) -> int:
        """How large all artifacts together are that durable events name, and all orphans, each counted once."""
        ...

    async def artifact_holders(self, *, limit: int) -> Sequence[JobId]:
        """Ended jobs that have artifacts and whose output is kept, those that ended first, at most `limit`."""
        ...

    async def orphans(self, *, limit: int) -> Mapping[str, int]:
        """Digests of orphans with their sizes, at most `limit`."""
        ...

    def settle_orphans(self, digests: Collection[str]) -> asyncio.Future[None]:
        """Say that these are none any more: their files are gone, or an event names them again."""
        ...


class ApprovalStore(Protocol):
    """Which tools the user approved."""

    def approve(self, approval: Approval) -> asyncio.Future[None]:
        """Store one approval. Where its place has one already, that one stays."""
        ...

    def revoke(self, places: Collection[Place]) -> asyncio.Future[None]:
        """Remove the approvals of these places, those that there are."""
        ...

    async def approvals(self) -> Sequence[Approval]:
        """All durable approvals."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """That a job which is created begins at once."""

    job: Job
    """As it stands then."""
    event: StoredEvent


class JobStore(ApprovalStore, ArtifactStore, ChangeStore, RefusalStore, OutputStore, Protocol):
    """Durable jobs and events.

    Writes are asked for when the method is called, also when nobody awaits them one by one. Those of one job take
    effect in the order of the calls, and so do all others; little of one job may pass much of another. Each is one
    transaction. Its future is done when the transaction is durable, which means that
    it survives a power loss; cancelling the future does not take the write back. Readers see durable rows only.

    A StoreError other than SeqTaken is for good: every later call raises one too. Any other error belongs to the one
    write that raised it. While the disk is full, what makes a job, an approval or a refusal raises StorageFull and
    stores nothing; every other write waits until there is space.
    """

    @property
    def store_id(self) -> str:
        """Identifies the store; made once, when it was created."""
        ...

    def create(
        self, job: Job, payload: bytes, event: StoredEvent, *, begun: Begun | None = None
    ) -> asyncio.Future[KeyBinding | None]:
        """Store a job with its input and first event, and bind its idempotency key.

        `begun` is the change that follows at once, in the same transaction. None when it was stored. Where the job has
        a key that is bound already, nothing is stored and the existing binding is the result. The scope of a key is the
        requester's uid and the method.
        """
        ...

    def append(self, job: Job, events: Sequence[StoredEvent], *, row: bool = True) -> asyncio.Future[None]:
        """Append `events` and make the job's row equal to `job`, whose result is that of its Finished event.

        `row=False` says that nothing of the job changed but its `last_seq`, which is cheaper. Raises SeqTaken where
        the first event does not follow the last one in the store: then nothing is stored.
        """
        ...

    async def job(self, job_id: JobId) -> Job | None:
        """The job as of its last durable event, or None."""
        ...

    async def binding(self, uid: int, key: str) -> KeyBinding | None:
        """What a user's key for SkillExecute is bound to, or None."""
        ...

    async def payload(self, job_id: JobId) -> bytes:
        """The input bytes of a job. Raises JobNotFound."""
        ...

    async def jobs(self, query: JobQuery) -> Sequence[Job]:
        """Jobs in the order of creation, newest first, at most `query.limit`, each without `outcome.result`."""
        ...

    async def events(self, job_id: JobId, *, since_seq: int, bytes_max: int) -> Sequence[StoredEvent]:
        """Stored events with `last_seq > since_seq`, in order: at least one if there is one, then up to `bytes_max`.

        The first may begin at or before `since_seq` where it is a page that covers it.
        """
        ...

    def answers(self) -> asyncio.Future[None]:
        """Change nothing. Done when the store has come to it, which shows that it still writes.

        It has to wait for what was asked for before, but for space on a full disk: then it raises StorageFull.
        """
        ...

    async def close(self) -> None:
        """Finish what was asked for, then close. Later calls raise StoreClosed. Harmless when repeated."""
        ...
