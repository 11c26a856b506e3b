"""A daemon's writing half with retention that keeps almost nothing: writes, sweeps, and is killed in the middle.

Usage: python -m packages.domed.tests.retaining_writer STORE
"""

import asyncio
import sys
from pathlib import Path

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState, Requester
from domed.artifacts import Artifacts
from domed.bell import Bell
from domed.clock import SystemClock, SystemIds
from domed.config import RetentionLimits
from domed.ledger import JobLedger
from domed.retention import Retention
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import exited, started, stdout, submission

LIMITS = RetentionLimits(
    output_age_s=3600.0, output_jobs_max=3, output_bytes_max=10**9, artifacts_bytes_max=10**9, changes_max=20
)
PAGE = b"x" * 99_999 + b"\n"


def acknowledge(word: str, name: str) -> None:
    sys.stdout.write(f"{word} {name}\n")
    sys.stdout.flush()


async def write(ledger: JobLedger, retention: Retention) -> None:
    for number in range(10**6):
        key = f"key-{number}"
        job_id: JobId = (await ledger.submit(submission(idempotency_key=key), b"{}")).job.job_id
        await ledger.start(job_id, started())
        for _ in range(8):
            await ledger.record(job_id, [stdout(PAGE)])
        await ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)
        acknowledge("ended", job_id)
        await ledger.refusals.record(
            method="SkillExecute",
            reason=ErrorReason.INVALID_REQUEST,
            requester=Requester(uid=1),
            skill_id=key,
            request_digest="",
        )
        acknowledge("refused", key)
        await retention.sweep()
        acknowledge("swept", job_id)


async def main(path: Path) -> None:
    clock = SystemClock()
    ids = SystemIds(clock)
    store, bell = SqliteStore.open(path, ids), Bell()
    ledger = JobLedger(store, bell, clock=clock, ids=ids)
    artifacts = Artifacts(path.parent / "artifacts", total_bytes_max=10**9)
    await write(ledger, Retention(store, bell, ledger.refusals, artifacts, limits=LIMITS, clock=clock))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
