"""Trees of files that schemas are read from: a directory, or a commit. Know nothing of schemas."""

import os
import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from dome_spec.contracts.sources.errors import SourceNotFound, SourceRefused, SourceTooLarge
from dome_spec.kernel import FileTooLarge, LinkOutside, NotInCommit, Repository

FILES_MAX: Final = 50_000
"""Most files below one place."""
FILE_BYTES_MAX: Final = 8 * 1024 * 1024
"""Largest file that is read."""
SUFFIXES: Final = (".json", ".jsonschema")
_LEFT_OUT: Final = frozenset({"node_modules", "__pycache__"})


class Tree(Protocol):
    """Files by path; `/` between names, none at the beginning, '' is the root."""

    def is_file(self, path: str) -> bool:
        """Whether a file has this path."""
        ...

    def files(self, prefix: str) -> list[str]:
        """The JSON files below a directory, ordered, without hidden folders and installed packages."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises SourceNotFound, SourceRefused (it leads outside), SourceTooLarge."""
        ...


class DirectoryTree:
    """Files on the disk, none of which leads out of the boundary."""

    def __init__(self, root: Path, *, boundary: Path) -> None:
        self._root = root
        self._boundary = boundary.resolve()

    def is_file(self, path: str) -> bool:
        return (self._root / path).is_file()

    def files(self, prefix: str) -> list[str]:
        found: list[str] = []
        for folder, folders, names in os.walk(self._root / prefix):
            folders[:] = sorted(name for name in folders if _is_looked_into(name))
            within = Path(folder).relative_to(self._root).as_posix()
            found += [posixpath.normpath(f"{within}/{name}") for name in names if _is_json(name)]
            if len(found) > FILES_MAX:
                raise _too_many(str(self._root / prefix))
        return sorted(found)

    def read(self, path: str) -> bytes:
        target = self._root / path
        real = target.resolve()
        if not real.is_relative_to(self._boundary):
            raise SourceRefused(f"{path} leads outside, to {real}", "Copy the file to where it is used.")
        try:
            found = real.stat()
            if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for without end
                raise SourceRefused(f"{path} is no regular file", "Take it away, or name the schemas themselves.")
            if found.st_size > FILE_BYTES_MAX:
                raise _too_large(path, found.st_size)
            return real.read_bytes()
        except FileNotFoundError as error:
            raise SourceNotFound(f"{path} does not exist", "Name a file that does.") from error
        except OSError as error:
            raise SourceRefused(f"{path} cannot be read: {error.strerror}", "Make it readable.") from error


class CommitTree:
    """Files of one commit."""

    def __init__(self, repository: Repository, commit_id: str) -> None:
        self._repository = repository
        self._commit_id = commit_id

    def is_file(self, path: str) -> bool:
        try:
            return [each.path for each in self._repository.files(self._commit_id, path)] == [path]
        except NotInCommit:
            return False

    def files(self, prefix: str) -> list[str]:
        try:
            listed = self._repository.files(self._commit_id, prefix)
        except NotInCommit as error:
            raise SourceNotFound(error.what, error.remedy) from error
        found = [
            each.path for each in listed if _is_json(each.path) and all(map(_is_looked_into, _below(each.path, prefix)))
        ]
        if len(found) > FILES_MAX:
            raise _too_many(prefix or "the commit")
        return found

    def read(self, path: str) -> bytes:
        try:
            return self._repository.read(self._commit_id, path, bytes_max=FILE_BYTES_MAX)
        except FileTooLarge as error:
            raise _too_large(path, error.size_bytes) from error
        except LinkOutside as error:
            raise SourceRefused(error.what, "Copy the file to where it is used.") from error
        except NotInCommit as error:
            raise SourceNotFound(error.what, error.remedy) from error


def _below(path: str, prefix: str) -> Iterator[str]:
    """The folders between a prefix and a file below it."""
    return iter(posixpath.relpath(path, prefix or ".").split("/")[:-1])


def _is_json(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _is_looked_into(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _LEFT_OUT


def _too_many(place: str) -> SourceTooLarge:
    return SourceTooLarge(f"more than {FILES_MAX} JSON files in {place}", "Name the folder that holds the schemas.")


def _too_large(path: str, size_bytes: int) -> SourceTooLarge:
    return SourceTooLarge(f"{path} has {size_bytes} bytes, at most {FILE_BYTES_MAX} are read", "Split the document.")
