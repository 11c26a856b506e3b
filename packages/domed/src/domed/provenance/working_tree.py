"""Asks git whether a working tree is dirty, without letting the repository run anything by being looked at.

One call of `git status`, and one of `git diff` where there is something to tell, both within one limit of time.
Everything in the repository by which git would start a program is switched off; where it cannot be, git is not asked.
"""

import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_contracts.canonical import Digester

LOOK_S: Final = 2.0
READ_BYTES_MAX: Final = 256 * 1024
COMPLAINT_CHARACTERS_MAX: Final = 300

Monotonic = Callable[[], float]
"""Seconds since some moment, by the clock that never goes back."""

_FIRST: Final = (
    "git",
    "--no-pager",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=true",
    "-c",
    "safe.bareRepository=explicit",
)
_STATUS: Final = ("status", "--porcelain=v2", "-z", "--untracked-files=normal", "--ignore-submodules=dirty")
_DIFF: Final = (
    "diff",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--full-index",
    "--ignore-submodules=dirty",
    "HEAD",
    "--",
)


@dataclass(frozen=True, slots=True)
class Tree:
    """What is known of a working tree."""

    dirty: bool | None = None
    """None where it is not known."""
    digest: str = ""
    """Over `git status` and the diff against HEAD; empty when clean or not known."""
    unknown: str = ""
    """Why something is not known."""


class _Deadline:
    """The end of a look that begins with it."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._end_s = monotonic() + LOOK_S

    def left_s(self) -> float:
        return self._end_s - self._monotonic()


class _Failed(Exception):
    """Git did not answer. The message says why."""


def look(root: Path, *, born: bool, environment: Mapping[str, str], monotonic: Monotonic) -> Tree:
    """Look at the tree below `root`, which holds `.git`. Blocks for at most LOOK_S. `born`: HEAD names a commit."""
    deadline = _Deadline(monotonic)
    digester = Digester()
    child_environment = _scrubbed(environment, root)
    try:
        size = _run(_STATUS, root, child_environment, deadline=deadline, digester=digester)
    except _Failed as failure:
        return Tree(unknown=str(failure))
    if not size:
        return Tree(dirty=False)
    if born:
        try:
            _run(_DIFF, root, child_environment, deadline=deadline, digester=digester)
        except _Failed as failure:
            return Tree(dirty=True, unknown=str(failure))
    return Tree(dirty=True, digest=digester.digest())


def _scrubbed(environment: Mapping[str, str], root: Path) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "LC_ALL": "C",
        # Looking changes nothing: the index is not refreshed on disk, nothing is fetched, nobody is asked.
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        # A `.git` that git does not accept must not make it answer for a repository further up.
        "GIT_CEILING_DIRECTORIES": os.fspath(root.parent),
    }


def _run(
    arguments: tuple[str, ...], root: Path, environment: Mapping[str, str], *, deadline: _Deadline, digester: Digester
) -> int:
    """Run git, digest its output, give its size. Raises _Failed."""
    command = f"`git {arguments[0]}`"
    try:
        process = subprocess.Popen(
            (*_FIRST, "-C", os.fspath(root), *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise _Failed(f"git cannot be run: {error.strerror}") from error
    with process:
        try:
            size, complaint = _drain(process, deadline, digester)
            code = process.wait(max(0.0, deadline.left_s()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise _Failed(f"{command} did not end within {LOOK_S:g} s") from None
    if code != 0:
        raise _Failed(f"{command} failed: {_first_line(complaint) or f'exit code {code}'}")
    return size


def _drain(process: "subprocess.Popen[bytes]", deadline: _Deadline, digester: Digester) -> tuple[int, bytes]:
    """Read both streams to their ends. Raises TimeoutExpired."""
    assert process.stdout is not None
    assert process.stderr is not None
    size = 0
    complaint = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.get_map():
            left_s = deadline.left_s()
            if left_s <= 0 or not (ready := selector.select(left_s)):
                raise subprocess.TimeoutExpired("git", LOOK_S)
            for key, _ in ready:
                data = os.read(key.fd, READ_BYTES_MAX)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    digester.update(data)
                    size += len(data)
                else:
                    complaint = (complaint + data)[:READ_BYTES_MAX]
    return size, complaint


def _first_line(complaint: bytes) -> str:
    lines = [line for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    # Warnings may come before what git died of.
    fatal = [line for line in lines if line.startswith("fatal:")]
    return next(iter(fatal or lines), "")[:COMPLAINT_CHARACTERS_MAX]
