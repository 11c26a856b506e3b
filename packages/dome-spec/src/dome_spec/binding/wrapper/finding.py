"""Where the bytes of evidence are that a document refers to: files on this machine. Judges no bytes, keeps none."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from dome_spec.binding.evidence import CHUNK_BYTES

_LOCAL_HOSTS: Final = ("", "localhost")


class Finder(Protocol):
    """Finds the bytes of evidence."""

    def find(self, location: str) -> Iterator[bytes] | None:
        """The bytes at a location, in pieces; None where nothing can be found. Raises OSError."""
        ...


class Nowhere:
    """Finds nothing: what is not in the store is not there."""

    def find(self, location: str) -> Iterator[bytes] | None:
        return None


class FilesBeside:
    """Files below a directory by their relative path, and others by their `file:` URI. Regular files only."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()

    def find(self, location: str) -> Iterator[bytes] | None:
        path = self._path(location)
        return None if path is None else _pieces(path)

    def _path(self, location: str) -> Path | None:
        path = _of_uri(location) if location.startswith("file:") else location
        if path is None or "\0" in path:
            return None
        if location.startswith("file:"):
            return Path(path) if path.startswith("/") else None
        # Not `Path.resolve`, which takes a circle of links for a defect of the program.
        named = Path(os.path.realpath(self._directory / path))
        return named if named.is_relative_to(self._directory) else None


def _of_uri(location: str) -> str | None:
    """The path of a `file:` URI; None where it names no file of this machine."""
    try:
        parts = urlsplit(location)
    except ValueError:  # a host that is none
        return None
    return unquote(parts.path) if parts.netloc in _LOCAL_HOSTS else None


def _pieces(path: Path) -> Iterator[bytes] | None:
    """The bytes of a regular file: whoever names a pipe or a device does not make us wait."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return _read(descriptor)


def _read(descriptor: int) -> Iterator[bytes]:
    with os.fdopen(descriptor, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
