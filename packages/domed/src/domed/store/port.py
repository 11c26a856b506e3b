"""What the ledger needs of a store. Every implementation passes `tests/store/conformance.py`."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from domed.jobs.model import Job, KeyBinding, StoredEvent


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


class JobStore(Protocol):
    """Durable jobs and events.

    Writes are asked for when the method is called and take effect in the order of the calls, also when nobody awaits
    them one by one. Each is one transaction. Its future is done when the transaction is durable, which means that
    it survives a power loss; cancelling the future does not take the write back. Readers see durable rows only.

    A StoreError other than SeqTaken is for good: every later call raises one too. Any other error belongs to the one
    write that raised it.
    """

    @property
    def store_id(self) -> str:
        """Identifies the store; made once, when it was created."""
        ...

    def create(self, job: Job, payload: bytes, event: StoredEvent) -> asyncio.Future[KeyBinding | None]:
        """Store a job with its input and first event, and bind its idempotency key.

        None when it was stored. Where the job has a key that is bound already, nothing is stored and the existing
        binding is the result. The scope of a key is the requester's uid and the method.
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

    async def close(self) -> None:
        """Finish what was asked for, then close. Later calls raise StoreClosed. Harmless when repeated."""
        ...
