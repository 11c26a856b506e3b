"""Small pieces of text: printable words, columns, times, colours."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Requester

_COLOURS: Final = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "dim": "2"}
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))} | {9: "\t"}


def printable(text: str) -> str:
    """The text with its control characters made visible, so that a tool's words cannot steer the terminal."""
    return text.translate(_CONTROLS)


def line_of(data: bytes) -> str:
    """A line record as printable text, without its newline."""
    return printable(data.removesuffix(b"\n").decode("utf-8", errors="backslashreplace"))


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows with their cells aligned; the last cell of a row is as long as it is."""
    if not rows:
        return []
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]


def moment(time: datetime | None) -> str:
    """A time in UTC to the second; a dash where there is none."""
    return "-" if time is None else time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def duration(start: datetime | None, end: datetime | None) -> str:
    """The time between two moments; a dash where one is missing."""
    return "-" if start is None or end is None else length(end - start)


def length(time: timedelta) -> str:
    """A length of time, to what matters at its size."""
    seconds = time.total_seconds()
    return (
        f"{seconds * 1000:.0f} ms"
        if seconds < 1
        else f"{seconds:.1f} s"
        if seconds < 120
        else f"{seconds / 60:.1f} min"
    )


def asked_by(requester: "Requester") -> str:
    """Whose request it was."""
    client = requester.client or "no name"
    match requester.proof.name:
        case "LOOPBACK_TOKEN":
            return printable(f"uid {requester.uid} by its token over TCP, {client}")
        case "NONE":
            return printable(f"nobody knows who, over TCP, {client}")
    return printable(f"uid {requester.uid}, process {requester.pid}, {client}")


def paint(text: str, name: str, *, colour: bool) -> str:
    """The text in a colour, where colours are wanted."""
    return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if colour else text
