"""The files of artifacts: `<root>/<first two digits>/<sha256>`, each once, and in `<root>/incoming` those on their way.

An artifact is copied to `incoming`, synced, marked there under its digest, moved to its place, and its place is synced.
The mark goes when an event that names the artifact is durable. So whatever ends the daemon, a file without an event
has its mark, by which the next daemon finds it; and a file with an event has been synced before. Knows no limits.

An artifact that is to go is first taken off the list of those that stay, then dropped: a copy that comes in between
puts it back, and one that is marked is never taken off.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from dome_contracts.canonical import PREFIX
from domed.artifacts.disk import Disk

INCOMING: Final = "incoming"
PART: Final = ".part"
DIGITS: Final = 2
"""Of a digest, for the name of its folder."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A durable copy that is not in its place yet."""

    digest: str
    size_bytes: int
    part: Path


@dataclass(frozen=True, slots=True)
class Mark:
    """Says that an artifact was put in its place and perhaps no event names it."""

    path: Path
    digest: str


class Shelf:
    """Puts copies in their places. Every method blocks, raises OSError, and may be called from any thread."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self._root = root
        self._incoming = root / INCOMING
        self._disk = disk
        self._placing = Lock()
        self._prepared = False
        self._marked: Counter[str] = Counter()
        """How many marks of this daemon each digest has."""
        self._leaving: set[str] = set()

    def copy(self, source: int, *, label: str, bytes_max: int) -> Copied:
        """Copy at most one byte more than allowed. The label belongs to nobody else; one left behind is replaced."""
        self._prepare()
        part = self._incoming / f"{label}{PART}"
        self._disk.remove(part)
        target = self._disk.create(part)
        try:
            digest, size_bytes = self._disk.copy(source, target, bytes_max=bytes_max)
            if size_bytes <= bytes_max:
                self._disk.sync(target)
        except OSError:
            self._give_up(part)
            raise
        finally:
            os.close(target)
        return Copied(digest, size_bytes, part)

    def place(self, copied: Copied) -> tuple[Mark, bool]:
        """Put a copy in its place, durably. Its mark, and whether its content was not there before.

        A file with the same digest is replaced: should it have been damaged, it is whole again.
        """
        place = self.path(copied.digest)
        mark = Mark(self._incoming / f"{place.name}.{copied.part.name.removesuffix(PART)}", copied.digest)
        with self._placing:
            is_new = not place.exists()
            try:
                if not place.parent.is_dir():
                    self._disk.make_folder(place.parent)
                    self._disk.sync_folder(self._root)
                self._disk.link(copied.part, mark.path)
                self._disk.move(copied.part, place)
            except OSError:
                self._give_up(mark.path, copied.part)
                raise
            self._marked[copied.digest] += 1
            self._leaving.discard(copied.digest)
            self._disk.sync_folder(place.parent)
        return mark, is_new

    def discard(self, copied: Copied) -> None:
        """Remove a copy that is not to be placed."""
        self._disk.remove(copied.part)

    def release(self, mark: Mark) -> None:
        """Remove a mark: a durable event names its artifact."""
        self._disk.remove(mark.path)
        with self._placing:
            self._marked[mark.digest] -= 1
            if self._marked[mark.digest] <= 0:
                del self._marked[mark.digest]

    def left_behind(self) -> Iterator[Mark]:
        """Remove unfinished copies of an earlier daemon, and give its marks."""
        try:
            names = sorted(os.listdir(self._incoming))
        except FileNotFoundError:
            return
        for name in names:
            digits, _, _ = name.partition(".")
            if name.endswith(PART):
                self._disk.remove(self._incoming / name)
            else:
                yield Mark(self._incoming / name, PREFIX + digits)

    def remove(self, mark: Mark) -> bool:
        """Remove the artifact of a mark, unless another copy took its place, and the mark. Whether it was removed."""
        place = self.path(mark.digest)
        try:
            is_its_own = place.samefile(mark.path)
        except FileNotFoundError:
            is_its_own = False
        if is_its_own:
            self._disk.remove(place)
        self._disk.remove(mark.path)
        return is_its_own

    def leave(self, digest: str) -> bool:
        """Whether an artifact may go: it has no mark. Then `drop` removes it, unless a copy is placed before."""
        with self._placing:
            if self._marked[digest]:
                return False
            self._leaving.add(digest)
            return True

    def stay(self, digest: str) -> None:
        """The artifact is not to go."""
        with self._placing:
            self._leaving.discard(digest)

    def drop(self, digest: str) -> bool:
        """Remove an artifact that may go, durably. Whether it still might; one that is not there is removed."""
        place = self.path(digest)
        with self._placing:
            if digest not in self._leaving:
                return False
            self._leaving.discard(digest)
            self._disk.remove(place)
        if place.parent.is_dir():
            self._disk.sync_folder(place.parent)
        return True

    def open(self, digest: str) -> int | None:
        """A descriptor of the artifact; None where there is none."""
        try:
            return os.open(self.path(digest), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None

    def path(self, digest: str) -> Path:
        """Where an artifact is, or would be."""
        digits = digest.removeprefix(PREFIX)
        return self._root / digits[:DIGITS] / digits

    def _prepare(self) -> None:
        if not self._prepared:
            with self._placing:
                self._disk.make_folder(self._root)
                self._disk.make_folder(self._incoming)
                self._disk.sync_folder(self._root)
                self._disk.sync_folder(self._root.parent)
                self._prepared = True

    def _give_up(self, *paths: Path) -> None:
        """Remove what is of no use; the next daemon tries again. What went wrong before that is what counts."""
        for path in paths:
            with suppress(OSError):
                self._disk.remove(path)
