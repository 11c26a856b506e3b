"""Which of the named paths are files to take and which are deletions; every other path is refused. Only looks."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from dome_contracts.tool import ToolFailure
from domed.tools.repo_commit.git import fields, shown
from domed.tools.repo_commit.listing import SUBMODULE, Listing, parents
from domed.tools.repo_commit.place import Place

# Under these names some file systems find `.git` itself.
GIT_NAMES: Final = frozenset({b".git", b"git~1"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the commit takes from the working tree, and what it takes away."""

    present: tuple[bytes, ...]
    deleted: tuple[bytes, ...]


def choose(place: Place, paths: Iterable[bytes], *, committed: Listing, indexed: Listing) -> Chosen:
    """The named paths as they are in the working tree. Raises ToolFailure for the first that cannot be committed."""
    present: list[bytes] = []
    deleted: list[bytes] = []
    for path in paths:
        _check_name(path)
        _check_tracked(path, committed, indexed)
        if _is_there(place.root, path, is_committed=path in committed.entries):
            present.append(path)
        elif path in committed.entries:
            deleted.append(path)
        elif path not in indexed.entries:
            _refuse("COMMIT.PATH_UNKNOWN", path, "does not exist and is not tracked", "Correct `paths`")
    _check_not_ignored(place, [path for path in present if path not in committed.entries], indexed)
    _check_room(present, deleted, committed)
    return Chosen(tuple(present), tuple(deleted))


def _refuse(reason: str, path: bytes, problem: str, remedy: str) -> NoReturn:
    raise ToolFailure(reason, f"{shown(path)} {problem}. {remedy}.")


def _check_name(path: bytes) -> None:
    parts = path.split(b"/")
    if any(part in {b"", b".", b".."} for part in parts) or b"\0" in path:
        _refuse("COMMIT.PATH_OUTSIDE", path, "is no plain path below the root of the working tree", "Correct `paths`")
    if any(_is_git(part) for part in parts):
        _refuse("COMMIT.PATH_IN_GIT", path, "lies in a `.git` folder", "Leave it out")


def _is_git(part: bytes) -> bool:
    return part.lower().rstrip(b" .") in GIT_NAMES


def _check_tracked(path: bytes, committed: Listing, indexed: Listing) -> None:
    for listing in (committed, indexed):
        for part in (*parents(path), path):
            entry = listing.entries.get(part)
            if entry is not None and entry.mode == SUBMODULE:
                _refuse("COMMIT.PATH_SUBMODULE", path, "is a submodule or lies in one", "Commit in the submodule")
    if path in indexed.hidden:
        _refuse(
            "COMMIT.PATH_SPARSE", path, "is outside of the sparse checkout", "Add it with `git sparse-checkout add`"
        )


def _is_there(root: bytes, path: bytes, *, is_committed: bool) -> bool:
    """Whether there is a file to take. Links are files of their own, and nothing behind a link belongs to the tree."""
    if not all(_is_folder_of(root, folder, path, is_committed=is_committed) for folder in parents(path)):
        return False
    mode = _mode(root, path)
    if mode is None:
        return False
    if stat.S_ISDIR(mode):
        if _mode(root, path + b"/.git") is not None:
            _refuse("COMMIT.PATH_SUBMODULE", path, "is another repository", "Commit there")
        if not is_committed:
            _refuse("COMMIT.PATH_NOT_A_FILE", path, "is a folder", "Name its files")
        return False
    if stat.S_ISLNK(mode):
        _check_link(root, path)
    elif not stat.S_ISREG(mode):
        _refuse("COMMIT.PATH_NOT_A_FILE", path, "is neither a file nor a symbolic link", "Leave it out")
    return True


def _is_folder_of(root: bytes, folder: bytes, path: bytes, *, is_committed: bool) -> bool:
    mode = _mode(root, folder)
    if mode is not None and stat.S_ISLNK(mode) and not is_committed:
        _refuse(
            "COMMIT.PATH_LINK_OUTSIDE",
            path,
            f"lies behind the symbolic link {shown(folder)}",
            "Name the link, or the file",
        )
    if mode is None or not stat.S_ISDIR(mode):
        return False
    if _mode(root, folder + b"/.git") is not None:
        _refuse("COMMIT.PATH_SUBMODULE", path, "lies in another repository", "Commit there")
    return True


def _mode(root: bytes, path: bytes) -> int | None:
    try:
        return os.lstat(os.path.join(root, path)).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def _check_link(root: bytes, path: bytes) -> None:
    inside = os.path.relpath(os.path.realpath(os.path.join(root, path)), root).split(b"/")
    if inside[0] == b".." or any(_is_git(part) for part in inside):
        _refuse(
            "COMMIT.PATH_LINK_OUTSIDE",
            path,
            "is a symbolic link that leaves the working tree",
            "Let it lead to a file of it",
        )


def _check_not_ignored(place: Place, added: list[bytes], indexed: Listing) -> None:
    """Tracked files are never ignored, and what somebody staged in spite of a rule is meant."""
    asked = [path for path in added if path not in indexed.entries]
    if not asked:
        return
    # A name that begins with a colon would be read as more than a name.
    answer = place.git.ask("check-ignore", "-z", "--stdin", stdin=b"".join(b"./%b\0" % path for path in asked))
    if answer.exit_code not in {0, 1}:
        raise ToolFailure("TOOL.FAILED", f"`git check-ignore` failed: {answer.said}")
    for path in fields(answer.output):
        name = path.removeprefix(b"./")
        _refuse("COMMIT.PATH_IGNORED", name, "is excluded by an ignore rule", "Leave it out, or use `git add -f` first")


def _check_room(present: list[bytes], deleted: list[bytes], committed: Listing) -> None:
    """A file where a folder was takes away files, and they have to be named too; so the other way round."""
    gone = frozenset(deleted)
    for path in present:
        for other in committed.in_the_way_of(path):
            if other not in gone:
                _refuse("COMMIT.PATH_CONFLICT", path, f"takes the place of {shown(other)}", "Name both")
