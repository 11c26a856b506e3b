"""Files of commits: what is said of one, and how its path is written."""

import stat
from dataclasses import dataclass
from typing import Literal

Kind = Literal["file", "symlink"]


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """One file of a commit. `blob_id` is equal for equal contents."""

    path: str
    blob_id: str
    kind: Kind


def committed(path: str, mode: int, object_id: bytes) -> CommittedFile:
    """What an entry of a tree says of a file."""
    return CommittedFile(path, object_id.decode("ascii"), "symlink" if stat.S_ISLNK(mode) else "file")


def normal(path: str) -> str:
    """Without `.`, doubled and outer slashes; the empty path is the root."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))
