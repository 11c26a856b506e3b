"""What documents can name of a repository. Git and the file system take names that are no text; documents do not."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dome_spec.mission_runtime.refusals import PlaceUnnameable

_REFERENCE: Final = re.compile(r"refs/[!-~]{1,240}")
_STAGED: Final = re.compile(r"[^\\\0]{1,1024}")
_SHOWN_MAX: Final = 3


def refuse_directory(directory: Path) -> None:
    """Refuse a directory whose name is no text. Raises PlaceUnnameable."""
    if not _is_text(str(directory)):
        raise PlaceUnnameable(
            f"{str(directory)!a} cannot be named in a document",
            why="its name is no UTF-8",
            hint="Move the repository to a directory whose name is",
        )


def refuse_branch(branch: str) -> None:
    """Refuse a branch whose name is more than printable ASCII. Raises PlaceUnnameable."""
    if _REFERENCE.fullmatch(branch) is None:
        raise PlaceUnnameable(
            f"The branch {branch!a} cannot be named in a document",
            why="names of references are printable ASCII there, up to 245 characters",
            hint="Rename it: `git branch -m NAME`",
        )


def refuse_staged(paths: Iterable[str]) -> None:
    """Refuse staged paths that cannot be told to the tool that leaves them as they are. Raises PlaceUnnameable."""
    found = [each for each in paths if not _is_text(each) or _STAGED.fullmatch(each) is None]
    if found:
        raise PlaceUnnameable(
            f"Staged, and not to be named in a document: {', '.join(map(ascii, found[:_SHOWN_MAX]))}",
            why="paths are UTF-8 without backslashes there",
            hint="Commit or unstage them first: `git restore --staged PATH`",
        )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
