"""Values, clocks and ids that tests of the daemon are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dome_contracts import ids
from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import IncidentId, JobId, RefusalId, RunId
from dome_contracts.runtime.v1 import (
    Correlation,
    Outcome,
    OutcomeCause,
    Output,
    OutputStream,
    Requester,
    Started,
)
from domed.jobs.model import Submission

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FixedClock:
    """A clock that moves when it is told to."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.seconds += seconds


class CountingIds:
    """Ids that count from 1, so that what is made of them can be foretold."""

    def __init__(self) -> None:
        self._count = 0

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
        return f"token-{self._body()}"

    def _body(self) -> ids.Body:
        self._count += 1
        return ids.body(time_ms=self._count, entropy=bytes(ids.ENTROPY_BYTES))


def submission(**changes: Any) -> Submission:
    """A request like any other, but for `changes`."""
    values: dict[str, Any] = {
        "skill_id": "process.run",
        "tool_version": "1.0.0",
        "tool_digest": digest_bytes(b"tool"),
        "input_hash": digest_bytes(b"{}"),
        "request_digest": digest_bytes(b"request"),
        "working_directory": "",
        "correlation": Correlation(run_id="run-one"),
        "requester": Requester(uid=1000, pid=42, client="test/1"),
    }
    return Submission(**(values | changes))


def started() -> Started:
    return Started(attempt=1, executor_backend="local-process")


def stdout(data: bytes) -> Output:
    """A page of standard output."""
    return Output(stream=OutputStream.STDOUT, data=data, ends_partial=not data.endswith(b"\n"))


def stderr(data: bytes) -> Output:
    """A page of standard error."""
    return Output(stream=OutputStream.STDERR, data=data, ends_partial=not data.endswith(b"\n"))


def exited(exit_code: int = 0) -> Outcome:
    reason = "PROCESS.EXIT_NONZERO" if exit_code else "NONE"
    return Outcome(cause=OutcomeCause.EXITED, exit_code=exit_code, failure_reason_code=reason)
