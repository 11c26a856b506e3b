"""Reads what a repository says of itself from its files: where it begins, what HEAD names, where it came from.

Starts no program. Knows plain repositories, linked working trees and submodules; a bare repository has no working
tree and counts as none.
"""

import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

SMALL_FILE_BYTES_MAX: Final = 64 * 1024
"""HEAD, a ref, a pointer to another directory: all of them are far smaller."""
PACKED_BYTES_MAX: Final = 256 * 1024 * 1024
"""What is looked through for a ref: millions of them."""
SYMREF_DEPTH_MAX: Final = 5

_COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_BRANCHES: Final = "refs/heads/"
_NOTHING_THERE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EBADF})


class Unreadable(Exception):
    """There is a repository and it cannot be read. The message says why."""


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a repository lies."""

    root: Path
    """The working tree."""
    git_dir: Path
    """What belongs to this working tree."""
    common_dir: Path
    """What all its working trees share."""


@dataclass(frozen=True, slots=True)
class Head:
    """What HEAD names."""

    commit: str
    """Empty in an unborn branch."""
    branch: str
    """Empty when detached."""


def open_regular(file: Path) -> BinaryIO:
    """A file to read. Raises OSError, and Unreadable for a pipe or a device, which could be read for ever."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(f"{file} is no regular file")
    return os.fdopen(descriptor, "rb")


def find(directory: Path) -> Repository | None:
    """The repository in whose working tree an absolute directory lies. Raises Unreadable."""
    # Texts instead of paths: every job asks, and most directories are in no repository.
    place = os.fspath(directory).rstrip("/")
    while True:
        kind = _kind(f"{place}/.git")
        if kind == stat.S_IFDIR and _kind(f"{place}/.git/HEAD"):
            root = Path(place or "/")
            # Inside the repository's own files there is no working tree.
            return None if directory.is_relative_to(root / ".git") else _repository(root, root / ".git")
        if kind == stat.S_IFREG:
            root = Path(place or "/")
            return _repository(root, root / _pointer(root / ".git", prefix="gitdir: "))
        if not place:
            return None
        place = place.rpartition("/")[0]


def read_head(repository: Repository) -> Head:
    """What HEAD names. Raises Unreadable."""
    text = _read(repository.git_dir / "HEAD")
    name = text.removeprefix("ref: ")
    if name == text:
        return Head(commit=_commit(text, "HEAD"), branch="")
    if _kind(f"{repository.common_dir}/reftable") == stat.S_IFDIR:
        raise Unreadable("its refs are kept in a reftable, which this daemon does not read")
    return Head(commit=_resolve(repository, name, depth=0), branch=name.removeprefix(_BRANCHES))


Standing = tuple[object, ...]
"""Differs where HEAD, its commit, the index or the configuration differ."""


def standing(repository: Repository) -> Standing:
    """How the repository stands, by stamps of its files: none is read but HEAD. Raises Unreadable."""
    own, common = os.fspath(repository.git_dir), os.fspath(repository.common_dir)
    head = _read(repository.git_dir / "HEAD")
    files = (f"{own}/index", f"{common}/config", f"{own}/config.worktree", f"{common}/packed-refs")
    ref = (f"{common}/{head.removeprefix('ref: ')}",) if head.startswith("ref: ") else ()
    return (head, *(_stamp(path) for path in (*files, *ref)))


def _stamp(path: str) -> tuple[int, ...]:
    """What changes when the file changes; empty for none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ()
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _kind(path: str) -> int:
    """What is at the path, as the kernel counts kinds of files; 0 for nothing. Raises Unreadable."""
    try:
        return stat.S_IFMT(os.stat(path).st_mode)
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return 0
        raise Unreadable(f"{path} cannot be looked at: {error.strerror}") from error


def _repository(root: Path, git_dir: Path) -> Repository:
    common = git_dir / "commondir"
    common_dir = git_dir / _read(common) if _kind(os.fspath(common)) == stat.S_IFREG else git_dir
    return Repository(root=root, git_dir=Path(os.path.normpath(git_dir)), common_dir=Path(os.path.normpath(common_dir)))


def _pointer(file: Path, *, prefix: str) -> str:
    text = _read(file)
    if not text.startswith(prefix):
        raise Unreadable(f"{file} does not say where the repository is")
    return text.removeprefix(prefix)


def _resolve(repository: Repository, name: str, *, depth: int) -> str:
    if not name.startswith("refs/") or ".." in name.split("/") or depth > SYMREF_DEPTH_MAX:
        raise Unreadable(f"HEAD names the odd ref {name[:200]!r}")
    loose = repository.common_dir / name
    if _kind(os.fspath(loose)) == stat.S_IFREG:
        text = _read(loose)
        target = text.removeprefix("ref: ")
        return _commit(text, name) if target == text else _resolve(repository, target, depth=depth + 1)
    return _packed(repository.common_dir / "packed-refs", name)


def _packed(file: Path, name: str) -> str:
    """The commit of a packed ref; empty where there is none."""
    wanted = b" " + os.fsencode(name) + b"\n"
    try:
        with open_regular(file) as packed:
            if os.fstat(packed.fileno()).st_size > PACKED_BYTES_MAX:
                raise Unreadable(f"{file} has more than {PACKED_BYTES_MAX} bytes")
            for line in iter(lambda: packed.readline(SMALL_FILE_BYTES_MAX), b""):
                if line.endswith(wanted):
                    return _commit(line.split(b" ", 1)[0].decode("ascii", "replace"), name)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}") from error
    return ""


def _commit(text: str, name: str) -> str:
    if _COMMIT.fullmatch(text) is None:
        raise Unreadable(f"{name} holds no commit")
    return text


def _read(file: Path) -> str:
    try:
        with open_regular(file) as opened:
            text = os.fsdecode(opened.read(SMALL_FILE_BYTES_MAX)).rstrip("\r\n \t")
    except OSError as error:
        raise Unreadable(f"{file} cannot be read: {error.strerror}") from error
    if "\0" in text:
        raise Unreadable(f"{file} holds what is no text")
    return text
