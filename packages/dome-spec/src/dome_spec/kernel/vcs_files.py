"""Files of commits: what is said of one, and how its path is written."""

import stat
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from dome_spec.kernel.vcs_errors import LinkOutside

Kind = Literal["file", "symlink"]


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """One file of a commit. `blob_id` is equal for equal contents."""

    path: str
    blob_id: str
    kind: Kind


class Entry(NamedTuple):
    """A file or directory in a directory of a commit. Equal ones hold the same."""

    mode: int
    object_id: str


def committed(path: str, mode: int, object_id: bytes) -> CommittedFile:
    """What an entry of a tree says of a file."""
    return CommittedFile(path, object_id.decode("ascii"), "symlink" if stat.S_ISLNK(mode) else "file")


def normal(path: str) -> str:
    """Without `.`, doubled and outer slashes; the empty path is the root."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def target(repository: str, commit_id: str, link: str, data: bytes) -> str:
    """Where a link leads, inside of the commit. Raises LinkOutside."""
    text = data.decode("utf-8", errors="surrogateescape")
    parts = list(PurePosixPath(link).parent.parts)
    for part in PurePosixPath(text).parts:
        if part == "/" or (part == ".." and not parts):
            raise LinkOutside(repository, commit_id, link, text)
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)
