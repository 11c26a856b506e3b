"""What the daemon needs of something that traces, and the names of what it tells. Knows no library.

Where nobody asked for traces there is no tracer: None. Names are those of OpenTelemetry's semantic conventions where
there is one, else `dome.…`. Values are ids, names, numbers and reason codes, never what a caller or a program wrote.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Final, Protocol

from dome_contracts.runtime.v1 import Correlation
from domed.telemetry.context import NOWHERE, TraceContext

Attribute = str | int | bool
Attributes = Mapping[str, Attribute]

ERROR_TYPE: Final = "error.type"
EXIT_CODE: Final = "process.exit.code"
EXECUTABLE: Final = "process.executable.name"
RPC_SYSTEM: Final = "rpc.system.name"
RPC_METHOD: Final = "rpc.method"
RPC_STATUS: Final = "rpc.response.status_code"
JOB_ID: Final = "dome.job.id"
JOB_STATE: Final = "dome.job.state"
JOB_DEDUPLICATED: Final = "dome.job.deduplicated"
OUTCOME_CAUSE: Final = "dome.outcome.cause"
TOOL_ID: Final = "dome.tool.id"
TOOL_VERSION: Final = "dome.tool.version"


TEXT_LENGTH_MAX: Final = 256
"""Characters of what a caller names. A request may be told of before it is refused for a longer one."""


class Kind(Enum):
    """What part of a span's work is the caller's."""

    SERVER = "server"
    """It answers a call."""
    CONSUMER = "consumer"
    """It does later what a call asked for."""
    INTERNAL = "internal"


class Span(Protocol):
    """One piece of work that lasts."""

    @property
    def context(self) -> TraceContext:
        """Where it is: what its parts are told."""
        ...

    def note(self, attributes: Attributes) -> None:
        """Say more of it."""
        ...

    def end(self, *, is_failed: bool = False, end_time: datetime | None = None) -> None:
        """It is over, now or at the time that is given. Returns at once: it is sent later, or lost."""
        ...


class Tracer(Protocol):
    """Takes spans and sends them elsewhere. Never raises for what happens there, and never waits for it."""

    def start(
        self,
        name: str,
        *,
        parent: TraceContext,
        kind: Kind = Kind.INTERNAL,
        attributes: Attributes | None = None,
        own: TraceContext = NOWHERE,
        start_time: datetime | None = None,
    ) -> Span:
        """A span that begins, now or at the time that is given. `own`: its place, where that is known already."""
        ...

    def close(self, timeout_s: float) -> None:
        """Send what is left, for so long at most; the rest is lost. Blocks."""
        ...


def of_correlation(correlation: Correlation) -> dict[str, Attribute]:
    """The identities that join a job to its work."""
    said = {
        "dome.run.id": correlation.run_id,
        "dome.task.id": correlation.task_id,
        "dome.group.id": correlation.group_id,
        "dome.work_package.id": correlation.work_package_id,
        "dome.parent_job.id": correlation.parent_job_id,
        "dome.client.session.id": correlation.client_session_id,
        "dome.client.call.id": correlation.client_call_id,
        "dome.effector.id": correlation.effector.id if correlation.effector is not None else "",
    }
    return {name: value[:TEXT_LENGTH_MAX] for name, value in said.items() if value}
