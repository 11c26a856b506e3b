"""The roots of the catalog: which they are for a caller, what their folders hold, and whether that is still so."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind, ToolOrigin
from domed.catalog.manifest import Loaded, Rules, load, printable
from domed.catalog.tool import Tool

BUILT_IN_ROOT: Final = Path(__file__).parents[1] / "tools"
FOLDERS_MAX: Final = 10_000
SETTLED_AFTER_S: Final = 0.1
"""Longer than the tick by which the file system tells times apart, so that an edit after it changes the stamp."""


@dataclass(frozen=True, slots=True)
class Root:
    """One folder of tool folders."""

    path: Path
    origin: ToolOrigin


@dataclass(frozen=True, slots=True)
class _Held:
    """A folder as it was read."""

    loaded: Loaded
    read_at_s: float
    settled: bool = False
    """Whether it was read again after the file system's tick: from then on equal stamps mean equal content."""

    def is_current(self) -> bool:
        """Whether every file looks as it did."""
        return all(stamp.is_current() for stamp in self.loaded.stamps)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a root holds, in the order of its folders' names. A new value only when something changed."""

    entries: tuple[Tool | CatalogProblem, ...]


class RootReader:
    """Reads one root and keeps what it read, folder by folder, for as long as the stamps are current."""

    def __init__(self, root: Root, *, rules: Rules, monotonic: Callable[[], float]) -> None:
        self._root = root
        self._rules = rules
        self._monotonic = monotonic
        self._held: dict[str, _Held] = {}
        self._contents = Contents(())

    def contents(self) -> Contents:
        """What the root holds at this moment. A root that does not exist holds nothing."""
        try:
            names = _folder_names(self._root.path)
        except FileNotFoundError:
            names = []
        except OSError as error:
            return self._kept((self._problem(f"it cannot be read ({error.strerror}). Repair or remove it."),))
        problems: tuple[CatalogProblem, ...] = ()
        if len(names) > FOLDERS_MAX:
            problems = (self._problem(f"it has {len(names)} folders; the first {FOLDERS_MAX} are read. Remove some."),)
            names = names[:FOLDERS_MAX]
        self._held = {name: self._current(name) for name in names}
        found = (held.loaded.entry for held in self._held.values())
        return self._kept((*(entry for entry in found if entry is not None), *problems))

    def still_holds(self, entry: Tool) -> bool:
        """Whether this entry is one of the root's and, by its own files alone, still what it was when it was read."""
        return any(held.loaded.entry == entry and held.settled and held.is_current() for held in self._held.values())

    def _current(self, name: str) -> _Held:
        now_s = self._monotonic()
        held = self._held.get(name)
        if held is not None and held.is_current():
            if held.settled:
                return held
            if all(stamp.holds_the_same() for stamp in held.loaded.stamps):
                return replace(held, settled=now_s - held.read_at_s > SETTLED_AFTER_S)
        folder = self._root.path / name
        return _Held(load(folder, origin=self._root.origin, rules=self._rules), now_s)

    def _kept(self, entries: tuple[Tool | CatalogProblem, ...]) -> Contents:
        """The contents as before where they are equal, so that what is derived from them can be kept."""
        same = len(entries) == len(self._contents.entries) and all(
            entry is before or entry == before for entry, before in zip(entries, self._contents.entries, strict=True)
        )
        if not same:
            self._contents = Contents(entries)
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
    named = [(builtin_root, ToolOrigin.BUILT_IN), *((path, ToolOrigin.USER) for path in user_roots)]
    if os.path.isabs(working_directory) and "\0" not in working_directory:
        named += [(Path(working_directory, path), ToolOrigin.PROJECT) for path in project_roots]
    found: dict[tuple[int, int] | Path, Root] = {}
    for path, origin in named:
        try:
            at = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            # There may be one; reading it will say what is wrong.
            found.setdefault(path, Root(path, origin))
        else:
            found.setdefault((at.st_dev, at.st_ino), Root(path, origin))
    return tuple(found.values())


def _folder_names(root: Path) -> list[str]:
    """Names of the folders in a root, sorted. Hidden ones and those with two underscores are nobody's tools."""
    with os.scandir(root) as found:
        return sorted(entry.name for entry in found if not entry.name.startswith((".", "__")) and entry.is_dir())
