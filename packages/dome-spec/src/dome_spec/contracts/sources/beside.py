"""Files that lie beside the schemas of a repository, in its working tree or in a revision."""

from pathlib import Path

from dome_spec.contracts.sources.errors import SourceNotFound
from dome_spec.contracts.sources.trees import CommitTree, DirectoryTree
from dome_spec.kernel import Repository


def read_folder(root: Path, folder: str, *, revision: str = "") -> dict[str, bytes]:
    """The JSON files below a folder by their paths from the root, ordered; none where it is not there.

    Raises SourceError, VcsError.
    """
    if not revision:
        tree = DirectoryTree(root, boundary=root)
        return {path: tree.read(path) for path in tree.files(folder)}
    with Repository.find(root) as repository:
        committed = CommitTree(repository, repository.resolve(revision))
        try:
            paths = committed.files(folder)
        except SourceNotFound:
            return {}
        return {path: committed.read(path) for path in paths}


def read_file(root: Path, path: str, *, revision: str = "") -> bytes:
    """The bytes of one file. Raises SourceError, VcsError."""
    if not revision:
        return DirectoryTree(root, boundary=root).read(path)
    with Repository.find(root) as repository:
        return CommitTree(repository, repository.resolve(revision)).read(path)
