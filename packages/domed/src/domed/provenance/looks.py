"""What was seen of repositories a moment ago: jobs that follow each other closely share one look.

Nobody watches the working trees, so what was seen of one counts only for a moment, and only as long as nothing that
is known here speaks against it: HEAD, its commit, the index and the configuration stand as they stood when the look
began, and no run that may write files has been under way since then. What somebody else changes within that moment is
missed, as is what somebody changes behind a look that is under way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from dome_contracts.runtime.v1 import RunProvenance
from domed.provenance.repository import Repository, Standing, Unreadable, standing

COUNTS_S: Final = 0.1
"""From the beginning of a look on."""
KEPT_MAX: Final = 64
"""Most looks that are kept. The oldest go first."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, and what it stands on."""

    seen: RunProvenance
    began_s: float
    stood: Standing


class RecentLooks:
    """Looks at working trees, by the tree and what was asked for. For one event loop."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._kept: dict[object, Look] = {}
        self._writing = 0
        self._written_s = 0.0

    def keep(self, key: object, look: Look) -> None:
        """Keep what was seen."""
        self._kept.pop(key, None)
        self._kept[key] = look
        if len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]

    def find(self, key: object, repository: Repository) -> RunProvenance | None:
        """What was seen, where it counts. Reads one small file."""
        look = self._kept.get(key)
        if look is None or self._writing or look.began_s <= self._written_s:
            return None
        if self._monotonic() - look.began_s > COUNTS_S:
            del self._kept[key]
            return None
        try:
            return look.seen if standing(repository) == look.stood else None
        except Unreadable:
            return None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A run that may write files is under way in the block."""
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1
            self._written_s = self._monotonic()
