"""`dome mcp` as a process that several clients at a time speak to: each request has its own answers."""

import asyncio
import itertools
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, BinaryIO

from tests.e2e.dome_home import Home
from tests.e2e.warm_python import warm_bridge

END_S = 10.0
LINE_BYTES_MAX = 16 * 1024 * 1024
LISTENER = "io.modelcontextprotocol/subscriptionId"
Message = dict[str, Any]


class Exchange:
    """One request on its way, and what comes of it."""

    def __init__(self, request: Message, number: str) -> None:
        self._id = request["id"]
        params = request.get("params") or {}
        meta = params.get("_meta") or {}
        self._token = meta.get("progressToken")
        self.sent = {**request, "id": number}
        if self._token is not None:
            self.sent["params"] = {**params, "_meta": {**meta, "progressToken": number}}
        self.answers: asyncio.Queue[Message] = asyncio.Queue()

    def take(self, message: Message) -> None:
        """Hand on a message with the names that the client knows."""
        params = message.get("params") or {}
        if "id" in message:
            message = {**message, "id": self._id}
        elif "progressToken" in params:
            message = {**message, "params": {**params, "progressToken": self._token}}
        elif LISTENER in params.get("_meta", {}):
            message = {**message, "params": {**params, "_meta": {**params["_meta"], LISTENER: self._id}}}
        self.answers.put_nowait(message)


class BridgeProcess:
    """The process. Requests get numbers of their own, because clients that know nothing of each other share it."""

    def __init__(self, pid: int, told: asyncio.StreamReader, said: asyncio.StreamReader, given: BinaryIO) -> None:
        self._pid = pid
        self._told = told
        self._said = said
        self._given = given
        self._numbers = itertools.count(1)
        self._exchanges: dict[str, Exchange] = {}
        self._by_client: dict[Any, str] = {}
        self.code_expected: int = os.EX_OK
        self.code: int | None = None

    def ask(self, request: Message) -> Exchange:
        """Send a request."""
        number = f"face-{next(self._numbers)}"
        exchange = self._exchanges[number] = Exchange(request, number)
        self._by_client[request["id"]] = number
        self._send(exchange.sent)
        return exchange

    def tell(self, notification: Message) -> None:
        """Send what has no answer."""
        params = notification.get("params") or {}
        if notification.get("method") == "notifications/cancelled" and params.get("requestId") in self._by_client:
            number = self._by_client[params["requestId"]]
            notification = {**notification, "params": {**params, "requestId": number}}
        self._send(notification)

    def give_up(self, exchange: Exchange) -> None:
        """The client has left before the last answer."""
        number = exchange.sent["id"]
        if self._exchanges.pop(number, None) is not None:
            self._send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})

    def kill(self) -> None:
        """End it without a word."""
        os.kill(self._pid, signal.SIGKILL)
        self.code_expected = -signal.SIGKILL

    async def ended(self) -> int:
        """Its exit code, when it has ended because its input has."""
        self._given.close()
        async with asyncio.timeout(END_S):
            self.code = int(await self._told.readline())
        return self.code

    async def read(self) -> None:
        """Hand on what the process says, until its end."""
        while line := await self._said.readline():
            message = json.loads(line)
            number = self._number(message)
            exchange = self._exchanges.get(number)
            if "id" in message:
                self._exchanges.pop(number, None)
            if exchange is not None:
                exchange.take(message)

    @staticmethod
    def _number(message: Mapping[str, Any]) -> str:
        params = message.get("params") or {}
        return str(message.get("id") or params.get("progressToken") or params.get("_meta", {}).get(LISTENER))

    def _send(self, message: Message) -> None:
        self._given.write(json.dumps(message).encode() + b"\n")


@asynccontextmanager
async def a_bridge_process(home: Home, *words: str) -> AsyncIterator[BridgeProcess]:
    """One that ends with the block."""
    (its_in, our_in), (our_out, its_out) = os.pipe(), os.pipe()
    its_err = os.open(home.root / "bridge.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    streams = (its_in, its_out, its_err)
    pipe = warm_bridge().start("mcp", *words, cwd=home.work, environ=home.environ(), streams=streams)
    async with _lines(pipe) as told, _lines(our_out) as said:
        with os.fdopen(our_in, "wb", buffering=0) as given:
            pid = int(await told.readline())
            made = BridgeProcess(pid, told, said, given)
            reading = asyncio.ensure_future(made.read())
            try:
                yield made
                assert await made.ended() == made.code_expected
                await asyncio.wait_for(reading, END_S)
            finally:
                reading.cancel()
                if made.code is None:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def _lines(pipe: int) -> AsyncIterator[asyncio.StreamReader]:
    """What comes from a pipe, which is closed in the end."""
    reader = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    with os.fdopen(pipe, "rb", buffering=0) as source:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), source
        )
        try:
            yield reader
        finally:
            transport.close()
