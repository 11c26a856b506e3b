import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_client.mcp import framing
from dome_client.mcp.framing import LINE_BYTES_MAX, TooLong, lines

LINES = st.lists(st.binary(max_size=50).filter(lambda line: b"\n" not in line), max_size=10)


async def read(*chunks: bytes) -> list[bytes | TooLong]:
    reader = asyncio.StreamReader()
    for chunk in chunks:
        reader.feed_data(chunk)
    reader.feed_eof()
    return [line async for line in lines(reader)]


@given(LINES, st.integers(1, 40), st.booleans())
def test_lines_are_the_same_however_they_arrive(given_lines: list[bytes], size: int, ends: bool) -> None:
    data = b"\n".join(given_lines) + (b"\n" if ends else b"")

    async def in_pieces() -> list[bytes | TooLong]:
        reader = asyncio.StreamReader()
        found: list[bytes | TooLong] = []

        async def collect() -> None:
            async for line in lines(reader):
                found.append(line)

        collecting = asyncio.ensure_future(collect())
        for start in range(0, len(data), size):
            reader.feed_data(data[start : start + size])
            await asyncio.sleep(0)
        reader.feed_eof()
        await collecting
        return found

    assert asyncio.run(in_pieces()) == [line for line in given_lines if line.strip()]


@pytest.mark.parametrize("piece", [1_000, 300_000, 10**9])
@pytest.mark.parametrize(
    ("head", "tail", "request_id"),
    [
        (b'{"jsonrpc":"2.0","id":7,"method":"m","params":"', b'"}', 7),
        (b'{ "id" : "a-b", "x":"', b'"}', "a-b"),
        (b'{"method":"m","params":{"id":1,"x":"', b'"},"jsonrpc":"2.0","id":8}', 8),
        (b'{"method":"m","params":{"x":"', b'","id":1}}', None),
        (b'{"params":{"id":3},"x":"', b'"}', None),
    ],
)
async def test_of_a_line_that_is_too_long_it_is_known_whose_it_was(
    monkeypatch: pytest.MonkeyPatch, head: bytes, tail: bytes, request_id: int | str | None, piece: int
) -> None:
    monkeypatch.setattr(framing, "LINE_BYTES_MAX", 100_000)
    data = head + b"x" * 400_000 + tail
    stream = data + b"\n" + b'{"id":9}\n'
    found = await read(*(stream[start : start + piece] for start in range(0, len(stream), piece)))
    assert found[1:] == [b'{"id":9}']
    [long] = found[:1]
    assert isinstance(long, TooLong)
    assert (long.size_bytes, long.request_id()) == (len(data), request_id)


async def test_the_longest_input_of_a_tool_fits_into_a_line() -> None:
    message = json.dumps({"id": 1, "params": {"arguments": {"input": {"text": "x" * 8 * 1024 * 1024}}}}).encode()
    assert len(message) < LINE_BYTES_MAX
    assert await read(message + b"\n") == [message]
