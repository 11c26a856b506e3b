"""What a word of the command line names: a path, a revision, a place in another repository, the baseline.

| word                | names                                                                                |
|---------------------|--------------------------------------------------------------------------------------|
| `baseline`          | what was blessed, in the repository of this directory                                |
| an existing path    | that file or directory; a path wins over a branch of the same name                   |
| `REPO@REF[:PATH]`   | a revision of the repository at REPO, a directory or a `file://` URL                 |
| `REF:PATH`          | a file or directory of a revision; PATH may be empty: the whole revision             |
| `REF`               | a revision; of it the place that the other side of the comparison names, else all    |
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from dome_spec.contracts.sources.errors import SourceNotFound, SourceRefused

BASELINE: Final = "baseline"
_REMOTE: Final = re.compile(r"[a-z][a-z0-9+.-]*://|[\w.-]+@[\w.-]+:")


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file or directory."""

    path: Path


@dataclass(frozen=True, slots=True)
class InCommit:
    """A place in a revision of the repository that `repository` lies in. No path: it was not said."""

    repository: Path
    revision: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Blessed:
    """The baseline of the repository that a directory lies in."""

    directory: Path


Location = OnDisk | InCommit | Blessed


def locate(word: str, directory: Path) -> Location:
    """What a word names, seen from a directory. Whether a revision exists is not asked. Raises SourceError."""
    if word == BASELINE:
        return Blessed(directory)
    if not word:
        raise SourceNotFound("an empty word names no source", "Write a path, a revision or `baseline`.")
    if (directory / word).exists():
        return OnDisk(directory / word)
    if word.startswith("file://"):
        return _elsewhere(word, directory)
    for at in (index for index in range(len(word) - 1, 0, -1) if word[index] == "@"):
        left, right = word[:at], word[at + 1 :]
        if right and not right.startswith("{") and (directory / left).is_dir():
            return _revision(directory / left, right)
    if _REMOTE.match(word):
        remedy = "Make a clone (`git clone URL`) and write `CLONE@REF`: nothing is fetched from here."
        raise SourceRefused(f"{word} is on another machine", remedy)
    return _revision(directory, word)


def _elsewhere(word: str, directory: Path) -> Location:
    address, at, revision = word.rpartition("@")
    path = Path(unquote(urlsplit(address if at else word).path))
    return _revision(path, revision) if at else OnDisk(directory / path)


def _revision(repository: Path, words: str) -> InCommit:
    revision, colon, path = words.partition(":")
    return InCommit(repository, revision or "HEAD", path if colon else None)


def is_baseline(word: str, directory: Path) -> bool:
    """Whether a word names the baseline."""
    return isinstance(locate(word, directory), Blessed)
