"""A gate as a value. Runs nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ci.gates.finding import Finding


@dataclass(frozen=True, slots=True)
class Gate:
    """A named check, and the files (as patterns of paths) whose change can turn it red."""

    name: str
    check: Callable[[Path], list[Finding]]
    watches: tuple[str, ...]
    quick: bool = True

    def watched(self, changed: list[str]) -> bool:
        """Whether one of these files matters to it. A gate's own code matters to every gate."""
        return any(fnmatch(path, pattern) for path in changed for pattern in (*self.watches, "ci/gates/*"))
