"""One client on a pair of streams: messages in, messages out, and an answer to what is no message.

Knows no method but the cancellation of a request, after which that gets no answer any more.
"""

import asyncio
import json
from contextlib import aclosing
from typing import Any, Final, Protocol

import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from dome_client.mcp.framing import LINE_BYTES_MAX, TooLong, lines

UNANSWERED_MAX: Final = 512
"""So many requests may wait for their answers; the next is read when one was sent."""
_PARSE_ERROR: Final = -32700
_INVALID_REQUEST: Final = -32600


class Sink(Protocol):
    """Where bytes go to a client."""

    async def write(self, data: bytes) -> None:
        """Return when the client has taken it. Raises OSError where nobody reads any more."""
        ...


class Wire:
    """One client on two descriptors."""

    def __init__(self, reader: asyncio.StreamReader, writer: Sink) -> None:
        self._reader = reader
        self._writer = writer
        self._unanswered: set[Any] = set()
        self._room = asyncio.Event()

    async def read(self, sink: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Hand on messages until the input ends."""
        async with aclosing(lines(self._reader)) as incoming:
            async for line in incoming:
                message = await self._message(line)
                if message is not None:
                    await self._admit(message)
                    await sink.send(SessionMessage(message))

    async def settled(self) -> None:
        """Return when nobody waits for an answer any more."""
        while self._unanswered:
            self._room.clear()
            await self._room.wait()

    async def write(self, source: MemoryObjectReceiveStream[SessionMessage]) -> None:
        """Send messages as fast as the client reads."""
        async with source:
            async for item in source:
                await self._send(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode())
                if isinstance(item.message, types.JSONRPCResponse | types.JSONRPCError):
                    self._settle(item.message.id)

    async def _message(self, line: bytes | TooLong) -> types.JSONRPCMessage | None:
        """The message in a line. Answers what is none."""
        if isinstance(line, TooLong):
            what = f"The message has {line.size_bytes:,} bytes, and at most {LINE_BYTES_MAX:,} are read."
            await self._refuse(line.request_id(), _INVALID_REQUEST, what)
            return None
        try:
            message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:
            message = None
        if message is not None and not isinstance(message, types.JSONRPCNotification):
            return message
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            await self._refuse(None, _PARSE_ERROR, "The line is no JSON in UTF-8.")
            return None
        # What has an id wants an answer, also where the id is of no form that is allowed.
        if message is not None and "id" not in value:
            return message
        known = value.get("id") if isinstance(value, dict) else None
        plain = isinstance(known, str | int) and not isinstance(known, bool)
        await self._refuse(known if plain else None, _INVALID_REQUEST, "This is no message of JSON-RPC 2.0.")
        return None

    async def _admit(self, message: types.JSONRPCMessage) -> None:
        match message:
            case types.JSONRPCRequest():
                while len(self._unanswered) >= UNANSWERED_MAX:
                    self._room.clear()
                    await self._room.wait()
                self._unanswered.add(message.id)
            case types.JSONRPCNotification(method="notifications/cancelled"):
                self._settle((message.params or {}).get("requestId"))  # it gets no answer any more

    def _settle(self, request_id: Any) -> None:
        if isinstance(request_id, str | int):
            self._unanswered.discard(request_id)
        self._room.set()

    async def _refuse(self, request_id: Any, code: int, message: str) -> None:
        error = {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}
        await self._send(json.dumps(error).encode())

    async def _send(self, data: bytes) -> None:
        await self._writer.write(data + b"\n")
