"""What the ledger needs of a store. Every implementation passes `tests/store/conformance.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState

from domed.jobs.model import Job, StoredEvent


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """What an idempotency key is bound to."""

    job_id: JobId
    request_digest: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs to list, newest first. Empty fields do not restrict."""

    states: frozenset[JobState] = frozenset()
    skill_id: str = ""
    run_id: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    create_time_min: datetime | None = None
    create_time_max: datetime | None = None
    before: JobId | None = None
    """Only jobs older than this one: where the page before ended."""
    limit: int = 100


class JobStore(Protocol):
    """Durable jobs and events.

    A method that writes returns after its transaction is durable (it survives a power loss). Writes take effect in the
    order in which they were called, also when they are not awaited one by one. Readers see durable rows only.
    """

    @property
    def store_id(self) -> str:
        """Identifies the store; made once, when it was created."""
        ...

    async def create(self, job: Job, payload: bytes, event: StoredEvent) -> KeyBinding | None:
        """Store a job with its input and first event, and bind its idempotency key, in one transaction.

        Returns None when it was stored. Where the job has a key that is bound already, nothing is stored and
        the existing binding is returned.
        """
        ...

    async def append(self, job: Job, events: Sequence[StoredEvent], *, expect_seq: int) -> None:
        """Append `events` and make the job's row equal to `job`, in one transaction.

        `expect_seq` is the last seq that the caller knows. Raises SeqTaken where the store has another one: then
        nothing is stored.
        """
        ...

    async def job(self, job_id: JobId) -> Job | None:
        """The job as of its last durable event, or None."""
        ...

    async def payload(self, job_id: JobId) -> bytes:
        """The input bytes of a job. Raises JobNotFound."""
        ...

    async def jobs(self, query: JobQuery) -> Sequence[Job]:
        """Jobs in the order of creation, newest first, at most `query.limit`."""
        ...

    async def events(self, job_id: JobId, *, since_seq: int, bytes_max: int) -> Sequence[StoredEvent]:
        """Stored events with `last_seq > since_seq`, in order: at least one if there is one, then up to `bytes_max`.

        The first may begin at or before `since_seq` where it is a page that covers it.
        """
        ...

    async def close(self) -> None:
        """Finish what was asked for, then close. Later calls raise StoreClosed."""
        ...
