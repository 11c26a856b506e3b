"""What became of one file over the commits of a repository. Reads no contents."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from dome_spec.kernel.vcs import Repository
from dome_spec.kernel.vcs_errors import NotInCommit

COMMITS_MAX: Final = 5_000
"""Most commits that are looked at, the newest first."""


class Version(NamedTuple):
    """A commit, and what a file was in it."""

    commit_id: str
    blob_id: str
    """Equal for equal contents; empty where the file is not there."""


def every_version(repository: Repository, path: str, *, commits_max: int = COMMITS_MAX) -> Iterator[Version]:
    """Each content that a file had in a commit that HEAD goes on from, once.

    Raises RefNotFound, RepositoryUnreadable.
    """
    pending = [repository.resolve("HEAD")]
    seen: set[str] = set()
    contents: set[str] = set()
    while pending and len(seen) < commits_max:
        commit_id = pending.pop(0)
        if commit_id in seen:
            continue
        seen.add(commit_id)
        blob_id = _blob_id(repository, commit_id, path)
        if blob_id and blob_id not in contents:
            contents.add(blob_id)
            yield Version(commit_id, blob_id)
        pending += repository.parents(commit_id)


def changes(repository: Repository, path: str, *, commits_max: int = COMMITS_MAX) -> Iterator[Version]:
    """The contents of a file along the first parents, the newest first; each as long as it stayed the same.

    Raises RefNotFound, RepositoryUnreadable.
    """
    at: str | None = repository.resolve("HEAD")
    last: str | None = None
    for _ in range(commits_max):
        if at is None:
            return
        blob_id = _blob_id(repository, at, path)
        if blob_id != last:
            yield Version(at, blob_id)
        last, at = blob_id, next(iter(repository.parents(at)), None)


def _blob_id(repository: Repository, commit_id: str, path: str) -> str:
    try:
        return next((each.blob_id for each in repository.files(commit_id, path) if each.path == path), "")
    except NotInCommit:
        return ""
