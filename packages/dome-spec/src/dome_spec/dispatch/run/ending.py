"""Why and how a runner stops: values only."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from dome_contracts.schema.control.work_queue import WorkQueue
from dome_spec.dispatch.decide.limits import Limit


class OnInterrupt(StrEnum):
    """What becomes of the jobs when a run is interrupted."""

    DETACH = "detach"
    CANCEL = "cancel"


@dataclass(slots=True)
class Interruption:
    """Somebody's wish that the run stops."""

    kind: OnInterrupt = OnInterrupt.DETACH
    asked: asyncio.Event = field(default_factory=asyncio.Event)


class EndKind(StrEnum):
    """Why a runner stopped."""

    OVER = "over"
    DETACHED = "detached"
    CANCELED = "canceled"
    DAEMON_LOST = "daemon_lost"


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How it ended: until it is resumed, or for good."""

    kind: EndKind
    queue: WorkQueue
    limit: Limit | None = None
    """The limit that the run has reached."""
    message: str = ""
    """What the client said when the daemon was lost."""
