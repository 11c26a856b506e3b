"""The tree of the commit: that of the branch with the named paths as they are in the working tree.

Made in an index of its own, so that what somebody has staged is neither taken nor changed.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from dome_contracts.tool import ToolFailure
from domed.tools.repo_commit import hooks, paths
from domed.tools.repo_commit.git import shown
from domed.tools.repo_commit.listing import Change, Listing, changes
from domed.tools.repo_commit.place import Place
from domed.tools.repo_commit.request import Request


@dataclass(frozen=True, slots=True)
class Content:
    """What a commit will hold."""

    tree: str
    changes: tuple[Change, ...]
    index: bytes
    """The index that the tree was written from."""


def take(place: Place, request: Request, scratch: bytes, *, indexed: Listing) -> Content:
    """Store the named paths and write the tree. Raises ToolFailure, also where nothing would change."""
    index, tip = os.path.join(scratch, b"index"), request.target.head
    if tip != place.none:
        place.git.must("read-tree", tip, index=index)
    chosen = paths.choose(place, request.paths, committed=Listing.of(place.git, index), indexed=indexed)
    # What is taken away makes room for what comes.
    _update(place, index, "--force-remove", chosen.deleted)
    _update(place, index, "--add", chosen.present)
    base = place.tree_of(tip)
    if _write(place, index) == base:
        raise ToolFailure("COMMIT.NOTHING_TO_COMMIT", "The named paths are as they are in the branch. Nothing to do.")
    if request.hooks == "run":
        hooks.run(place, "pre-commit", (), index=index)
    tree = _write(place, index)
    changed = changes(place.git, base, tree)
    _check_only_named(request, changed)
    return Content(tree, tuple(changed), index)


def _update(place: Place, index: bytes, option: str, chosen: Iterable[bytes]) -> None:
    """Git reads the files as `git add` does, with the attributes and filters of the repository."""
    named = b"".join(path + b"\0" for path in chosen)
    if not named:
        return
    answer = place.git.ask("update-index", option, "-z", "--stdin", stdin=named, index=index)
    if answer.exit_code != 0:
        raise ToolFailure("COMMIT.CONTENT_REFUSED", f"Git does not take the content: {answer.said}")
    if answer.complaint:
        os.write(2, answer.complaint)


def _write(place: Place, index: bytes) -> str:
    # In a partial clone, objects of other paths may be elsewhere; what was taken here has just been stored.
    return place.git.must("write-tree", "--missing-ok", index=index).line.decode()


def _check_only_named(request: Request, changed: list[Change]) -> None:
    if not changed:
        raise ToolFailure("COMMIT.HOOK_REFUSED", "A hook undid every change of the named paths. Read its output.")
    if strangers := [change.path for change in changed if change.path not in request.paths]:
        problem = f"The commit would change {shown(strangers[0])}, which is not among `paths`"
        raise ToolFailure("COMMIT.HOOK_REFUSED", f"{problem}: a hook staged it. Name it too, or skip the hooks.")
