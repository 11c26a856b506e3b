"""The second look at what a commit target names: whether working tree, branch and commit are those that were probed.

Only looks; whoever asks holds the lock of the index, so that what was seen stays so.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dome_contracts.tool import ToolFailure
from domed.tools.repo_commit.git import Git
from domed.tools.repo_commit.message import TRAILER
from domed.tools.repo_commit.request import CommitTarget

COMMITS_SEARCHED_MAX: Final = 2000
"""How many commits, newest first, are looked through for that of an operation."""
# What is under way, by what git keeps in the folder of the working tree meanwhile.
UNDER_WAY: Final = {
    b"MERGE_HEAD": "merge",
    b"rebase-merge": "rebase",
    b"rebase-apply": "rebase or `git am`",
    b"CHERRY_PICK_HEAD": "cherry-pick",
    b"REVERT_HEAD": "revert",
    b"sequencer": "cherry-pick or revert",
}
PROBE_AGAIN: Final = "Look at what changed, then probe again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A working tree of a repository."""

    git: Git
    root: bytes
    git_dir: bytes
    index: bytes
    none: str
    """The id of no commit, as long as the ids of the repository."""
    empty_tree: str

    def tip(self, ref: str) -> str:
        """The commit that a reference names; the id of none where it does not exist."""
        answer = self.git.ask("show-ref", "--verify", "--hash", ref)
        return answer.line.decode() if answer.exit_code == 0 else self.none

    def tree_of(self, commit: str) -> str:
        """The tree of a commit; the empty one for none."""
        if commit == self.none:
            return self.empty_tree
        return self.git.must("rev-parse", "--verify", f"{commit}^{{tree}}").line.decode()

    def parent_of(self, commit: str) -> str:
        """The first parent of a commit."""
        answer = self.git.ask("rev-parse", "-q", "--verify", f"{commit}^1")
        return answer.line.decode() if answer.exit_code == 0 else self.none

    def made_by(self, operation_id: str, tip: str) -> str | None:
        """The newest commit of an operation among the newest ones up to a commit."""
        if tip == self.none:
            return None
        form = f"--format=:%(trailers:key={TRAILER},valueonly,unfold,separator=%x2C)"
        said = self.git.must("rev-list", f"--max-count={COMMITS_SEARCHED_MAX}", form, tip, "--").output.decode(
            "utf-8", "replace"
        )
        commit = ""
        for line in said.split("\n"):
            if line.startswith("commit "):
                commit = line.removeprefix("commit ")
            elif operation_id in line.removeprefix(":").split(","):
                return commit
        return None


def find(target: CommitTarget, environ: Mapping[str, str]) -> Place:
    """The working tree of a target. Raises ToolFailure where it is gone or belongs to another repository."""
    name = os.fsdecode(target.worktree_root)
    if not os.path.isdir(target.worktree_root):
        raise ToolFailure("COMMIT.WORKTREE_GONE", f"There is no folder {name}. {PROBE_AGAIN}")
    git = Git.of(target.worktree_root, environ)
    answer = git.ask("rev-parse", "--show-toplevel")
    if answer.exit_code != 0:
        is_unsafe = "dubious ownership" in answer.said
        reason = "COMMIT.REPOSITORY_UNSAFE" if is_unsafe else "COMMIT.REPOSITORY_CHANGED"
        raise ToolFailure(reason, f"Git refuses {name}: {answer.said}")
    top = os.path.realpath(answer.line)
    if top != os.path.realpath(target.worktree_root):
        problem = f"{name} is no working tree of its own, it lies in that of {os.fsdecode(top)}."
        raise ToolFailure("COMMIT.REPOSITORY_CHANGED", f"{problem} {PROBE_AGAIN}")
    shared = os.path.realpath(git.must("rev-parse", "--path-format=absolute", "--git-common-dir").line)
    if shared != os.path.realpath(target.git_common_dir):
        problem = f"{name} belongs to the repository {os.fsdecode(shared)}."
        raise ToolFailure("COMMIT.REPOSITORY_CHANGED", f"{problem} {PROBE_AGAIN}")
    # Files of the repository get the permissions that its folder of objects has, not those of the daemon's files.
    git = replace(git, umask=0o777 & ~os.stat(os.path.join(shared, b"objects")).st_mode)
    empty_tree = git.must("hash-object", "-t", "tree", "--stdin").line.decode()
    git_dir = git.must("rev-parse", "--absolute-git-dir").line
    return Place(
        git=git, root=top, git_dir=git_dir, index=os.path.join(git_dir, b"index"), none="0" * len(empty_tree),
        empty_tree=empty_tree,
    )  # fmt: skip


def check(place: Place, target: CommitTarget) -> None:
    """Whether everything is as it was probed. Raises ToolFailure with the first thing that is not."""
    if target.protection == "protected" and target.capability == "standard":
        problem = f"{target.destination_ref} is protected."
        raise ToolFailure(
            "COMMIT.REF_PROTECTED", f"{problem} Commit to a branch of its own, or have a person order it."
        )
    _check_nothing_under_way(place)
    answer = place.git.ask("symbolic-ref", "-q", "HEAD")
    if answer.exit_code != 0:
        problem = "HEAD of the working tree names a commit and no branch."
        raise ToolFailure("COMMIT.HEAD_DETACHED", f"{problem} Switch to {target.destination_ref}, then probe again.")
    branch = answer.line.decode("utf-8", "replace")
    if branch != target.destination_ref:
        problem = f"The working tree is on {branch} and not on {target.destination_ref}."
        raise ToolFailure("COMMIT.BRANCH_CHANGED", f"{problem} {PROBE_AGAIN}")
    check_head(place, target)


def check_head(place: Place, target: CommitTarget) -> None:
    """Whether the branch names the commit that was probed. Raises ToolFailure."""
    if (tip := place.tip(target.destination_ref)) != target.head:
        problem = f"{target.destination_ref} names {_named(tip)} and not {_named(target.head)}."
        raise ToolFailure("COMMIT.HEAD_MOVED", f"{problem} {PROBE_AGAIN}")


def _check_nothing_under_way(place: Place) -> None:
    for name, what in UNDER_WAY.items():
        # Newer formats of references keep some of these names elsewhere than in a file.
        is_ref = name in {b"CHERRY_PICK_HEAD", b"REVERT_HEAD"}
        if os.path.lexists(os.path.join(place.git_dir, name)) or (
            is_ref and place.git.ask("rev-parse", "-q", "--verify", name).exit_code == 0
        ):
            raise ToolFailure(
                "COMMIT.OPERATION_IN_PROGRESS", f"A {what} is under way here. Finish or abort it, then probe again."
            )


def _named(commit: str) -> str:
    return "no commit" if set(commit) == {"0"} else commit
