"""Says which requests were refused: one row each, durable before the answer, and never so many that they fill the disk.

What comes too fast, or is too much, is counted instead, at the row before. Changes no job.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.ids import RefusalId
from dome_contracts.runtime.v1 import Requester
from domed.clock import Clock, Ids
from domed.errors import StorageFull
from domed.jobs.refusal import Refusal
from domed.store.port import JobStore, RefusalQuery
from domed.telemetry import Log

KEPT_MAX: Final = 10_000
"""Most refusals that are kept. The oldest go first."""
KEPT_AGE_MAX: Final = timedelta(days=30)
"""How long a refusal is kept."""
TRIM_EVERY: Final = 500
"""So many are written before the table is looked at again, and so many more than the most may be there until then."""
BURST_MAX: Final = 600
"""Most refusals that get a row each, however fast they come."""
PER_SECOND_MAX: Final = 10.0
"""How many get a row each of those that come on and on."""
EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
TEXT_LENGTH_MAX: Final = 256
"""Most characters of a text that the caller chose."""

T = TypeVar("T")
log = Log("ledger.refusals")


class Refusals:
    """The audit of refused requests. One for the daemon."""

    def __init__(self, store: JobStore, *, clock: Clock, ids: Ids, fail: Callable[[BaseException], None]) -> None:
        """`fail` is told of a store that failed."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._fail = fail
        self._allowance = float(BURST_MAX)
        self._allowed_s = clock.monotonic()
        self._last: RefusalId | None = None
        self._omitted = 0
        self._written = 0

    async def record(
        self, *, method: str, reason: ErrorReason, requester: Requester, skill_id: str, request_digest: str
    ) -> None:
        """Durable when the call returns; counted where there are too many, or the disk is full. Raises StoreError."""
        if not self._is_allowed() and self._last is not None:
            if not self._omitted:
                log.warning("refusals come too fast for a row each: they are counted", per_second_max=PER_SECOND_MAX)
            self._omitted += 1
            return
        self.flush()
        refusal = Refusal(
            refusal_id=self._ids.new_refusal_id(),
            occur_time=self._clock.now(),
            method=_cut(method),
            skill_id=_cut(skill_id),
            reason=reason,
            request_digest=request_digest,
            requester=replace(
                requester,
                client=_cut(requester.client),
                client_session_id=_cut(requester.client_session_id),
                client_call_id=_cut(requester.client_call_id),
            ),
        )
        write = self._watched(self._store.refuse(refusal))
        before, self._last = self._last, refusal.refusal_id
        if self._written % TRIM_EVERY == 0:
            # By their number only: what is old goes with `trim`, by a clock that can be believed.
            self._watched(self._trim(EVER))
        self._written += 1
        try:
            await asyncio.shield(write)
        except StorageFull:
            self._omitted += 1
            if self._last == refusal.refusal_id:
                self._last = before

    async def newest(self, query: RefusalQuery) -> Sequence[Refusal]:
        """Durable refusals, newest first, with all that were counted. Raises StoreError."""
        if (write := self.flush()) is not None:
            await asyncio.shield(write)
        return await self._store.refusals(query)

    async def trim(self, now: datetime) -> int:
        """Remove what is too old or too much; how many went. Raises StoreError."""
        return await asyncio.shield(self._watched(self._trim(now - KEPT_AGE_MAX)))

    def flush(self) -> asyncio.Future[None] | None:
        """Write how many were counted since the last row. None where none were."""
        if not self._omitted or self._last is None:
            return None
        omitted, self._omitted = self._omitted, 0
        log.warning("refusals were counted", omitted=omitted, after=self._last)
        return self._watched(self._store.omit_refusals(self._last, count=omitted))

    def _trim(self, occur_time_min: datetime) -> asyncio.Future[int]:
        return self._store.trim_refusals(kept_max=KEPT_MAX, occur_time_min=occur_time_min)

    def _is_allowed(self) -> bool:
        now_s = self._clock.monotonic()
        self._allowance = min(BURST_MAX, self._allowance + (now_s - self._allowed_s) * PER_SECOND_MAX)
        self._allowed_s = now_s
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _watched(self, write: asyncio.Future[T]) -> asyncio.Future[T]:
        """The write, of whose failure the daemon hears also when nobody waits for it."""

        def settle(write: asyncio.Future[T]) -> None:
            error = None if write.cancelled() else write.exception()
            if error is not None and not isinstance(error, StorageFull):
                self._fail(error)

        write.add_done_callback(settle)
        return write


def _cut(text: str) -> str:
    return text[:TEXT_LENGTH_MAX]
