"""What the bridge asks of a daemon, and the connection that is made with the first question.

The bridge outlives its daemon: nothing here is held that a restart of the daemon would break.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from typing import Any, Final, Protocol

from dome_client.calling import Patience
from dome_contracts.runtime.v1 import Correlation, Job, JobEvent, ListToolsResponse, ToolDescriptor

PATIENCE: Final = Patience(call_timeout_s=10.0, retry_s=5.0, reconnect_s=3.0)
"""Shorter than the SDK's: a call of a tool has less than half a minute for all it does."""


class Runtime(Protocol):
    """A daemon, or what stands for one in a test. The methods of `dome_client.Client`, which says what they promise."""

    async def tools(self, query: str = "", *, working_directory: str = "") -> ListToolsResponse: ...

    async def tool(self, tool_id: str, *, working_directory: str = "") -> ToolDescriptor: ...

    def execute(
        self,
        skill_id: str,
        tool_input: Mapping[str, Any] | bytes = b"",
        *,
        idempotency_key: str = "",
        tool_digest: str | None = None,
        working_directory: str = "",
        correlation: Correlation | None = None,
    ) -> Coroutine[Any, Any, Job]: ...

    async def status(self, job_id: str) -> Job: ...

    async def wait(self, job_id: str) -> Job: ...

    def events(self, job_id: str, *, since_seq: int = 0, follow: bool = True) -> AsyncGenerator[JobEvent, None]: ...

    async def cancel(self, job_id: str, *, reason: str = "") -> Job: ...


Connect = Callable[[], Runtime]
"""Gives the way to the daemon, the same one each time. Raises EndpointInvalid."""
