"""What is written in one turn of the loop goes out together, in order, and nothing is lost."""

import asyncio
from typing import cast

from dome_contracts.transport.cork import HELD_BYTES_MAX, Cork


class Transport:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("close")

    def is_closing(self) -> bool:
        return "close" in self.told


def corked() -> tuple[Transport, Cork]:
    transport = Transport()
    return transport, Cork(cast("asyncio.Transport", transport))


async def test_one_turn_is_one_write() -> None:
    transport, cork = corked()
    for part in (b"headers ", b"", b"message ", b"trailers"):
        cork.write(part)
    assert transport.told == []
    await asyncio.sleep(0)
    assert transport.told == [b"headers message trailers"]
    cork.write(b"more")
    await asyncio.sleep(0)
    assert transport.told == [b"headers message trailers", b"more"]


async def test_much_is_written_at_once() -> None:
    transport, cork = corked()
    cork.write(b"a")
    cork.write(b"b" * HELD_BYTES_MAX)
    assert [len(cast("bytes", data)) for data in transport.told] == [HELD_BYTES_MAX + 1]
    cork.write(b"c")
    await asyncio.sleep(0)
    assert transport.told[1:] == [b"c"]


async def test_what_is_held_is_written_before_the_end() -> None:
    transport, cork = corked()
    cork.write(b"last words")
    cork.close()
    await asyncio.sleep(0)
    assert transport.told == [b"last words", "close"]


async def test_everything_else_is_the_transports() -> None:
    transport, cork = corked()
    assert not cork.is_closing()
    transport.close()
    assert cork.is_closing()
