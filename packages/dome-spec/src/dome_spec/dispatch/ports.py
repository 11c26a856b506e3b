"""What dispatch needs of the runtime plane, and whom it tells. Clients satisfy the port by their shape."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dome_spec.kernel import Catalog, Runtime

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import JobChange, JobEvent, JobState, ListJobsResponse, ToolSummary
    from dome_contracts.schema.control.work_queue import WorkQueue
    from dome_spec.dispatch.job.result import Assignment


class RuntimePlane(Runtime, Catalog, Protocol):
    """A daemon as dispatch uses it. Failed calls raise an exception with `reason`; see `refusals`."""

    def events(self, job_id: str, *, since_seq: int = 0, follow: bool = True) -> "AsyncGenerator[JobEvent, None]":
        """The events after `since_seq`, in order, without gaps; with `follow`, until the job has ended."""
        ...

    def stored_events(self, job_id: str, *, since_seq: int = 0) -> AsyncGenerator[bytes, None]:
        """The events of a job so far, each in the bytes in which it is stored: those that its hash chain is over."""
        ...

    def watch(
        self,
        *,
        since_revision: int = 0,
        states: "Sequence[JobState]" = (),
        labels: Mapping[str, str] | None = None,
    ) -> "AsyncGenerator[JobChange, None]":
        """State changes after a revision, of all jobs that fit."""
        ...

    async def listing(
        self,
        *,
        states: "Sequence[JobState]" = (),
        labels: Mapping[str, str] | None = None,
        include_refused: bool = False,
        limit: int = 100,
    ) -> "ListJobsResponse":
        """The newest jobs that fit, newest first, and the revision after which `watch` goes on.

        With `include_refused` also the newest refused requests, which states and labels do not leave out; only of a
        daemon that has the feature for it.
        """
        ...

    def artifact(self, digest: str) -> AsyncGenerator[bytes, None]:
        """The bytes of an artifact, in pieces."""
        ...


@dataclass(frozen=True, slots=True)
class Denial:
    """Why an attempt may not begin."""

    policy_reason_code: str
    message: str


class Admission(Protocol):
    """Says of each attempt whether it may begin, before the daemon is asked for its job."""

    def ask(self, assignment: "Assignment", tool: "ToolSummary") -> Denial | None:
        """Why it may not; None where it may. The same attempt has one answer, however often it is asked about."""
        ...


class Listener(Protocol):
    """Is told how a run goes. Must return soon, and decides nothing."""

    def queue_changed(self, queue: "WorkQueue") -> None:
        """The queue as it was just kept."""
        ...

    def job_told(self, task_id: str, text: str) -> None:
        """How far the job of a task says it is."""
        ...

    def daemon_away(self, *, since_s: float, message: str) -> None:
        """The daemon has not answered for so long, as the client says it; requests are repeated."""
        ...


class Silent:
    """A listener that tells nobody."""

    def queue_changed(self, queue: "WorkQueue") -> None:
        pass

    def job_told(self, task_id: str, text: str) -> None:
        pass

    def daemon_away(self, *, since_s: float, message: str) -> None:
        pass
