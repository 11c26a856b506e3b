"""What git says of the commits of operations: the reference of the port, by reading the repository."""

from pathlib import Path

from dome_spec.kernel import RefNotFound, Repository
from dome_spec.kernel.vcs_probe import NO_COMMIT, commit_with_line
from dome_spec.mission_runtime.operation import TRAILER


class GitReference:
    """The references of one repository."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def commit_of(self, destination_ref: str, operation_id: str) -> tuple[str, str] | None:
        """The commit of an operation on a reference and the one before it; None where it is not on it."""
        with Repository.find(self._root) as repository:
            try:
                tip = repository.resolve(destination_ref)
            except RefNotFound:  # nothing was ever committed to it
                return None
            commit = commit_with_line(repository, tip, f"{TRAILER}: {operation_id}")
            if commit is None:
                return None
            return commit, next(iter(repository.parents(commit)), NO_COMMIT)
