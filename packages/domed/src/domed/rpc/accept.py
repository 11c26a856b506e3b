"""Accepting: takes connections from a listening socket, and loses none that it took.

Stands in for the event loop's own server, which drops a connection that it accepted but has not set up when it is
closed: the peer of such a connection would wait for an answer as long as the process lives. Knows no protocol.
"""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from domed.telemetry import Log

BACKLOG: Final = 1024
"""Connections that the kernel keeps until they are accepted."""
AT_ONCE_MAX: Final = 128
"""Most connections that are accepted before others get their turn."""
RETRY_S: Final = 1.0
"""How long nothing is accepted when the process or the machine has no means for a further connection."""

_NO_MEANS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = Log("rpc.accept")


class Acceptor:
    """Accepts from one listening socket, which belongs to it, and hands each connection to `serve`."""

    def __init__(
        self, listening: socket.socket, serve: Callable[[socket.socket], Awaitable[None]], *, retry_s: float = RETRY_S
    ) -> None:
        self._listening = listening
        self._serve = serve
        self._retry_s = retry_s
        self._loop = asyncio.get_running_loop()
        self._retry: asyncio.TimerHandle | None = None
        self._beginning: set[asyncio.Task[None]] = set()
        listening.setblocking(False)  # noqa: FBT003
        listening.listen(BACKLOG)
        self._watch()

    def close(self) -> None:
        """Accept no further connection.

        The kernel ends those that nobody accepted, or keeps them for the next to accept if the socket is shared with
        a service manager.
        """
        if self._retry is not None:
            self._retry.cancel()
        if self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening)
            self._listening.close()

    async def settled(self) -> None:
        """Wait until every connection that was accepted is served."""
        while self._beginning:
            await asyncio.wait(self._beginning)

    def _watch(self) -> None:
        self._retry = None
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE_MAX):
            try:
                connected, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_MEANS:
                    raise
                log.warning("cannot accept a connection", problem=error.strerror, retry_s=self._retry_s)
                self._loop.remove_reader(self._listening)
                self._retry = self._loop.call_later(self._retry_s, self._watch)
                return
            beginning = self._loop.create_task(self._begin(connected))
            self._beginning.add(beginning)
            beginning.add_done_callback(self._beginning.discard)

    async def _begin(self, connected: socket.socket) -> None:
        try:
            await self._serve(connected)
        except BaseException:
            connected.close()
            raise
