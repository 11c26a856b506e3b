"""The catalog: which tools there are for a caller, and what was left out and why. Runs nothing, and knows no loop."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dome_contracts.runtime.v1 import ToolOrigin
from domed.catalog.manifest import Rules
from domed.catalog.roots import Look, Root, RootReader, named_roots, roots
from domed.catalog.tool import Tool
from domed.catalog.trust import Trust
from domed.catalog.view import CatalogView, merged

READERS_MAX: Final = 256
"""Most roots whose contents are kept: a caller may come from anywhere."""
FULL_LOOK_EVERY_S: Final = 1.0
FILES_LOOKED_AT_MAX: Final = 100
"""Of one tool, where the caller must not wait for a file system for long."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """An entry that was found without looking at all the others."""

    tool: Tool
    is_recent: bool
    """Whether the others were looked at in the last FULL_LOOK_EVERY_S."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A view with what it was made of."""

    looks: tuple[Look, ...]
    trust: Trust
    view: CatalogView
    looked_at_s: float


class Catalog:
    """Reads the roots anew with each view, at the cost of looking whether the files are the ones that were read.

    May be used by several threads; one at a time reads.
    """

    def __init__(
        self,
        builtin_root: Path,
        user_roots: Sequence[Path] = (),
        project_roots: Sequence[str] = (),
        trusted_digests: Set[str] = frozenset(),
        *,
        pycache: Path | None = None,
        monotonic: Callable[[], float],
        now: Callable[[], datetime] | None = None,
        trust: Callable[[], Trust] | None = None,
    ) -> None:
        """`trust` is asked at each look; without it, the digests are all that is trusted.

        `now` tells the time of day: what is old by it need not be read twice.
        """
        self._builtin_root = builtin_root
        self._user_roots = tuple(user_roots)
        self._project_roots = tuple(project_roots)
        fixed = Trust(digests=frozenset(trusted_digests))
        self._trust = trust or (lambda: fixed)
        self._rules = Rules(pycache=pycache)
        self._readers: OrderedDict[Root, RootReader] = OrderedDict()
        self._monotonic = monotonic
        self._now = now
        self._views: OrderedDict[tuple[Root, ...], _Known] = OrderedDict()
        self._reading = threading.Lock()

    def view(self, working_directory: str = "") -> CatalogView:
        """The catalog for a caller in this directory. An edit is seen by the next view; no restart is needed.

        The first root that has an id wins it; the others of that id are listed as problems.
        """
        return self._looked(self._roots(working_directory))

    def shipped(self) -> CatalogView:
        """The first root alone, whose tools no other root can take."""
        return self._looked(self._roots("")[:1])

    def require(self, skill_id: str, working_directory: str = "") -> Tool:
        """The entry of this id for a caller in this directory. Raises SkillNotFound, as the view's method."""
        found = self.at_hand(skill_id, working_directory)
        if found is not None and found.is_recent:
            return found.tool
        return self.view(working_directory).require(skill_id)

    def at_hand(self, skill_id: str, working_directory: str = "") -> AtHand | None:
        """The entry of this id, where a few looks at the file system tell that it is still what it was. Reads nothing.

        An edit to the tool itself, and a folder that comes or goes, are always seen. An edit inside another folder that
        gives it this id is seen by the next view.
        """
        key = self._roots(working_directory)
        trust = self._trust()
        for looked_at in (key[:1], key):
            known = self._views.get(looked_at)
            if known is None or not all(look.is_current() for look in known.looks):
                continue
            tool, held = known.view.tool(skill_id), known.view.held(skill_id)
            if tool is None or held is None:
                continue
            if not held.settled or held.files > FILES_LOOKED_AT_MAX or not held.is_current():
                return None
            if tool.origin is not ToolOrigin.BUILT_IN and (known.trust != trust or not _is_in_place(tool, known.looks)):
                return None
            age_s = self._monotonic() - known.looked_at_s
            return AtHand(tool, is_recent=looked_at != key or age_s <= FULL_LOOK_EVERY_S)
        return None

    def root_paths(self, working_directory: str) -> frozenset[str]:
        """The real paths of all roots of a caller in this directory, whether they exist or not."""
        named = named_roots(
            self._builtin_root, self._user_roots, self._project_roots, working_directory=working_directory
        )
        return frozenset(os.path.realpath(root.path) for root in named)

    def _looked(self, key: tuple[Root, ...]) -> CatalogView:
        with self._reading:
            trust = self._trust()
            looks = tuple(self._reader(root).look() for root in key)
            known = self._views.get(key)
            same = (
                known is not None
                and known.trust == trust
                and all(now.contents is then.contents for now, then in zip(looks, known.looks, strict=True))
            )
            view = known.view if known is not None and same else merged([look.contents for look in looks], trust)
            self._views[key] = _Known(looks, trust, view, self._monotonic())
            self._views.move_to_end(key)
            while len(self._views) > READERS_MAX:
                self._views.popitem(last=False)
            return view

    def _roots(self, working_directory: str) -> tuple[Root, ...]:
        return roots(self._builtin_root, self._user_roots, self._project_roots, working_directory=working_directory)

    def _reader(self, root: Root) -> RootReader:
        reader = self._readers.get(root)
        if reader is None:
            reader = self._readers[root] = RootReader(root, rules=self._rules, monotonic=self._monotonic, now=self._now)
        self._readers.move_to_end(root)
        while len(self._readers) > READERS_MAX:
            self._readers.popitem(last=False)
        return reader


def _is_in_place(tool: Tool, looks: Sequence[Look]) -> bool:
    """Whether the root of the tool is where it was: an approval holds there only."""
    return all(os.path.realpath(look.root.path) == tool.root for look in looks if look.contents.real_path == tool.root)
