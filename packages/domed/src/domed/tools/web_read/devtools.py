"""Speaks the DevTools protocol over two pipes: commands and their answers, and events. Knows none of either.

Messages are JSON, each ended by a NUL, as Chromium has them with `--remote-debugging-pipe`: no port is open that
others could come to.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, cast

MESSAGE_BYTES_MAX: Final = 128 * 1024 * 1024
"""A picture of a long page is the largest that comes."""

Hear = Callable[[str, str, Mapping[str, Any]], None]
"""Is told of each event: the session, the method and the parameters."""


class BrowserGone(Exception):
    """The browser has closed its end, or sends what is no message."""


class CommandFailed(Exception):
    """The browser answered a command with an error."""

    def __init__(self, method: str, said: str) -> None:
        super().__init__(f"{method}: {said}")


class Devtools:
    """One browser, as it is spoken to."""

    def __init__(self, reader: asyncio.StreamReader, transport: asyncio.WriteTransport) -> None:
        self._reader = reader
        self._transport = transport
        self._waiting: dict[int, tuple[str, asyncio.Future[Mapping[str, Any]]]] = {}
        self._count = 0
        self.hear: Hear = lambda session, method, parameters: None
        self.gone = asyncio.Event()

    async def call(self, method: str, *, session: str = "", **parameters: Any) -> Mapping[str, Any]:
        """The answer to a command. Raises CommandFailed, BrowserGone."""
        return await self.send(method, session=session, **parameters)

    def send(self, method: str, *, session: str = "", **parameters: Any) -> "asyncio.Future[Mapping[str, Any]]":
        """Send a command now. Whoever does not await the answer need not care for it."""
        self._count += 1
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        # What nobody awaits any more is no fault.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        if self.gone.is_set():
            answer.set_exception(BrowserGone("the browser has ended"))
            return answer
        self._waiting[self._count] = (method, answer)
        message = {"id": self._count, "method": method, "params": parameters}
        self._transport.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        return answer

    async def listen(self) -> None:
        """Take in what comes until the browser has ended."""
        why = "the browser has ended"
        try:
            while True:
                self._take(json.loads((await self._reader.readuntil(b"\0"))[:-1]))
        except (asyncio.IncompleteReadError, OSError):
            pass
        except (asyncio.LimitOverrunError, ValueError) as error:
            why = f"the browser sent what is no message: {error}"
        finally:
            self.gone.set()
            for _, answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(BrowserGone(why))

    def _take(self, message: Mapping[str, Any]) -> None:
        if "id" not in message:
            self.hear(message.get("sessionId", ""), message["method"], message.get("params", {}))
            return
        method, answer = self._waiting.pop(message["id"], ("", None))
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(CommandFailed(method, str(message["error"].get("message", ""))))
        else:
            answer.set_result(message.get("result", {}))


@asynccontextmanager
async def connected(commands_fd: int, events_fd: int) -> AsyncIterator[Devtools]:
    """Speak over these descriptors, which are closed in the end."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MESSAGE_BYTES_MAX)
    incoming, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), cast("Any", os.fdopen(events_fd, "rb", buffering=0))
    )
    transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(commands_fd, "wb", buffering=0))
    devtools = Devtools(reader, transport)
    listening = asyncio.create_task(devtools.listen())
    try:
        yield devtools
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        if not transport.is_closing():
            transport.abort()
        incoming.close()
