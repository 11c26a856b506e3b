"""A daemon's half that keeps artifacts, with a disk that ends it at one of its steps.

Usage: python -m packages.domed.tests.artifact_keeper STATE STEP before|after
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import JobState
from domed.artifacts import Artifacts, KeepLimits, Workplace
from domed.artifacts.disk import Disk
from domed.bell import Bell
from domed.clock import SystemClock, SystemIds
from domed.config import RetentionLimits
from domed.executors.port import DeclaredArtifact
from domed.ledger import JobLedger
from domed.retention import Retention
from domed.store.port import JobQuery, JobStore
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import exited, started, submission

STEPS: Final = ("make_folder", "create", "copy", "sync", "link", "move", "sync_folder", "remove")
STEP_COUNT: Final = 24
"""How many steps the disk takes for `keep_two`, in a state without artifacts."""
LIMITS: Final = KeepLimits(artifact_bytes_max=10**6, artifacts_bytes_max=10**6)


class EndingDisk(Disk):
    """Calls `end` before or after its n-th step; counts them."""

    def __init__(self, end: Callable[[], None], *, step: int, when: str) -> None:
        self.count = 0
        self._end = end
        self._step = step
        self._when = when

    def take(self, name: str, *arguments: Any, **options: Any) -> Any:
        self.count += 1
        if (self.count, self._when) == (self._step, "before"):
            self._end()
        done = getattr(Disk, name)(self, *arguments, **options)
        if (self.count, self._when) == (self._step, "after"):
            self._end()
        return done


def _counted(name: str) -> Any:
    return lambda self, *arguments, **options: self.take(name, *arguments, **options)


for _name in STEPS:
    setattr(EndingDisk, _name, _counted(_name))


@asynccontextmanager
async def opened(state: Path, disk: Disk) -> AsyncIterator[tuple[JobLedger, Artifacts]]:
    """Ledger and artifacts of a state directory, settled as a daemon does it."""
    async with stored(state, disk) as (ledger, artifacts, _):
        yield ledger, artifacts


@asynccontextmanager
async def stored(state: Path, disk: Disk) -> AsyncIterator[tuple[JobLedger, Artifacts, JobStore]]:
    """The same, with the store."""
    clock = SystemClock()
    ids = SystemIds(clock)
    os.makedirs(state, exist_ok=True)
    store = SqliteStore.open(state / "domed.sqlite", ids)
    ledger = JobLedger(store, Bell(), clock=clock, ids=ids)
    await ledger.open()
    artifacts = Artifacts(state / "artifacts", total_bytes_max=10**9, disk=disk)
    try:
        await artifacts.open(is_named=ledger.names_artifact, total_bytes=await ledger.artifact_bytes())
        yield ledger, artifacts, store
    finally:
        artifacts.close()
        await store.close()


async def keep_two(ledger: JobLedger, artifacts: Artifacts, state: Path) -> None:
    """One job with two artifacts, of which the first has the same content in every state."""
    job_id = (await ledger.submit(submission(), b"{}")).job.job_id
    await ledger.start(job_id, started())
    work = state / "work"
    os.makedirs(work, exist_ok=True)
    declared = []
    same = b"same in every job"
    # In a folder of its own, so that the steps are always as many.
    own = next(data for n in count() if shelf(data := f"{job_id} {n}".encode()) != shelf(same))
    for name, data in (("same", same), ("own", own)):
        (work / name).write_bytes(data)
        declared.append(DeclaredArtifact(name, name, "text/plain"))
    kept = await artifacts.keep(declared, Workplace(work, work), label=job_id, limits=LIMITS)
    await ledger.record(job_id, kept.artifacts)
    await artifacts.settle(kept)
    await ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)


async def retain(ledger: JobLedger, artifacts: Artifacts, store: JobStore) -> None:
    """Remove the output of all jobs but the one that ended last."""
    limits = RetentionLimits(
        output_age_s=10**9, output_jobs_max=1, output_bytes_max=10**9, artifacts_bytes_max=10**9, changes_max=1000
    )
    await Retention(store, Bell(), ledger.refusals, artifacts, limits=limits, clock=SystemClock()).sweep()


def shelf(data: bytes) -> str:
    """The folder that holds these bytes."""
    return digest_bytes(data).removeprefix("sha256:")[:2]


async def check(state: Path) -> int:
    """After a restart: what events of kept jobs name is there and whole, and nothing else is. How many artifacts."""
    async with opened(state, Disk()) as (ledger, artifacts):
        every = {each.digest for job in await ledger.jobs(JobQuery(limit=100)) for each in job.artifacts}
        named = {digest for digest in every if await ledger.names_artifact(digest)}
        for digest in every - named:
            assert await ledger.artifact_gone(digest)
        for digest in named:
            async with aclosing(artifacts.read(digest, offset=0)) as pieces:
                assert b"".join([piece async for piece in pieces])
    root = state / "artifacts"
    found = {"sha256:" + path.name for path in root.rglob("*") if path.is_file()}
    assert found == named, f"{found} on the disk, {named} in events"
    return len(named)


async def main(state: Path, step: int, when: str) -> None:
    disk = EndingDisk(lambda: os.kill(os.getpid(), signal.SIGKILL), step=step, when=when)
    async with opened(state, disk) as (ledger, artifacts):
        await keep_two(ledger, artifacts, state)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
