"""The runtime plane as this plane sees it: two ports. Clients satisfy them by their shape; nothing here knows one."""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import (
        Correlation,
        ExecuteConstraints,
        Job,
        JobChange,
        JobEvent,
        ListCapabilitiesResponse,
        ListToolsResponse,
        LockWait,
        ToolDescriptor,
        ToolKind,
    )


class Runtime(Protocol):
    """Executes tools. Failed calls raise an exception with `reason`, a name of the contract's `ErrorReason`."""

    async def capabilities(self) -> "ListCapabilitiesResponse":
        """What the daemon is and can do."""
        ...

    async def tools(
        self, query: str = "", *, kind: "ToolKind" = ..., working_directory: str = ""
    ) -> "ListToolsResponse":
        """The whole catalog as the working directory sees it, ordered by id, and what it leaves out."""
        ...

    async def execute(
        self,
        skill_id: str,
        tool_input: Mapping[str, Any] | bytes = b"",
        *,
        idempotency_key: str = "",
        tool_version: str | None = None,
        tool_digest: str | None = None,
        working_directory: str = "",
        environment: Mapping[str, str] | None = None,
        constraints: "ExecuteConstraints | None" = None,
        priority: int = 0,
        lock_wait: "LockWait" = ...,
        labels: Mapping[str, str] | None = None,
        correlation: "Correlation | None" = None,
    ) -> "Job":
        """Ask for one execution. Durable before the answer; the same key and request give the same job."""
        ...

    async def status(self, job_id: str) -> "Job":
        """One job as it stands."""
        ...

    async def cancel(self, job_id: str, *, reason: str = "") -> "Job":
        """Ask for the end of a job. Idempotent; it has not ended by the answer."""
        ...

    def events(self, job_id: str, *, since_seq: int = 0, follow: bool = True) -> "AsyncIterator[JobEvent]":
        """The events after `since_seq`, in order, without gaps; with `follow`, until the job has ended."""
        ...

    def watch(self, *, since_revision: int = 0) -> "AsyncIterator[JobChange]":
        """State changes of all jobs after a revision."""
        ...


class Catalog(Protocol):
    """Describes tools and reads what runs produced."""

    async def tool(self, tool_id: str, *, working_directory: str = "") -> "ToolDescriptor":
        """One tool in full, with its schemas."""
        ...

    def artifact(self, digest: str) -> AsyncIterator[bytes]:
        """The bytes of an artifact, in pieces."""
        ...
