"""Bytes as they come, cut into lines of a bounded length. Pure."""

from collections.abc import Iterator
from typing import Final

BYTES_MAX: Final = 16 * 1024 * 1024
"""A longer line is left out: an event holds the whole output of a command or a tool."""


class Lines:
    """The cutter. `left_out` counts the lines that were too long."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self.left_out = 0
        self._bytes_max = bytes_max
        self._parts: list[bytes] = []
        self._size = 0

    def take(self, data: bytes) -> Iterator[bytes]:
        """The lines that are whole now, without their ends."""
        first, *others = data.split(b"\n")
        self._hold(first)
        for part in others:
            line = self.rest()
            self._hold(part)
            if line:
                yield line

    def rest(self) -> bytes:
        """What is held, as a line, and no longer held. Empty where it was too long."""
        line = b"".join(self._parts)
        self.left_out += self._size > self._bytes_max
        self._parts, self._size = [], 0
        return line

    def _hold(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._bytes_max:
            self._parts = []
        else:
            self._parts.append(part)
