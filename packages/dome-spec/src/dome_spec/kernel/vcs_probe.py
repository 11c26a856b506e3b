"""What a working tree looks like now: its branch, its commit, what is staged, and the other working trees.

Reads only, as everything of the port to git. What is seen may change the moment after: who acts on it probes again.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_spec.kernel.vcs import Repository
from dome_spec.kernel.vcs_errors import NotARepository, RefNotFound, RepositoryUnreadable
from dome_spec.kernel.vcs_places import linked_root, main_root

COMMITS_MAX: Final = 10_000
"""Most commits that are walked back."""
NO_COMMIT: Final = "0" * 40
"""Stands for the commit of a reference that names none yet."""
_SYMBOLIC: Final = "ref: "
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """One working tree of a repository. `branch` is None where HEAD names a commit and no reference."""

    root: Path
    branch: str | None
    head: str


@dataclass(frozen=True, slots=True)
class Probed:
    """What was seen of a working tree, at once."""

    tree: WorkingTree
    git_common_dir: Path
    staged_paths: tuple[str, ...]
    """Paths whose staged content is another than that of the commit, sorted."""


def probe(start: Path) -> Probed:
    """What the working tree that holds a directory looks like. Raises NotARepository, RepositoryUnreadable."""
    with Repository.find(start) as repository:
        if repository.root is None:
            raise NotARepository(str(start), "it has no working tree")
        return Probed(
            tree=_tree(repository.root, repository.directory, repository),
            git_common_dir=repository.common_directory,
            staged_paths=tuple(sorted(repository.staged_paths())),
        )


def working_trees(start: Path) -> tuple[WorkingTree, ...]:
    """All working trees of a repository that are there, the main one first, where it has one.

    Raises NotARepository, RepositoryUnreadable; MainTreeUnknown in a linked tree that does not lead to the main one.
    """
    with Repository.find(start) as repository:
        found = list(_working_trees(repository))
    return tuple(found)


def is_ancestor(repository: Repository, ancestor: str, descendant: str) -> bool:
    """Whether a commit is the other one, or lies before it. Raises RefNotFound."""
    return any(each == ancestor for each in history(repository, descendant))


def commit_with_line(repository: Repository, start: str, line: str) -> str | None:
    """The newest commit at or before `start` whose message has this line, None where there is none."""
    return next((each for each in history(repository, start) if line in repository.message(each).splitlines()), None)


def history(repository: Repository, start: str, *, commits_max: int = COMMITS_MAX) -> Iterator[str]:
    """The commit and those before it, each once, nearer ones first."""
    seen, waiting = {start}, [start]
    while waiting and len(seen) <= commits_max:
        following: list[str] = []
        for commit_id in waiting:
            yield commit_id
            for parent in repository.parents(commit_id):
                if parent not in seen:
                    seen.add(parent)
                    following.append(parent)
        waiting = following


def _working_trees(repository: Repository) -> Iterator[WorkingTree]:
    common = repository.common_directory
    is_main = repository.directory.resolve() == common
    root = repository.root if is_main else main_root(common)
    if root is not None:
        yield _tree(root, common, repository)
    linked = common / "worktrees"
    for folder in sorted(linked.iterdir()) if linked.is_dir() else ():
        root = linked_root(folder)
        if root is not None:
            yield _tree(root, folder, repository)


def _tree(root: Path, directory: Path, repository: Repository) -> WorkingTree:
    try:
        text = os.fsdecode((directory / "HEAD").read_bytes()).rstrip()
    except OSError as error:
        raise RepositoryUnreadable(str(directory / "HEAD"), error.strerror or str(error)) from error
    if not text.startswith(_SYMBOLIC):
        return WorkingTree(root=root, branch=None, head=text if _COMMIT.fullmatch(text) else NO_COMMIT)
    branch = text.removeprefix(_SYMBOLIC).strip()
    try:
        head = repository.resolve(branch)
    except RefNotFound:
        head = NO_COMMIT
    return WorkingTree(root=root, branch=branch, head=head)
