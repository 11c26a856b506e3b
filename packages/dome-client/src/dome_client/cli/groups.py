"""Finds and loads commands: those of this package, and the groups that other distributions register.

A group is an entry point of `dome.commands`: a function `register(cli, runtime)`. It adds a parser to `cli`, whose
default `run` is called with the parsed arguments and gives an exit code, or an awaitable of one. `runtime` is awaited
for a client of the daemon, which connects only when it is used. The one place of dynamic imports.

Looking for entry points reads every installed distribution, so what was found is remembered until an installation
changes a directory of the import path.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dome_client.cli.session import Commands, Session

BUILT_IN: Final = (
    "tools", "tool", "run", "retry", "jobs", "job", "events", "wait", "cancel", "artifact", "explain",
    "provenance", "verify", "locks", "top", "doctor", "service", "mcp", "completions",
)  # fmt: skip
GROUP: Final = "dome.commands"
_CACHE_VERSION: Final = 1
_NAME_BYTES_MAX: Final = 100


def add_built_in(commands: "Commands", name: str) -> None:
    """Add a command of this package."""
    import_module(f"dome_client.cli.commands.{name}").register(commands)


def add_installed(commands: "Commands", session: "Session") -> None:
    """Add the groups of other distributions. One that cannot be loaded is named, and the others work."""
    for name, target in installed(session.environ):
        if name in BUILT_IN:
            session.note(f"dome: the group {name!r} ({target}) is left out: a command has that name.")
            continue
        module, _, attribute = target.partition(":")
        try:
            getattr(import_module(module), attribute)(commands, session.runtime)
        except Exception as error:  # noqa: BLE001 - what others wrote may fail in any way, and is named
            session.note(f"dome: the group {name!r} ({target}) cannot be loaded: {type(error).__name__}: {error}")


def installed(environ: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Name and target of each registered group, ordered by name."""
    cache = _cache_path(environ)
    key = _key()
    known = _read(cache, key)
    if known is not None:
        return known
    from importlib.metadata import entry_points

    found = sorted((each.name, each.value) for each in entry_points(group=GROUP))
    _write(cache, {"key": key, "groups": found})
    return found


def _key() -> list[Any]:
    """What the answer depends on: the import path, and when its directories last changed."""
    entries: list[Any] = [_CACHE_VERSION, sys.version]
    for entry in sys.path:
        try:
            entries.append([entry, os.stat(entry).st_mtime_ns])
        except OSError:  # no such directory: it holds no distribution
            entries.append([entry, 0])
    return entries


def _cache_path(environ: Mapping[str, str]) -> str | None:
    """A file for each installation of Python packages: two that are used in turns would replace each other's."""
    base = environ.get("XDG_CACHE_HOME", "")
    home = environ.get("HOME", "")
    if not base.startswith("/"):
        if not home.startswith("/"):
            return None
        base = os.path.join(home, ".cache")
    installation = sys.prefix.strip("/").replace("/", "-")[-_NAME_BYTES_MAX:]
    return os.path.join(base, "dome", f"commands-{installation}.json")


def _read(cache: str | None, key: list[Any]) -> list[tuple[str, str]] | None:
    if cache is None:
        return None
    try:
        with open(cache, "rb") as file:
            content = json.load(file)
        return [(name, target) for name, target in content["groups"]] if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):  # absent, or not ours: it is written anew
        return None


def _write(cache: str | None, content: Mapping[str, Any]) -> None:
    if cache is None:
        return
    fresh = f"{cache}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(cache), mode=0o700, exist_ok=True)
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(fresh, cache)
    except OSError:  # a home that cannot be written to costs time, nothing else
        with suppress(OSError):
            os.unlink(fresh)
