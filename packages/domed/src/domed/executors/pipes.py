"""The daemon's ends of a program's pipes, read and written without blocking the loop.

Knows descriptors only: not what the bytes mean.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable
from functools import partial
from typing import Final

from domed.executors import readiness

READ_BYTES_MAX: Final = 256 * 1024
PIPE_BYTES: Final = 64 * 1024
"""What a pipe holds unless told otherwise."""
WIDE_PIPE_BYTES: Final = 1024 * 1024
"""What the pipe of a program that writes much is widened to, where the system allows it."""


class Source:
    """The reading end of a pipe."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._waiter: asyncio.Future[bool] | None = None
        self._begin: Callable[[], None] | None = None
        self._listening = False
        self._first = b""
        self._bytes_left: int | None = None
        self._wide = False

    def when_heard(self, begin: Callable[[], None]) -> None:
        """Call `begin` when something was said, which is then there to be read. Until then nobody may read.

        A pipe that stays silent costs no reader.
        """
        self._begin = begin
        self._listening = True
        readiness.when_readable(self._fd, self._hear)

    @property
    def is_silent(self) -> bool:
        """Whether nothing was said. After `finish` or the end nothing will be."""
        return self._begin is not None

    async def read(self, *, timeout_s: float | None = None) -> bytes | None:
        """What the pipe holds, as soon as it holds something.

        Empty at the end, None if nothing came for `timeout_s`.
        """
        while True:
            if self._bytes_left == 0:
                return b""
            try:
                data = self._take_first() or os.read(self._fd, self._bytes_left or READ_BYTES_MAX)
            except BlockingIOError:
                if self._bytes_left is not None:
                    return b""
                if not await self._ready(timeout_s):
                    return None
                continue
            if self._bytes_left is not None:
                self._bytes_left -= len(data)
            elif len(data) >= PIPE_BYTES and not self._wide:
                self._widen()
            return data

    def finish(self) -> None:
        """Read on only what the pipe holds: an end that somebody still holds open is not waited for."""
        self._bytes_left = WIDE_PIPE_BYTES
        if self._waiter is not None:
            _wake(self._waiter)
        elif self._listening:
            self._hear()
            self._listen_no_more()

    def close(self) -> None:
        """Close the descriptor. Not while somebody reads."""
        self._begin = None
        self._listen_no_more()
        os.close(self._fd)

    def _hear(self) -> None:
        try:
            self._first = os.read(self._fd, self._bytes_left or READ_BYTES_MAX)
        except BlockingIOError:
            return
        self._listen_no_more()
        if self._first and self._begin is not None:
            begin, self._begin = self._begin, None
            begin()

    def _listen_no_more(self) -> None:
        if self._listening:
            self._listening = False
            readiness.forget(self._fd)

    def _take_first(self) -> bytes:
        data, self._first = self._first, b""
        return data

    async def _ready(self, timeout_s: float | None) -> bool:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        readiness.when_readable(self._fd, partial(_wake, self._waiter))
        timer = None if timeout_s is None else loop.call_later(timeout_s, _give_up, self._waiter)
        try:
            return await self._waiter
        finally:
            if timer is not None:
                timer.cancel()
            readiness.forget(self._fd)
            self._waiter = None

    def _widen(self) -> None:
        self._wide = True
        if not hasattr(fcntl, "F_SETPIPE_SZ"):
            return
        try:
            fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, WIDE_PIPE_BYTES)
        except OSError:
            # The user's share of pipe memory is spent. The narrow pipe works as well, only slower.
            return


class Sink:
    """The writing end of a pipe, with the bytes that are still to be written."""

    def __init__(self, fd: int, data: bytes) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._rest = memoryview(data)
        self._closed = False

    def push(self) -> bool:
        """Write what the pipe takes at once. True when nothing is left to do: all written, or nobody reads."""
        try:
            while self._rest:
                self._rest = self._rest[os.write(self._fd, self._rest) :]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            # A program need not read its input.
            self._rest = self._rest[:0]
        return True

    async def write(self) -> None:
        """Write the rest, then close: that tells the program that its input is complete."""
        loop = asyncio.get_running_loop()
        while not self.push():
            ready = loop.create_future()
            loop.add_writer(self._fd, _wake, ready)
            try:
                await ready
            finally:
                loop.remove_writer(self._fd)
        self.close()

    def close(self) -> None:
        """Close the descriptor. Harmless when repeated; not while somebody writes."""
        if not self._closed:
            self._closed = True
            os.close(self._fd)


def _wake(waiter: "asyncio.Future[bool]") -> None:
    if not waiter.done():
        waiter.set_result(True)


def _give_up(waiter: "asyncio.Future[bool]") -> None:
    if not waiter.done():
        waiter.set_result(False)
