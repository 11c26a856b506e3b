"""The process of codex: started, given its task, listened to, and ended with all that it started. Knows no events.

What it leaves running may hold its pipes open, so its end is the end of the process, and not that of a pipe.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import ToolFailure
from domed.tools.codex_exec import descendants
from domed.tools.codex_exec.lines import Lines

READ_BYTES: Final = 64 * 1024
KEPT_BYTES_MAX: Final = 64 * 1024 * 1024
"""Of all that it writes on standard output. The rest is only listened to."""
SAID_BYTES_MAX: Final = 16 * 1024
INTERRUPT_GRACE_S: Final = 2.5
"""After the interrupt codex ends its commands and servers."""
LAST_WORDS_S: Final = 0.5
"""After its end, for what is still in its pipes."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended, and the end of what it said on standard error."""

    code: int
    """Negative: by that signal."""
    said: str


class Child:
    """Codex, in a process group of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", *, kept: BinaryIO, stderr_fd: int) -> None:
        self._process = process
        self._over = asyncio.ensure_future(asyncio.to_thread(process.wait))
        self._kept = kept
        self._kept_bytes = 0
        self._lines = Lines()
        self._said = b""
        self._errors = asyncio.create_task(self._hear_errors(stderr_fd))
        self._feeding: asyncio.Task[None] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether each line was kept, and handed on."""
        return self._lines.left_out == 0 and self._kept_bytes <= KEPT_BYTES_MAX

    def give(self, prompt: bytes) -> None:
        """Let it read its task, to the end."""
        self._feeding = asyncio.create_task(self._feed(prompt))

    async def lines(self) -> AsyncIterator[bytes]:
        """The lines of its standard output, until it has ended or closed it."""
        async with _reading(self._process.stdout) as reader:
            while data := await self._next(reader):
                self._kept.write(data[: max(0, KEPT_BYTES_MAX - self._kept_bytes)])
                self._kept_bytes += len(data)
                for line in self._lines.take(data):
                    yield line
        if rest := self._lines.rest():
            yield rest

    async def ended(self) -> Ended:
        """Wait for its end."""
        code = await asyncio.shield(self._over)
        await asyncio.wait([self._errors], timeout=LAST_WORDS_S)
        return Ended(code, self._said.decode("utf-8", "replace"))

    async def end(self) -> None:
        """End it and every process that it started, however deep."""
        known = descendants.of(self._process.pid)
        if not self._over.done():
            self._process.send_signal(signal.SIGINT)
            await asyncio.wait([self._over], timeout=INTERRUPT_GRACE_S)
            known |= descendants.of(self._process.pid)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        descendants.kill(known)
        await self._over
        tasks = [task for task in (self._errors, self._feeding) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def _next(self, reader: asyncio.StreamReader) -> bytes:
        """What it writes next; nothing at the end."""
        reading = asyncio.ensure_future(reader.read(READ_BYTES))
        try:
            await asyncio.wait([reading, self._over], return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await asyncio.wait([reading], timeout=LAST_WORDS_S)
            return reading.result() if reading.done() else b""
        finally:
            reading.cancel()

    async def _feed(self, prompt: bytes) -> None:
        assert self._process.stdin is not None
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, self._process.stdin)
        writer = asyncio.StreamWriter(transport, protocol, None, loop)
        try:
            # It may end before it has read all.
            with suppress(BrokenPipeError, ConnectionResetError):
                writer.write(prompt)
                await writer.drain()
        except asyncio.CancelledError:
            transport.abort()
            raise
        transport.close()

    async def _hear_errors(self, stderr_fd: int) -> None:
        async with _reading(self._process.stderr) as reader:
            while data := await reader.read(READ_BYTES):
                self._said = (self._said + data)[-SAID_BYTES_MAX:]
                await asyncio.to_thread(_write_all, stderr_fd, data)


@asynccontextmanager
async def started(
    command: Sequence[str], *, folder: Path, environ: Mapping[str, str], kept: BinaryIO, stderr_fd: int
) -> AsyncIterator[Child]:
    """Codex as it runs. When the context ends, however it ends, so have its processes. Raises ToolFailure."""
    child = Child(_start(command, folder=folder, environ=environ), kept=kept, stderr_fd=stderr_fd)
    try:
        yield child
    finally:
        await asyncio.shield(asyncio.create_task(child.end()))


def _start(command: Sequence[str], *, folder: Path, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command, cwd=folder, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, process_group=0
        )
    except OSError as error:
        message = f"{command[0]} cannot be started: {error.strerror}."
        raise ToolFailure(FailureReason.CODEX_NOT_FOUND, message) from None


@asynccontextmanager
async def _reading(pipe: IO[bytes] | None) -> AsyncIterator[asyncio.StreamReader]:
    """A pipe as a stream, which is closed in the end."""
    reader = asyncio.StreamReader(limit=READ_BYTES)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        yield reader
    finally:
        transport.close()


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
