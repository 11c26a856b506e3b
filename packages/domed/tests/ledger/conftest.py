"""A ledger over each store, and jobs in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobEvent, JobState
from domed.bell import Bell
from domed.jobs import encoding
from domed.jobs.model import Job, KeyBinding, StoredEvent
from domed.ledger import JobLedger
from domed.store.memory import MemoryStore
from domed.store.port import Begun, JobStore
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, submission

SOON_S = 0.01
CANCEL = CancelRequested(reason="enough")


@pytest.fixture
def ids() -> CountingIds:
    return CountingIds()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, ids: CountingIds) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory") if request.param == "memory" else SqliteStore.open(tmp_path / "domed.sqlite", ids)
    )
    yield store
    await store.close()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def ledger(store: JobStore, bell: Bell, ids: CountingIds) -> JobLedger:
    return JobLedger(store, bell, clock=FixedClock(), ids=ids)


async def submit(ledger: JobLedger, **changes: Any) -> JobId:
    return (await ledger.submit(submission(**changes), b"{}")).job.job_id


async def run(ledger: JobLedger, **changes: Any) -> JobId:
    job_id = await submit(ledger, **changes)
    await ledger.start(job_id, started())
    return job_id


async def succeed(ledger: JobLedger, job_id: JobId) -> Job:
    return await ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)


async def stored(ledger: JobLedger, job_id: JobId) -> Sequence[StoredEvent]:
    return await ledger.events(job_id, since_seq=0, bytes_max=10**9)


async def messages(ledger: JobLedger, job_id: JobId) -> list[JobEvent]:
    return [encoding.decode(event.data) for event in await stored(ledger, job_id)]


async def kinds(ledger: JobLedger, job_id: JobId) -> list[str]:
    return [type(encoding.fact_of(message)).__name__ for message in await messages(ledger, job_id)]


class HeldStore(MemoryStore):
    """A store whose disk can be held and can fail."""

    def __init__(self) -> None:
        super().__init__("store-held")
        self.error: Exception | None = None
        self._held: list[Callable[[], None]] | None = []

    def hold(self) -> None:
        self._held = []

    def let_through(self) -> None:
        held, self._held = self._held or [], None
        for write in held:
            write()

    def create(
        self, job: Job, payload: bytes, event: StoredEvent, *, begun: Begun | None = None
    ) -> asyncio.Future[KeyBinding | None]:
        create = super().create
        return self._write(lambda: create(job, payload, event, begun=begun))

    def append(self, job: Job, events: Sequence[StoredEvent], *, row: bool = True) -> asyncio.Future[None]:
        append = super().append
        return self._write(lambda: append(job, events, row=row))

    def _write(self, write: Callable[[], asyncio.Future[Any]]) -> asyncio.Future[Any]:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def perform() -> None:
            if self.error is not None:
                done.set_exception(self.error)
            else:
                done.set_result(write().result())

        if self._held is None:
            perform()
        else:
            self._held.append(perform)
        return done
