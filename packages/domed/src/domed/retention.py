"""Retention: output goes by age, count and bytes, with artifacts; old changes and refusals go too. Facts of jobs stay.

Knows what goes, and in which portions, so that nobody waits long for it; the store knows how.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from dome_contracts.ids import JobId
from domed.artifacts import Artifacts
from domed.bell import CHANGES, Bell
from domed.clock import Clock
from domed.config import RetentionLimits
from domed.ledger.refusals import Refusals
from domed.store.port import JobStore, OutputLimits
from domed.telemetry import Log

SLICE_BYTES_MAX: Final = 4 * 1024 * 1024
"""About so much output goes in one transaction."""
JOBS_MAX: Final = 100
"""So many jobs are looked for at a time."""
ORPHANS_MAX: Final = 256
"""So many files of artifacts are removed at a time."""
PAUSE_S: Final = 60.0
"""Between two looks while jobs end."""
AGE_S: Final = 3600.0
"""Between two looks while none does: things grow old by themselves."""
AHEAD_S: Final = 3600.0
"""A clock that gains more than this on the time that passed was set, or the machine slept."""
SURE_S: Final = 24 * 3600.0
"""So long it is not believed: what goes because of a wrong clock is gone for good, and what stays costs little."""

log = Log("retention")


class Present:
    """The time of day by which things are old: one that jumps ahead counts when it has stood for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known = clock.now()
        self._known_s = clock.monotonic()
        self._ahead_s: float | None = None
        """Since when the clock says more than the time that passed."""

    def now(self) -> datetime:
        """Never ahead of what is sure; behind it, where the clock was set back."""
        said, now_s = self._clock.now(), self._clock.monotonic()
        due = self._known + timedelta(seconds=now_s - self._known_s)
        if said <= due + timedelta(seconds=AHEAD_S):
            self._ahead_s = None
        elif self._ahead_s is None or now_s - self._ahead_s < SURE_S:
            self._ahead_s = now_s if self._ahead_s is None else self._ahead_s
            return due
        self._known, self._known_s, self._ahead_s = said, now_s, None
        return said


class Retention:
    """Removes what is beyond the limits. One for the daemon."""

    def __init__(
        self,
        store: JobStore,
        bell: Bell,
        refusals: Refusals,
        artifacts: Artifacts,
        *,
        limits: RetentionLimits,
        clock: Clock,
    ) -> None:
        self._store = store
        self._bell = bell
        self._refusals = refusals
        self._artifacts = artifacts
        self._limits = limits
        self._present = Present(clock)

    async def run(self) -> None:
        """Look at once, then after jobs ended and from time to time, until cancelled. Raises StoreError."""
        with self._bell.listen(CHANGES) as listener:
            while True:
                await self.sweep()
                await listener.wait(AGE_S)
                await asyncio.sleep(PAUSE_S)  # many may end meanwhile, and are one look

    async def sweep(self) -> int:
        """Remove everything that is beyond the limits; of how many jobs the output went. Raises StoreError."""
        now = self._present.now()
        limits = OutputLimits(
            end_time_min=now - timedelta(seconds=self._limits.output_age_s),
            jobs_max=self._limits.output_jobs_max,
            bytes_max=self._limits.output_bytes_max,
        )
        await self._forget()  # what an earlier daemon did not come to
        count = 0
        while jobs := await self._store.expiring(limits, limit=JOBS_MAX):
            for job_id in jobs:
                await self._expire(job_id)
                count += 1
        if await self._forget():
            count += await self._shrink()
        changes = await self._store.trim_changes(kept_max=self._limits.changes_max)
        refusals = await self._refusals.trim(now)
        if count or changes or refusals:
            log.info("removed", jobs_output=count, changes=changes, refusals=refusals)
        return count

    async def _shrink(self) -> int:
        """Remove output of jobs with artifacts until these are within their limit; of how many it went."""
        count = 0
        while self._artifacts.total_bytes > self._limits.artifacts_bytes_max:
            holders = await self._store.artifact_holders(limit=2)
            if len(holders) < 2:
                break
            await self._expire(holders[0])
            count += 1
            if not await self._forget():
                break  # more would go, and nothing would become free
        return count

    async def _expire(self, job_id: JobId) -> None:
        while not await self._store.expire(job_id, bytes_max=SLICE_BYTES_MAX):
            pass

    async def _forget(self) -> bool:
        """Remove the files of artifacts that no kept job has. False where some are left."""
        while orphans := await self._store.orphans(limit=ORPHANS_MAX):
            settled = await self._artifacts.forget(orphans, is_named=self._store.names_artifact)
            if settled:
                await self._store.settle_orphans(settled)
            if len(settled) < len(orphans):
                return False
        return True
