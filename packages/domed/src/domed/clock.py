"""Time and new ids: the only home of the system clock and of chance.

Everybody else is handed a Clock and an Ids, so that a test decides what time it is and which id comes next.
Says nothing of what is done with either.
"""

import os
import time
from datetime import UTC, datetime
from typing import Final, Protocol

from dome_contracts import ids
from dome_contracts.ids import IncidentId, JobId, RefusalId, RunId

TOKEN_BYTES: Final = 32
"""What nobody guesses."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The time of day, in UTC. It may go back."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment. Never goes back; for durations."""
        ...


class Ids(Protocol):
    """Makes ids that nobody has yet."""

    def new_job_id(self) -> JobId:
        """An id that sorts after every job id of this maker."""
        ...

    def new_run_id(self) -> RunId:
        """A run of its own, for a job whose caller named none."""
        ...

    def new_error_id(self) -> IncidentId:
        """Names an unexpected error in the answer and in the log."""
        ...

    def new_refusal_id(self) -> RefusalId:
        """Names a refused request; its body sorts among those of job ids by the order in which they were made."""
        ...

    def new_store_id(self) -> str:
        """Names a store for as long as its file lives."""
        ...

    def new_token(self) -> str:
        """Printable, and nobody can guess it."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemIds:
    """Ids from the clock and the kernel's chance. Not for several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: ids.Body | None = None

    def new_job_id(self) -> JobId:
        return ids.job_id(self._body())

    def new_run_id(self) -> RunId:
        return ids.run_id(self._body())

    def new_error_id(self) -> IncidentId:
        return ids.incident_id(self._body())

    def new_refusal_id(self) -> RefusalId:
        return ids.refusal_id(self._body())

    def new_store_id(self) -> str:
        return f"store-{self._body()}"

    def new_token(self) -> str:
        return os.urandom(TOKEN_BYTES).hex()

    def _body(self) -> ids.Body:
        time_ms = int(self._clock.now().timestamp() * 1000)
        self._last = ids.body(time_ms=time_ms, entropy=os.urandom(ids.ENTROPY_BYTES), after=self._last)
        return self._last
