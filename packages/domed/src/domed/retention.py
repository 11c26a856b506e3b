"""Retention: output goes by age, count and bytes; old changes and refusals go too. The facts of jobs stay.

Knows what goes, and in which portions, so that nobody waits long for it; the store knows how.
"""

import asyncio
from datetime import timedelta
from typing import Final

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
PAUSE_S: Final = 60.0
"""Between two looks while jobs end."""
AGE_S: Final = 3600.0
"""Between two looks while none does: things grow old by themselves."""

log = Log("retention")


class Retention:
    """Removes what is beyond the limits. One for the daemon."""

    def __init__(
        self, store: JobStore, bell: Bell, refusals: Refusals, *, limits: RetentionLimits, clock: Clock
    ) -> None:
        self._store = store
        self._bell = bell
        self._refusals = refusals
        self._limits = limits
        self._clock = clock

    async def run(self) -> None:
        """Look at once, then after jobs ended and from time to time, until cancelled. Raises StoreError."""
        with self._bell.listen(CHANGES) as listener:
            while True:
                await self.sweep()
                await listener.wait(AGE_S)
                await asyncio.sleep(PAUSE_S)  # many may end meanwhile, and are one look

    async def sweep(self) -> int:
        """Remove everything that is beyond the limits; of how many jobs the output went. Raises StoreError."""
        now = self._clock.now()
        limits = OutputLimits(
            end_time_min=now - timedelta(seconds=self._limits.output_age_s),
            jobs_max=self._limits.output_jobs_max,
            bytes_max=self._limits.output_bytes_max,
        )
        count = 0
        while jobs := await self._store.expiring(limits, limit=JOBS_MAX):
            for job_id in jobs:
                while not await self._store.expire(job_id, bytes_max=SLICE_BYTES_MAX):
                    pass
                count += 1
        changes = await self._store.trim_changes(kept_max=self._limits.changes_max)
        refusals = await self._refusals.trim()
        if count or changes or refusals:
            log.info("removed", jobs_output=count, changes=changes, refusals=refusals)
        return count
