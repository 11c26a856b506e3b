"""The catalog for the daemon's loop: files are read in a thread of its own, and nobody else waits for that.

Most answers need no reading: an entry is at hand where a few looks at the file system tell that it is as it was.
"""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from domed.catalog.catalog import Catalog
from domed.catalog.roots import SETTLED_AFTER_S
from domed.catalog.tool import Tool
from domed.catalog.view import CatalogView

GIVEN_MAX: Final = 16
"""Most views that are kept for whoever pages through them."""


class LiveCatalog:
    """Answers for one event loop, from a catalog that a thread reads."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="catalog")
        self._asked: dict[str, _Look] = {}
        """Looks that have not begun, by directory: one serves everybody who comes until it begins."""
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._given: OrderedDict[tuple[str, str], CatalogView] = OrderedDict()

    async def view(self, working_directory: str = "") -> CatalogView:
        """The catalog for a caller in this directory, as it is at some moment after the call."""
        view = await asyncio.shield(self._look(working_directory))
        self._given[working_directory, view.revision] = view
        self._given.move_to_end((working_directory, view.revision))
        while len(self._given) > GIVEN_MAX:
            self._given.popitem(last=False)
        return view

    async def view_of(self, revision: str, working_directory: str = "") -> CatalogView | None:
        """The view of this directory that had this revision, where it was given lately or is the present one."""
        given = self._given.get((working_directory, revision))
        if given is None and (now := await self.view(working_directory)).revision == revision:
            return now
        return given

    async def require(self, skill_id: str, working_directory: str = "") -> Tool:
        """The entry of this id for a caller in this directory. Raises SkillNotFound, as the view's method."""
        found = self.at_hand(skill_id, working_directory)
        return found if found is not None else (await self.view(working_directory)).require(skill_id)

    def at_hand(self, skill_id: str, working_directory: str = "") -> Tool | None:
        """The same where nothing has to be read for it: see `Catalog.at_hand`. The others are looked at meanwhile."""
        found = self._catalog.at_hand(skill_id, working_directory)
        if found is None:
            return None
        if not found.is_recent:
            self._look(working_directory)
        return found.tool

    def prepare(self) -> None:
        """Read what was shipped, at once: it is little, and every caller can use it before the rest is read."""
        self._catalog.shipped()

    def warm(self) -> None:
        """Read, in the background, what is there without a working directory."""
        # A second look, when the clock of the file system has gone on: what was read before it counts only then.
        self._look("").add_done_callback(lambda _: self._later())

    def root_paths(self, working_directory: str) -> frozenset[str]:
        """See `Catalog.root_paths`."""
        return self._catalog.root_paths(working_directory)

    def close(self) -> None:
        """Read nothing more. Harmless when repeated."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _later(self) -> None:
        if not self._closed:
            self._timer = asyncio.get_running_loop().call_later(2 * SETTLED_AFTER_S, partial(self._look, ""))

    def _look(self, working_directory: str) -> "asyncio.Future[CatalogView]":
        asked = self._asked.get(working_directory)
        if asked is None:
            # Known before it is submitted: the thread may begin at once, and takes it out.
            asked = self._asked[working_directory] = _Look()
            reading = partial(self._read, working_directory)
            asked.future = asyncio.get_running_loop().run_in_executor(self._thread, reading)
        assert asked.future is not None
        return asked.future

    def _read(self, working_directory: str) -> CatalogView:
        """In the thread."""
        del self._asked[working_directory]
        return self._catalog.view(working_directory)


class _Look:
    """A look that was asked for."""

    __slots__ = ("future",)

    def __init__(self) -> None:
        self.future: asyncio.Future[CatalogView] | None = None
