"""The index of the working tree as it is to be after the commit: prepared beside it, put in place by one rename.

Entries of other paths, and of named paths that somebody had staged in another form, are those of before.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from domed.tools.repo_commit.listing import Change, Entry, Listing
from domed.tools.repo_commit.place import Place

NAME: Final = b"dome-index"


def following(changes: Iterable[Change], *, indexed: Listing, staged: frozenset[bytes]) -> list[Change]:
    """The changes that the index has to follow: of paths that nobody had staged."""
    wanted = [change for change in changes if change.path not in staged]
    gone = {change.path for change in wanted if change.after is None}
    return [
        change
        for change in wanted
        if change.after is None or all(other in gone for other in indexed.in_the_way_of(change.path))
    ]


def prepare(place: Place, changes: list[Change], scratch: bytes) -> bytes | None:
    """An index that follows the changes, ready to be put in place; None where there is nothing to follow."""
    if not changes:
        return None
    draft, ready = os.path.join(scratch, b"next-index"), os.path.join(place.git_dir, NAME)
    with suppress(FileNotFoundError):
        shutil.copy2(place.index, draft)
    # What is taken away makes room for what comes.
    ordered = sorted(changes, key=lambda change: change.after is not None)
    place.git.must(
        "update-index", "-z", "--index-info", stdin=b"".join(_line(place, change) for change in ordered), index=draft
    )
    # The entries are right without it; with it, a later look need not read the files. Other paths may differ.
    place.git.ask("update-index", "-q", "--refresh", index=draft)
    with open(draft, "rb") as source, open(ready, "wb") as copy:
        shutil.copyfileobj(source, copy)
        os.fsync(copy.fileno())
    shutil.copystat(draft, ready)
    if os.path.exists(place.index):
        shutil.copymode(place.index, ready)
    else:
        os.chmod(ready, 0o666 & ~place.git.umask)
    return ready


def put(place: Place, ready: bytes | None) -> None:
    """Replace the index by the prepared one."""
    if ready is not None:
        os.replace(ready, place.index)


def drop(place: Place) -> None:
    """Remove what was prepared and not put in place."""
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(place.git_dir, NAME))


def _line(place: Place, change: Change) -> bytes:
    entry = change.after or Entry("0", place.none)
    return f"{entry.mode} {entry.object_id} 0\t".encode() + change.path + b"\0"
