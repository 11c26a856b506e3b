"""Matches out of git's output, and the two forms in which they are told: a line of bytes, a JSON object.

Pure: reads and writes nothing.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

TEXT_BYTES_MAX: Final = 2000
"""Most bytes of a line that go into the result."""
_ESCAPES: Final = {
    0x07: b"\\a", 0x08: b"\\b", 0x09: b"\\t", 0x0A: b"\\n", 0x0B: b"\\v", 0x0C: b"\\f", 0x0D: b"\\r",
    0x22: b'\\"', 0x5C: b"\\\\",
}  # fmt: skip
_SPECIAL: Final = re.compile(rb'[\x00-\x1f\x7f"\\]')
_SPECIAL_OR_HIGH: Final = re.compile(rb'[\x00-\x1f\x7f-\xff"\\]')
# Versions of git differ in what stands after the number.
_NUMBER: Final = re.compile(rb"([0-9]+)[:\0]")


class NotAMatch(ValueError):
    """Git wrote something that is no match."""


@dataclass(frozen=True, slots=True)
class Match:
    """One line that matches, as bytes."""

    path: bytes
    line: int
    text: bytes


class Parser:
    """Takes the output of `git grep -z -n` in pieces and gives matches as soon as they are complete."""

    def __init__(self, prefix: bytes = b"") -> None:
        self._prefix = prefix
        """What stands before each path, and is no part of it."""
        self._rest = bytearray()
        self._sought = 0

    def feed(self, chunk: bytes) -> list[Match]:
        """The matches that this piece completes. Raises NotAMatch."""
        self._rest += chunk
        found: list[Match] = []
        start = 0
        while (taken := self._one(start)) is not None:
            match, start = taken
            found.append(match)
        del self._rest[:start]
        return found

    def finish(self) -> None:
        """Say that there is no more. Raises NotAMatch where the last match is incomplete."""
        if self._rest:
            raise NotAMatch(f"git's output ends within a match: {bytes(self._rest[:200])!r}")

    def _one(self, start: int) -> tuple[Match, int] | None:
        # A path ends at the first NUL and may hold newlines; a text ends at its newline and may hold NULs.
        path_end = self._rest.find(b"\0", start)
        if path_end < 0:
            return None
        number = _NUMBER.match(self._rest, path_end + 1)
        if number is None:
            if len(self._rest) - path_end > 32:
                raise NotAMatch(f"git's output has no line number: {bytes(self._rest[start : start + 200])!r}")
            return None
        text_end = self._rest.find(b"\n", max(number.end(), self._sought))
        if text_end < 0:
            # Where to go on, so that a line of many pieces is not looked through once for each of them.
            self._sought = len(self._rest) - start
            return None
        self._sought = 0
        path = bytes(self._rest[start:path_end]).removeprefix(self._prefix)
        return Match(path, int(number[1]), bytes(self._rest[number.end() : text_end])), text_end + 1


def quoted(path: bytes, *, high_bytes: bool) -> bytes:
    """A path as git writes it: as it is, or in quotes with escapes where it holds special characters."""
    special = _SPECIAL_OR_HIGH if high_bytes else _SPECIAL
    if not special.search(path):
        return path
    return b'"' + special.sub(lambda found: _ESCAPES.get(found[0][0]) or b"\\%03o" % found[0][0], path) + b'"'


def line(match: Match, *, high_bytes: bool) -> bytes:
    """The match as `path:line:text` with its newline."""
    return b"%s:%d:%s\n" % (quoted(match.path, high_bytes=high_bytes), match.line, match.text)


def value(match: Match) -> dict[str, Any]:
    """The match as JSON."""
    text_bytes = match.text[:TEXT_BYTES_MAX]
    if truncated := len(match.text) > TEXT_BYTES_MAX:
        text_bytes = _whole_characters(text_bytes)
    path, path_escaped = text_of(match.path)
    text, text_escaped = text_of(text_bytes)
    flags = {"path_escaped": path_escaped, "text_escaped": text_escaped, "text_truncated": truncated}
    return {"path": path, "line": match.line, "text": text, **{name: True for name, is_set in flags.items() if is_set}}


def text_of(data: bytes) -> tuple[str, bool]:
    r"""Bytes as text, and whether they had to be escaped: `\xNN` for bytes that are no UTF-8, backslashes doubled."""
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace"), True


def _whole_characters(data: bytes) -> bytes:
    """Without the beginning of a UTF-8 character at the end, which only the cut made invalid."""
    for back in range(1, min(4, len(data) + 1)):
        if data[-back] >= 0xC0:
            length = 2 if data[-back] < 0xE0 else 3 if data[-back] < 0xF0 else 4
            return data[:-back] if length > back else data
        if data[-back] < 0x80:
            break
    return data
