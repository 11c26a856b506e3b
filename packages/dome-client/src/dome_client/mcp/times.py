"""How long the bridge takes for what. One value, so that a test can hand in shorter times."""

from dataclasses import dataclass
from typing import Final

from dome_client.mcp.surface import WAIT_S_DEFAULT


@dataclass(frozen=True, slots=True)
class Times:
    """Lengths of time, in seconds."""

    answer_s: float = 25.0
    """A call is answered within this time. Clients give up after 30 s and more."""
    wait_s: float = WAIT_S_DEFAULT
    """How long a run waits for its job, where the call says nothing."""
    task_after_s: float = 0.8
    """After what time a job that goes on is given back as a task, where the client takes tasks."""
    listing_s: float = 4.0
    """How long a listing waits for the daemon. Clients take a server that lists late for one without tools."""
    look_again_s: float = 1.0
    """Until the daemon is first asked again for the tools to expose. Doubles, up to half a minute."""
    progress_s: float = 1.0
    """Between two looks at how far a job is, for a client that asked to be told."""
    cancel_s: float = 2.0
    """How long a cancelled job is given to end before it is said how it stands."""
    close_s: float = 2.0
    """How long what was begun may take to end when the client has left."""


TIMES: Final = Times()
