"""Whether a connection may be made: one to a socket that a service manager holds starts the daemon.

Whoever stopped the daemon while clients were connected may want it so: one whose connection has ended asks the manager
before it makes another. Knows no manager and no transport.
"""

import asyncio
import errno
from collections.abc import Callable


class Asleep(ConnectionRefusedError):
    """A manager listens for a daemon that was stopped. The connection was not made."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNREFUSED, "the daemon was stopped")


class Waking:
    """What one client knows of it. `is_asleep` asks the manager, and may take a while."""

    def __init__(self, is_asleep: Callable[[], bool], *, may_wake: bool) -> None:
        self._is_asleep = is_asleep
        self._asks = not may_wake

    async def before_connecting(self) -> None:
        """Return where a connection wakes nobody, or may. Raises Asleep."""
        if self._asks and await asyncio.to_thread(self._is_asleep):
            raise Asleep

    def connected(self) -> None:
        """A daemon runs: more connections start none."""
        self._asks = False

    def disconnected(self) -> None:
        """It may have been stopped."""
        self._asks = True
