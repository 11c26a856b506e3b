"""Reads the facts of a repository from one commit, through the one port to git."""

from dataclasses import dataclass
from typing import Final

from dome_spec.kernel import FileTooLarge, NotInCommit, Repository
from dome_spec.planning.repository.facts import RepositoryFacts, facts_of

TEXT_BYTES_MAX: Final = 1024 * 1024
"""Largest file that is asked how the repository is tested."""
_SYMBOLIC: Final = "ref: "
_HEAD_BYTES_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class Head:
    """Where a repository stands."""

    ref: str
    """Full name of the branch; `refs/heads/HEAD` where none is checked out."""
    commit_id: str


def look(repository: Repository, commit_id: str) -> RepositoryFacts:
    """The facts of a commit. Raises RefNotFound, RepositoryUnreadable."""

    def text(path: str) -> str:
        try:
            return repository.read(commit_id, path, bytes_max=TEXT_BYTES_MAX).decode("utf-8", errors="replace")
        except (FileTooLarge, NotInCommit):
            return ""

    return facts_of(commit_id, (each.path for each in repository.files(commit_id)), text)


def head_of(repository: Repository) -> Head:
    """The branch that is checked out, and its commit. Raises RefNotFound where there is no commit yet."""
    commit_id = repository.resolve("HEAD")
    with open(repository.directory / "HEAD", "rb") as file:
        content = file.read(_HEAD_BYTES_MAX).decode("utf-8", errors="replace").strip()
    ref = content.removeprefix(_SYMBOLIC) if content.startswith(_SYMBOLIC) else "refs/heads/HEAD"
    return Head(ref, commit_id)
