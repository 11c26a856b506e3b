"""Lines of a stream, with a limit: one message a line, and of a line that is too long only what tells whose it is."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Final

LINE_BYTES_MAX: Final = 12 * 1024 * 1024
"""Longest message that is read. A tool's input may have 8 MiB."""
CHUNK_BYTES: Final = 64 * 1024
_KEPT_BYTES: Final = 512
_ID: Final = rb'"id"\s*:\s*(-?\d{1,18}|"[^"\\]{1,128}")'
_ID_FIRST: Final = re.compile(rb'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?' + _ID)
_ID_LAST: Final = re.compile(_ID + rb'\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$')


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line that was not kept."""

    head: bytes
    tail: bytes
    size_bytes: int

    def request_id(self) -> Any:
        """The id of the request, where it is the first or the last member, as SDKs write it."""
        found = _ID_FIRST.match(self.head) or _ID_LAST.search(self.tail)
        return json.loads(found[1]) if found is not None else None


async def lines(reader: asyncio.StreamReader) -> AsyncGenerator[bytes | TooLong, None]:
    """The lines of a stream that hold something, without their newlines. Of one that is too long only the ends."""
    buffer = bytearray()
    head, size_bytes = b"", 0
    while data := await reader.read(CHUNK_BYTES):
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            buffer += data[start:end]
            size_bytes += end - start
            if size_bytes > LINE_BYTES_MAX:
                yield TooLong(head or bytes(buffer[:_KEPT_BYTES]), bytes(buffer[-_KEPT_BYTES:]), size_bytes)
            elif buffer.strip():
                yield bytes(buffer)
            buffer.clear()
            head, size_bytes, start = b"", 0, end + 1
        buffer += data[start:]
        size_bytes += len(data) - start
        if size_bytes > LINE_BYTES_MAX:
            head = head or bytes(buffer[:_KEPT_BYTES])
            del buffer[:-_KEPT_BYTES]
    if size_bytes <= LINE_BYTES_MAX and buffer.strip():
        yield bytes(buffer)
