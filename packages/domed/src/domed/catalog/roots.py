"""The roots of the catalog: which they are for a caller, what their folders hold, and whether that is still so."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind, ToolOrigin
from domed.catalog.manifest import Loaded, Rules, load, printable
from domed.catalog.source import Signature, is_old, signature_of

BUILT_IN_ROOT: Final = Path(__file__).parents[1] / "tools"
FOLDERS_MAX: Final = 10_000
SETTLED_AFTER_S: Final = 0.1
"""Longer than the tick by which the file system tells times apart, so that an edit after it changes the stamp."""


@dataclass(frozen=True, slots=True)
class Root:
    """One folder of tool folders."""

    path: Path
    origin: ToolOrigin


class Held:
    """A folder as it was read. It changes in one way, and once: it becomes settled."""

    __slots__ = ("_stamps", "loaded", "read_at_s", "settled")

    def __init__(self, loaded: Loaded, *, read_at_s: float, began: datetime | None = None) -> None:
        """`began`: the time of day before it was read."""
        self.loaded = loaded
        self.read_at_s = read_at_s
        self.settled = began is not None and all(is_old(stamp.signature, began) for stamp in loaded.stamps)
        """Whether equal stamps mean equal content: all of it was old when it was read, or was read again after the file
        system's tick."""
        self._stamps = tuple((stamp.path, stamp.signature) for stamp in loaded.stamps)

    @property
    def files(self) -> int:
        """How many looks at the file system `is_current` takes."""
        return len(self._stamps)

    def is_current(self) -> bool:
        """Whether every file looks as it did."""
        for path, signature in self._stamps:  # noqa: SIM110 - a generator takes a fifth longer, for thousands of files
            if signature_of(path) != signature:
                return False
        return True

    def confirm(self, now_s: float) -> bool:
        """Whether every file holds what it held, by reading it again. What is found so after the tick is settled."""
        if not all(stamp.holds_the_same() for stamp in self.loaded.stamps):
            return False
        self.settled = now_s - self.read_at_s > SETTLED_AFTER_S
        return True


@dataclass(frozen=True, slots=True)
class Contents:
    """What a root holds, in the order of its folders' names. A new value only when something changed."""

    real_path: str
    held: tuple[Held, ...] = ()
    problems: tuple[CatalogProblem, ...] = ()
    """With the root itself."""


@dataclass(frozen=True, slots=True)
class Look:
    """A root as it was found at one moment."""

    root: Root
    contents: Contents
    signature: Signature
    settled: bool
    """Whether an equal signature means equal names: the folder was old, or it looked the same a tick before."""

    def is_current(self) -> bool:
        """Whether no folder has come or gone since, as far as that can be told; False where it cannot."""
        return self.settled and signature_of(str(self.root.path)) == self.signature


class RootReader:
    """Reads one root and keeps what it read, folder by folder, for as long as the stamps are current."""

    def __init__(
        self, root: Root, *, rules: Rules, monotonic: Callable[[], float], now: Callable[[], datetime] | None = None
    ) -> None:
        """`now`: the time of day. Without it nothing counts as old."""
        self._root = root
        self._rules = rules
        self._monotonic = monotonic
        self._now = now
        self._held: dict[str, Held] = {}
        self._contents = Contents("")
        self._signature: Signature = ()
        self._signature_seen_s = 0.0

    def look(self) -> Look:
        """What the root holds at this moment. A root that does not exist holds nothing."""
        path = str(self._root.path)
        began = None if self._now is None else self._now()
        signature, now_s = signature_of(path), self._monotonic()
        if signature != self._signature:
            self._signature, self._signature_seen_s = signature, now_s
        contents = self._read(os.path.realpath(path))
        seen_before = now_s - self._signature_seen_s > SETTLED_AFTER_S
        settled = seen_before or (began is not None and is_old(signature, began))
        return Look(self._root, contents, signature, settled=settled)

    def _read(self, real_path: str) -> Contents:
        try:
            names = _folder_names(self._root.path)
        except FileNotFoundError:
            names = []
        except OSError as error:
            self._held = {}
            problem = self._problem(f"it cannot be read ({error.strerror}). Repair or remove it.")
            return self._kept(Contents(real_path, problems=(problem,)))
        problems: tuple[CatalogProblem, ...] = ()
        if len(names) > FOLDERS_MAX:
            problems = (self._problem(f"it has {len(names)} folders; the first {FOLDERS_MAX} are read. Remove some."),)
            names = names[:FOLDERS_MAX]
        now_s = self._monotonic()
        self._held = {name: self._current(name, now_s) for name in names}
        found = tuple(held for held in self._held.values() if held.loaded.entry is not None)
        return self._kept(Contents(real_path, found, problems))

    def _current(self, name: str, now_s: float) -> Held:
        held = self._held.get(name)
        if held is not None and held.is_current() and (held.settled or held.confirm(now_s)):
            return held
        began = None if self._now is None else self._now()
        loaded = load(self._root.path / name, origin=self._root.origin, rules=self._rules)
        return Held(loaded, read_at_s=self._monotonic(), began=began)

    def _kept(self, contents: Contents) -> Contents:
        """The contents as before where they are equal, so that what is derived from them can be kept."""
        if contents != self._contents:
            self._contents = contents
        return self._contents

    def _problem(self, message: str) -> CatalogProblem:
        path = printable(self._root.path)
        return CatalogProblem(
            kind=CatalogProblemKind.REJECTED, path=path, message=f"{path}: {message}", origin=self._root.origin
        )


def roots(
    builtin_root: Path, user_roots: Sequence[Path], project_roots: Sequence[str], *, working_directory: str
) -> tuple[Root, ...]:
    """The roots for a caller in their order: built in, user, project. A folder that is named twice counts once.

    Project roots lie below the caller's working directory; without an absolute one there are none. A root that does
    not exist is none.
    """
    found: dict[tuple[int, int] | Path, Root] = {}
    for root in named_roots(builtin_root, user_roots, project_roots, working_directory=working_directory):
        try:
            at = os.stat(root.path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            # There may be one; reading it will say what is wrong.
            found.setdefault(root.path, root)
        else:
            found.setdefault((at.st_dev, at.st_ino), root)
    return tuple(found.values())


def named_roots(
    builtin_root: Path, user_roots: Sequence[Path], project_roots: Sequence[str], *, working_directory: str
) -> tuple[Root, ...]:
    """The same, whether they exist or not."""
    return _named(builtin_root, tuple(user_roots), tuple(project_roots), working_directory)


@lru_cache(maxsize=64)  # every request asks, and most of them from the same few directories
def _named(
    builtin_root: Path, user_roots: tuple[Path, ...], project_roots: tuple[str, ...], working_directory: str
) -> tuple[Root, ...]:
    named = [(builtin_root, ToolOrigin.BUILT_IN), *((path, ToolOrigin.USER) for path in user_roots)]
    if os.path.isabs(working_directory) and "\0" not in working_directory:
        named += [(Path(working_directory, path), ToolOrigin.PROJECT) for path in project_roots]
    return tuple(Root(path, origin) for path, origin in named)


def _folder_names(root: Path) -> list[str]:
    """Names of the folders in a root, sorted. Hidden ones and those with two underscores are nobody's tools."""
    with os.scandir(root) as found:
        return sorted(entry.name for entry in found if not entry.name.startswith((".", "__")) and entry.is_dir())
