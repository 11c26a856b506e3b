"""Files of agents that Dome adds to: what would change in them, and the change itself.

What is there is kept: a file that changes leaves a copy beside it, and one that cannot be understood is left alone.
"""

import difflib
import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_client.errors import DomeError

_PRIVATE: Final = 0o600
_BACKUPS_MAX: Final = 1000
_FAILED_PRECONDITION: Final = 9


class NotInstalled(DomeError):
    """A file of an agent cannot be changed, and was left as it is."""

    def __init__(self, path: Path, problem: str, *, remedy: str) -> None:
        super().__init__(f"{path} was left as it is: {problem}.", grpc_status=_FAILED_PRECONDITION, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file."""

    path: Path
    before: str | None
    """None where there is no such file."""
    after: str

    @property
    def needed(self) -> bool:
        """Whether the file is not as it should be."""
        return self.before != self.after

    def difference(self) -> str:
        """The change as a unified diff; empty where there is none."""
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            fromfile=str(self.path) if self.before is not None else os.devnull,
            tofile=str(self.path),
            n=1,
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines).rstrip("\n")


def read(path: Path) -> str | None:
    """The text of a file, with its line ends as they are; None where there is none. Raises NotInstalled."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise NotInstalled(
            path, f"it cannot be read ({error})", remedy="Make it a text file that you can read."
        ) from error


def write(changes: Sequence[Change]) -> Sequence[Path]:
    """Make the changes that are needed; gives the copies of what was there before. Raises NotInstalled."""
    backups = []
    for change in changes:
        if not change.needed or (present := read(change.path)) == change.after:
            continue
        if present != change.before:
            what = "another program has changed it in this moment"
            raise NotInstalled(change.path, what, remedy="Say the same command again.")
        try:
            if change.before is not None:
                backups.append(_back_up(change))
            _replace(change)
        except OSError as error:
            what = f"it cannot be written ({error.strerror})"
            raise NotInstalled(change.path, what, remedy="Look at who owns it and its directory.") from error
    return backups


def _back_up(change: Change) -> Path:
    """Copy what is there to the next free name beside it, readable for its owner only."""
    assert change.before is not None
    for number in range(1, _BACKUPS_MAX):
        path = change.path.with_name(f"{change.path.name}.before-dome-{number}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        except FileExistsError:
            continue
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(change.before)
        return path
    raise OSError(None, f"there are {_BACKUPS_MAX} copies already")


def _replace(change: Change) -> None:
    """Put the new text in place at once: whoever reads the file meets the one or the other, whole."""
    path = change.path.resolve()  # where it is a link, as some keep their settings, the link stays
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else _PRIVATE
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(change.after)
            os.fchmod(file.fileno(), mode)
        os.replace(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise
