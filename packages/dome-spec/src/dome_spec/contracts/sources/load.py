"""Loads the schemas that words of a command line name."""

import posixpath
from pathlib import Path

from dome_spec.contracts.layout import Layout
from dome_spec.contracts.sources.errors import SourceNotFound, SourceRefused
from dome_spec.contracts.sources.location import Blessed, InCommit, Location, OnDisk, locate
from dome_spec.contracts.sources.reading import Progress, read_set, silent
from dome_spec.contracts.sources.schema_set import SchemaSet
from dome_spec.contracts.sources.trees import CommitTree, DirectoryTree
from dome_spec.kernel import NotARepository, RefNotFound, Repository


def load(word: str, directory: Path, *, beside: str | None = None, progress: Progress = silent) -> SchemaSet:
    """The schemas that a word names, seen from a directory.

    `beside` is the other side of a comparison: a revision without a path is read at the place that it names, where
    that is a place of the same repository. Raises SourceError, VcsError.
    """
    location = locate(word, directory)
    match location:
        case OnDisk(path):
            return _on_disk(word, path, directory, progress)
        case Blessed():
            return load_baseline(Layout.find(directory), progress=progress)
        case InCommit(repository, revision, path):
            try:
                with Repository.find(repository) as found:
                    where = path if path is not None else _place_beside(found, beside, directory)
                    return _in_commit(word, found, revision, path=where, progress=progress)
            except (NotARepository, RefNotFound) as error:
                raise _neither(word, error) from error


def load_baseline(layout: Layout, release: str = "", *, progress: Progress = silent) -> SchemaSet:
    """What was blessed: last, or with a release. Raises SourceNotFound, SourceError."""
    folder = layout.blessed_schemas(release)
    name = f"baseline {release}" if release else "baseline"
    if not folder.is_dir():
        what = f"there is no baseline in {layout.root} ({folder.relative_to(layout.root)} is missing)"
        raise SourceNotFound(what, "Make one with `dome contracts bless --all`, or compare with a revision.")
    prefix = f"{folder.relative_to(layout.root).as_posix()}/"
    return read_set(
        DirectoryTree(folder, boundary=folder), "", name=name, origin=name, shown_prefix=prefix, progress=progress
    )


def _on_disk(word: str, path: Path, directory: Path, progress: Progress) -> SchemaSet:
    path = path.absolute()
    top = _working_tree(path)
    root, boundary = (top, top) if top else (Path(path.anchor), path if path.is_dir() else Path(path.anchor))
    if not path.resolve().is_relative_to(root.resolve()):
        what = f"{word!r} leads out of the repository {root}, to {path.resolve()}"
        raise SourceRefused(what, "Copy the schemas to where they are used, or name the place that it leads to.")
    prefix = _normal(path.resolve().relative_to(root.resolve()).as_posix())
    inside = path.resolve().is_relative_to(directory.resolve())
    shown = path.resolve().relative_to(directory.resolve()).as_posix() if inside else str(path)
    return read_set(
        DirectoryTree(root, boundary=boundary),
        prefix,
        name=word,
        origin=word,
        shown_prefix=_shown_prefix(shown, is_directory=path.is_dir()),
        progress=progress,
    )


def _in_commit(word: str, repository: Repository, revision: str, *, path: str, progress: Progress) -> SchemaSet:
    commit_id = repository.resolve(revision)
    tree, prefix = CommitTree(repository, commit_id), _normal(path)
    origin = f"{revision} ({commit_id[:12]})" + (f":{prefix}" if prefix else "")
    shown = _shown_prefix(prefix or ".", is_directory=not tree.is_file(prefix))
    return read_set(tree, prefix, name=word, origin=origin, shown_prefix=shown, progress=progress)


def _place_beside(repository: Repository, beside: str | None, directory: Path) -> str:
    """The place in a revision that answers to the other side of the comparison; the whole revision without one."""
    other: Location | None = locate(beside, directory) if beside is not None else None
    match other:
        case OnDisk(path) if repository.root is not None and path.resolve().is_relative_to(repository.root):
            return path.resolve().relative_to(repository.root).as_posix()
        case InCommit(_, _, str(path)):
            return path
        case _:
            return ""


def _neither(word: str, error: NotARepository | RefNotFound) -> SourceNotFound:
    if isinstance(error, NotARepository):
        what = f"{word!r} is no file or directory, and {error.path} is in no git repository"
    else:
        what = f"{word!r} is no file, directory, branch, tag or commit ({error.what})"
    return SourceNotFound(what, "Write a path, a revision (`main`, `HEAD~3`), `REPO@REF`, `REF:PATH` or `baseline`.")


def _working_tree(path: Path) -> Path | None:
    """The top of the working tree that a path lies in."""
    return next((each for each in (path, *path.parents) if (each / ".git").exists()), None)


def _shown_prefix(shown: str, *, is_directory: bool) -> str:
    return ("" if shown == "." else f"{shown}/") if is_directory else shown


def _normal(path: str) -> str:
    normal = posixpath.normpath(path) if path else ""
    return "" if normal == "." else normal
