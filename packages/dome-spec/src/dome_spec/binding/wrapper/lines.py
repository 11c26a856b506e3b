"""Documents out of a stream of bytes, one a line, however long the lines are. Judges none of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

LINE_BYTES_MAX: Final = 1024 * 1024
"""Largest document that is taken in."""
KEPT_BYTES_MAX: Final = 64 * 1024 * 1024
"""Of a longer line this much is kept, so that it can be looked at."""
_BLANK: Final = b" \t\r\n\v\f"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank."""

    number: int
    """Place in the stream, from 1."""
    document: bytes
    """Without what surrounds it; of a line beyond all limits its beginning."""
    bytes_read: int
    """Bytes of the stream up to its end."""


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines. No more than one of them is held; the last one need not end."""
    number = bytes_read = 0
    while chunk := stream.readline(KEPT_BYTES_MAX):
        number += 1
        bytes_read += len(chunk)
        ended = chunk.endswith(b"\n")
        while not ended and (rest := stream.readline(KEPT_BYTES_MAX)):
            bytes_read += len(rest)
            ended = rest.endswith(b"\n")
        document = chunk.strip(_BLANK)
        if document:
            yield Line(number, document, bytes_read)
