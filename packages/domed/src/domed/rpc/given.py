"""What admission is given by others: how a job begins at once, and what this machine lacks for a tool."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from domed.catalog import Tool
from domed.jobs.model import Job
from domed.ledger import Beginning


class Begin(Protocol):
    """Has a job that is being accepted begin at once, or says that it has to wait."""

    def __call__(self, job: Job, tool: Tool, payload: bytes) -> Beginning | None: ...


def at_its_turn(job: Job, tool: Tool, payload: bytes) -> Beginning | None:
    """Have it wait its turn."""
    return None


@dataclass(frozen=True, slots=True)
class Lacking:
    """What this machine lacks for a tool."""

    capability: str
    why: str


Lacks = Callable[[Tool], Awaitable[Lacking | None]]


async def nothing_lacks(tool: Tool) -> Lacking | None:
    """Of a daemon that holds whatever has to be held."""
    return None
