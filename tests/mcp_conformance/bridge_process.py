"""`dome mcp` as a process that several clients at a time speak to: each request has its own answers."""

import asyncio
import itertools
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.e2e.dome_home import DOME, Home

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

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._exchanges: dict[str, Exchange] = {}
        self._by_client: dict[Any, str] = {}
        self.code_expected: int = os.EX_OK

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
        self._process.kill()
        self.code_expected = -signal.SIGKILL

    async def read(self) -> None:
        """Hand on what the process says, until its end."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
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
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")


@asynccontextmanager
async def a_bridge_process(home: Home, *words: str) -> AsyncIterator[BridgeProcess]:
    """One that ends with the block."""
    with (home.root / "bridge.log").open("a") as log:
        process = await asyncio.create_subprocess_exec(
            *(*DOME, "mcp", *words),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            cwd=home.work,
            env=home.environ(),
            limit=LINE_BYTES_MAX,
        )
    made = BridgeProcess(process)
    reading = asyncio.ensure_future(made.read())
    try:
        yield made
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(10):
            assert await process.wait() == made.code_expected
            await reading
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        reading.cancel()
