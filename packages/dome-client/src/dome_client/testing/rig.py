"""What a suite for runtimes is given: a runtime, and requests that do what their names say. Reads answers, too."""

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, Protocol

from dome_client.client import TERMINAL, Client
from dome_client.errors import DomeError
from dome_client.testing.fake import FakeRuntime
from dome_contracts.runtime.v1 import JobChange, JobEvent, OutputStream

Request = tuple[str, Mapping[str, Any]]


class Rig(Protocol):
    """A runtime, and requests for tools that do what their names say."""

    @property
    def runtime(self) -> Client | FakeRuntime: ...

    def printing(self, lines: int) -> Request:
        """Prints `line 1` to `line <lines>` and ends well."""
        ...

    def failing(self, exit_code: int) -> Request:
        """Writes `oops` to standard error and exits with the code."""
        ...

    def endless(self) -> Request:
        """Prints `ready` and does not end by itself."""
        ...

    def untrusted(self) -> Request:
        """Prints `line 1` and ends well, where the user has approved it."""
        ...

    def producing(self, name: str, data: bytes) -> Request:
        """Hands over a file of text with this name and these bytes, and ends well."""
        ...


async def collect(rig: Rig, job_id: str, *, since_seq: int = 0, follow: bool = True) -> list[JobEvent]:
    """The events of a job."""
    async with aclosing(rig.runtime.events(job_id, since_seq=since_seq, follow=follow)) as events:
        return [event async for event in events]


async def changes_to_the_end(rig: Rig, *, since_revision: int, run_id: str = "") -> list[JobChange]:
    """The changes of a run's jobs until one of them has ended."""
    found: list[JobChange] = []
    async with aclosing(rig.runtime.watch(since_revision=since_revision, run_id=run_id)) as changes:
        async for change in changes:
            found.append(change)
            if change.job is not None and change.job.state in TERMINAL:
                break
    return found


async def read(rig: Rig, digest: str, offset: int = 0) -> bytes:
    """The bytes of an artifact."""
    async with aclosing(rig.runtime.artifact(digest, offset=offset)) as pieces:
        return b"".join([piece async for piece in pieces])


async def until_ready(rig: Rig, job_id: str) -> None:
    """Return when the endless tool has written."""
    async with aclosing(rig.runtime.events(job_id)) as events:
        async for event in events:
            if event.output is not None:
                return


def output(events: list[JobEvent], stream: OutputStream = OutputStream.STDOUT) -> bytes:
    """The bytes of one stream."""
    return b"".join(event.output.data for event in events if event.output is not None and event.output.stream is stream)


async def refusal(call: Any) -> DomeError:
    """The error of a call that is refused."""
    try:
        await call
    except DomeError as error:
        return error
    raise AssertionError("the call was not refused")
