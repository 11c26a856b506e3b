"""Where the daemon may make control groups: in a directory that was named, or in what a service manager delegated.

A directory that merely can be written to is not taken: its owner's manager may change it at any time. Reads, makes
nothing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MARKS: Final = ("user.delegate", "trusted.delegate")
"""What the systemd of the machine says of a group whose inside is not its own. The second is for root's eyes. That of a
user says nothing."""
_OF_VERSION_2: Final = "cgroup.controllers"


@dataclass(frozen=True, slots=True)
class Place:
    """What was found."""

    root: Path | None
    problem: str = ""
    """Why there is none. Empty where there is one."""


def find(
    named: Path | None,
    *,
    owns: bool = False,
    proc: Path = Path("/proc/self"),
    mark: Callable[[Path], bool] | None = None,
) -> Place:
    """The directory, or why there is none.

    `named`: what the configuration names. `owns`: whoever started the daemon says that its group is its own to divide.
    `mark`: whether a directory is marked as delegated.
    """
    if named is not None:
        return _usable(named)
    try:
        mounts, own = (proc / "mountinfo").read_text(errors="replace"), (proc / "cgroup").read_text(errors="replace")
    except OSError:
        return Place(None, "this system has no control groups")
    directory = own_directory(mounts, own)
    if directory is None:
        return Place(None, "control groups of version 2 are not mounted where the daemon sees its own")
    if owns:
        return _usable(directory)
    is_delegated = mark or _is_delegated
    # A manager may start the daemon in a group below the one that it delegates.
    for candidate in (directory, directory.parent):
        if is_delegated(candidate):
            return _usable(candidate)
    return Place(None, f"nobody delegated {directory}: start the daemon as a service with `Delegate=yes`")


def own_directory(mounts: str, own: str) -> Path | None:
    """The directory of this process's group, by the texts of `mountinfo` and `cgroup`; None where it is not seen."""
    path = next((line[3:] for line in own.splitlines() if line.startswith("0::")), None)
    if path is None or "/.." in path:
        return None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if after.split(" ")[0] != "cgroup2" or len(fields) < 5:
            continue
        root, point = (_unescaped(each) for each in fields[3:5])
        if Path(path).is_relative_to(root):
            return Path(point) / Path(path).relative_to(root)
    return None


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def _usable(directory: Path) -> Place:
    if not (directory / _OF_VERSION_2).is_file():
        return Place(None, f"{directory} is no control group of version 2")
    if not os.access(directory, os.W_OK | os.X_OK) or not os.access(directory / "cgroup.procs", os.W_OK):
        return Place(None, f"{directory} cannot be written to")
    return Place(directory)


def _is_delegated(directory: Path) -> bool:
    for name in _MARKS:
        try:
            if os.getxattr(directory, name) == b"1":
                return True
        except OSError:
            continue
    return False
