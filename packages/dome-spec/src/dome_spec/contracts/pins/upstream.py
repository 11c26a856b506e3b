"""The repository that owns a bundle: a directory, or a commit of any repository on this machine. Only read."""

import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dome_contracts.schema.control.pin import PinSourceKind
from dome_spec.contracts.pins.errors import LocationRefused, SourceUnusable
from dome_spec.contracts.sources import SourceNotFound
from dome_spec.contracts.sources.location import Blessed, InCommit, OnDisk, locate
from dome_spec.contracts.sources.trees import CommitTree, DirectoryTree, Tree
from dome_spec.kernel import NotARepository, RefNotFound, Repository

_NAME_IT: Final = "Say with `--location` how everybody finds it: a URL, or `owner/name`."
_OF_ONE_MACHINE: Final = ("/", "~", "\\", "file:")


@dataclass(frozen=True, slots=True)
class Upstream:
    """An open source. Paths begin at its root."""

    kind: PinSourceKind
    tree: Tree
    path: Path
    """The directory, or where the repository was found."""
    commit: str = ""
    prefix: str = ""
    """Where the word of the command line points inside of it."""
    _repository: Repository | None = field(default=None, repr=False)

    def earlier(self, commit: str) -> Tree | None:
        """The files of another commit; None where the source does not have it."""
        if self._repository is None:
            return None
        try:
            return CommitTree(self._repository, self._repository.resolve(commit))
        except RefNotFound:
            return None

    def names(self, prefix: str) -> list[str]:
        """The JSON files below a folder; none where there is no such folder. Raises SourceError, VcsError."""
        try:
            return self.tree.files(prefix)
        except SourceNotFound:
            return []


@contextmanager
def upstream(word: str, directory: Path) -> Iterator[Upstream]:
    """The source that a word names: a directory, or `REPO@REF[:PATH]`. Raises SourceUnusable, SourceError, VcsError."""
    match locate(word, directory):
        case OnDisk(path) if path.is_dir():
            yield Upstream(PinSourceKind.DIRECTORY, DirectoryTree(path, boundary=path), path)
        case OnDisk(path):
            raise SourceUnusable(f"{path} is a file", "Name the directory that it lies in, or `REPO@REF`.")
        case Blessed():
            raise SourceUnusable("the baseline is ours", "Name a directory, or `REPO@REF`.")
        case InCommit(path, revision, inside):
            with _found(path, word) as repository:
                commit = _resolved(repository, revision, word)
                yield Upstream(
                    PinSourceKind.GIT, CommitTree(repository, commit), path, commit, normal(inside or ""), repository
                )


def location(word: str, found: Upstream, *, given: str, root: Path) -> str:
    """The name that the pin keeps of a source. Raises LocationRefused for one that means something here only."""
    if given:
        if given.lower().startswith(_OF_ONE_MACHINE):
            raise LocationRefused(f"the location {given!r} is a path of one machine", _NAME_IT)
        return given
    if word.lower().startswith(_OF_ONE_MACHINE):
        raise LocationRefused(f"{word!r} is a path of one machine", _NAME_IT)
    return Path(os.path.relpath(found.path.resolve(), root.resolve())).as_posix()


def normal(path: str) -> str:
    """Without `.`, doubled and outer slashes; the empty path is the root."""
    cleaned = posixpath.normpath(path) if path else ""
    return "" if cleaned == "." else cleaned.strip("/")


def below(path: str, prefix: str) -> str:
    """A path from the root, seen from the prefix."""
    return path.removeprefix(f"{prefix}/") if prefix else path


def _found(path: Path, word: str) -> Repository:
    try:
        return Repository.find(path)
    except NotARepository as error:
        raise _neither(word, error.what) from error


def _resolved(repository: Repository, revision: str, word: str) -> str:
    try:
        return repository.resolve(revision)
    except RefNotFound as error:
        raise _neither(word, error.what) from error


def _neither(word: str, why: str) -> SourceNotFound:
    return SourceNotFound(
        f"{word!r} is no directory, and {why}", "Write a directory, or `REPO@REF`; nothing is fetched."
    )
