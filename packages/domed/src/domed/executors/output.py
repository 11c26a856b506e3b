"""Frames what a program writes into pages of line records, and holds it to a limit.

Pure: bytes come in, pages go out. Knows no descriptors, no time and no ledger. A record is a line with its
newline, a piece of an over-long line, or a partial line that was flushed; only the last record of a page may lack
its newline. The data of the pages, joined, are the bytes that came in.
"""

from collections.abc import Generator, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from dome_contracts.runtime.v1 import Output, OutputStream, Truncated

PAGE_BYTES_MAX: Final = 128 * 1024
LINE_BYTES_MAX: Final = 64 * 1024
"""A longer line is cut into pieces of this size, each a record of its own."""
SHORT_PAGE_BYTES: Final = LINE_BYTES_MAX
"""A page of less, after a full one of the same read, waits for what comes next: every page costs a row. No piece of
an over-long line is so short."""


class Held(Enum):
    """What is held back."""

    NOTHING = auto()
    PARTIAL_LINE = auto()
    """The beginning of a line, until its end comes or it is flushed."""
    LINES = auto()
    """Lines that are too few for a page, after a full one: more is there in a moment, or they are flushed."""


class Framed(NamedTuple):
    """What came of one read."""

    pages: Sequence[Output]
    held: Held


def frame(stream: OutputStream) -> Generator[Framed, bytes | None, None]:
    """Take reads by `send` and give the pages that they complete.

    None flushes what is held, a partial line only where it is all; no bytes, the end, flush everything. What is held
    stays below PAGE_BYTES_MAX. Records do not depend on how the bytes were cut into reads.
    """
    held = bytearray()
    lines_end = 0
    pages: Sequence[Output] = ()
    while True:
        kind = Held.LINES if lines_end else Held.PARTIAL_LINE if held else Held.NOTHING
        data = yield Framed(pages, kind)
        if not data:
            end = lines_end if lines_end and data is None else len(held)
            pages = [_page(stream, bytes(held[:end]))] if end else []
            del held[:end]
            lines_end = 0
        elif b"\n" not in data and len(held) + len(data) < LINE_BYTES_MAX:
            # Appended in place: a program that writes a long line byte by byte costs no copy of all before it.
            held += data
            pages = ()
        else:
            buffer = b"".join((held, data)) if held else data
            pages, rest = _cut(stream, buffer)
            held[:] = buffer[rest:]
            lines_end = held.rfind(b"\n") + 1


def _cut(stream: OutputStream, buffer: bytes) -> tuple[list[Output], int]:
    pages: list[Output] = []
    start = 0
    while (end := _page_end(buffer, start)) > start:
        if pages and end - start < SHORT_PAGE_BYTES:
            break
        pages.append(_page(stream, buffer[start:end]))
        start = end
    return pages, start


def _page_end(buffer: bytes, start: int) -> int:
    """Where the page that begins at `start` ends; `start` itself where there is no whole record yet."""
    page_max = min(start + PAGE_BYTES_MAX, len(buffer))
    end = start
    while end < page_max:
        reach = min(end + LINE_BYTES_MAX, page_max)
        newline = buffer.rfind(b"\n", end, reach)
        if newline >= 0:
            end = newline + 1
        elif reach - end == LINE_BYTES_MAX:
            return reach
        else:
            return end
    return end


def _page(stream: OutputStream, data: bytes) -> Output:
    return Output(stream=stream, data=data, ends_partial=not data.endswith(b"\n"))


class OutputLimit:
    """Lets the first bytes of a run's output pass, over all its streams, and counts what it leaves out."""

    __slots__ = ("_bytes_left", "_left_out")

    def __init__(self, bytes_max: int) -> None:
        self._bytes_left = bytes_max
        self._left_out: dict[OutputStream, tuple[int, int]] = {}

    @property
    def reached(self) -> bool:
        """Whether anything was left out."""
        return bool(self._left_out)

    def take(self, pages: Sequence[Output]) -> Sequence[Output]:
        """The pages, or as much of them as is still allowed."""
        if sum(len(page.data) for page in pages) <= self._bytes_left:
            self._bytes_left -= sum(len(page.data) for page in pages)
            return pages
        kept = []
        for page in pages:
            head = page.data[: self._bytes_left]
            self._bytes_left -= len(head)
            if head:
                kept.append(_page(page.stream, head))
            self._count(page.stream, page.data[len(head) :])
        return kept

    def left_out(self) -> Sequence[Truncated]:
        """One fact for each stream of which something was left out, in the order of the streams."""
        return [
            Truncated(stream=stream, bytes=size, lines=lines)
            for stream, (size, lines) in sorted(self._left_out.items(), key=lambda entry: entry[0].value)
        ]

    def _count(self, stream: OutputStream, data: bytes) -> None:
        if data:
            size, lines = self._left_out.get(stream, (0, 0))
            self._left_out[stream] = (size + len(data), lines + data.count(b"\n"))
