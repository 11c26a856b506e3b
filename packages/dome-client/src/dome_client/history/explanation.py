"""How a job went: what it waited for, when it was silent, who ended it and how.

Values only, and what follows from them. Words for people are made elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from signal import SIGKILL
from typing import Final, Generic, TypeVar

from dome_contracts.failure_reasons import FAILURE_REASONS, Failure, FailureReason
from dome_contracts.runtime.v1 import (
    Artifact,
    CancelRequested,
    Finished,
    JobState,
    OutputStream,
    Progress,
    SignalCause,
    Signaled,
    Started,
    Submitted,
    SurvivorFound,
    WaitCause,
)

T_co = TypeVar("T_co", covariant=True)


class Limit(StrEnum):
    """A limit that was reached, whether or not it ended the job."""

    QUEUE_TIMEOUT = "queue_timeout"
    RUN_TIMEOUT = "run_timeout"
    IDLE_TIMEOUT = "idle_timeout"
    OUTPUT_BYTES_MAX = "output_bytes_max"


@dataclass(frozen=True, slots=True)
class Wait:
    """A time in which the job waited for one thing before its start."""

    cause: WaitCause
    lock: str
    """Empty for a slot."""
    holder_job_id: str
    """Who held the lock when the waiting began. Empty for a slot."""
    start_time: datetime
    end_time: datetime | None
    """None while it waits."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which a running program neither wrote nor reported anything."""

    since_seq: int
    start_time: datetime
    end_time: datetime


@dataclass(frozen=True, slots=True)
class Stream:
    """What is recorded of one stream, and what is not."""

    stream: OutputStream
    bytes: int
    records: int
    left_out_bytes: int
    left_out_lines: int


@dataclass(frozen=True, slots=True)
class Happened(Generic[T_co]):
    """A fact, its number and its time."""

    seq: int
    time: datetime
    fact: T_co


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a job went, as far as its events tell."""

    job_id: str
    last_seq: int
    last_time: datetime | None
    """Of the newest event."""
    submitted: Happened[Submitted] | None
    waits: Sequence[Wait]
    started: Happened[Started] | None
    silences: Sequence[Silence]
    streams: Sequence[Stream]
    progress: Happened[Progress] | None
    """The newest."""
    artifacts: Sequence[Artifact]
    cancellation: Happened[CancelRequested] | None
    signals: Sequence[Happened[Signaled]]
    survivors: Sequence[Happened[SurvivorFound]]
    finished: Happened[Finished] | None

    @property
    def state(self) -> JobState:
        """Where the job stands."""
        if self.finished is not None:
            return self.finished.fact.state
        return JobState.RUNNING if self.started is not None else JobState.QUEUED

    @property
    def failure(self) -> Failure | None:
        """What the catalogue says of the failure. None where there is none, or one that this version does not know."""
        outcome = self.finished.fact.outcome if self.finished is not None else None
        code = outcome.failure_reason_code if outcome is not None else ""
        if code == FailureReason.NONE or code not in FAILURE_REASONS:
            return None
        return FAILURE_REASONS[FailureReason(code)]

    @property
    def limits(self) -> Sequence[Limit]:
        """The limits that were reached, the one that ended the job first."""
        ended_by = _LIMITS.get(self.failure.code) if self.failure is not None else None
        found = [ended_by] if ended_by is not None else []
        found += [limit for each in self.signals if (limit := _LIMITS_BY_SIGNAL.get(each.fact.cause)) is not None]
        if any(stream.left_out_bytes for stream in self.streams):
            found.append(Limit.OUTPUT_BYTES_MAX)
        return list(dict.fromkeys(found))

    @property
    def grace(self) -> timedelta | None:
        """The time between the first signal and the final one. None where there were not both."""
        kills = [each.time for each in self.signals if each.fact.signal == SIGKILL]
        return kills[0] - self.signals[0].time if kills and self.signals[0].fact.signal != SIGKILL else None

    @property
    def holders(self) -> Sequence[str]:
        """The jobs that it waited for, each once, in order."""
        return list(dict.fromkeys(wait.holder_job_id for wait in self.waits if wait.holder_job_id))


_LIMITS: Final[Mapping[FailureReason, Limit]] = {
    FailureReason.TIME_QUEUE_TIMEOUT: Limit.QUEUE_TIMEOUT,
    FailureReason.TIME_RUN_TIMEOUT: Limit.RUN_TIMEOUT,
    FailureReason.TIME_IDLE_TIMEOUT: Limit.IDLE_TIMEOUT,
    FailureReason.LIMIT_OUTPUT_BYTES: Limit.OUTPUT_BYTES_MAX,
}
_LIMITS_BY_SIGNAL: Final[Mapping[SignalCause, Limit]] = {
    SignalCause.RUN_TIMEOUT: Limit.RUN_TIMEOUT,
    SignalCause.IDLE_TIMEOUT: Limit.IDLE_TIMEOUT,
    SignalCause.OUTPUT_LIMIT: Limit.OUTPUT_BYTES_MAX,
}
