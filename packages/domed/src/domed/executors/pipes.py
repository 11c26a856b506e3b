"""The daemon's ends of a program's pipes, read and written without blocking the loop.

Knows descriptors only: not what the bytes mean.
"""

import asyncio
import fcntl
import os
from typing import Final

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
        self._bytes_left: int | None = None
        self._wide = False

    async def read(self, *, timeout_s: float | None = None) -> bytes | None:
        """What the pipe holds, as soon as it holds something.

        Empty at the end, None if nothing came for `timeout_s`.
        """
        while True:
            if self._bytes_left == 0:
                return b""
            try:
                data = os.read(self._fd, READ_BYTES_MAX if self._bytes_left is None else self._bytes_left)
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

    def close(self) -> None:
        """Close the descriptor. Not while somebody reads."""
        os.close(self._fd)

    async def _ready(self, timeout_s: float | None) -> bool:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        loop.add_reader(self._fd, _wake, self._waiter)
        timer = None if timeout_s is None else loop.call_later(timeout_s, _give_up, self._waiter)
        try:
            return await self._waiter
        finally:
            if timer is not None:
                timer.cancel()
            loop.remove_reader(self._fd)
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
