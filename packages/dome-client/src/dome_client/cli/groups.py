"""Finds and loads commands: those of this package, and the groups that other distributions register.

A group is an entry point of `dome.commands`: a function `register(cli, runtime)`. It adds a parser to `cli`, whose
default `run` is called with the parsed arguments and gives an exit code, or an awaitable of one. `runtime` is awaited
for a client of the daemon, which connects only when it is used. The one place of dynamic imports.

Where the module of that function has a text `SUMMARY`, the help of all shows it beside the name of the entry point,
and the function is called only for a command line with that name in it. So it adds a command of that name, and what
else it needs it imports when it is called. A module without it loads in full whenever all commands are shown.

Looking for entry points reads every installed distribution, so what was found is remembered until an installation
changes a directory of the import path.
"""

import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from dome_client.cli.built_in import SUMMARIES
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from argparse import Action

    from dome_client.cli.session import Commands, Session

BUILT_IN: Final = tuple(SUMMARIES)
GROUP: Final = "dome.commands"
_CACHE_VERSION: Final = 1
_NAME_BYTES_MAX: Final = 100


def add_one(commands: "Commands", session: "Session", name: str) -> bool:
    """Add the command of this name and no other. Whether there is one.

    A group that cannot be loaded is named, and the command ends: nothing else is what was asked for.
    """
    if name in SUMMARIES:
        add_built_in(commands, name)
        return True
    targets = [target for group, target in installed(session.environ) if group == name]
    loaded = [_register(commands, session, name, target, names=(name,)) for target in targets]
    if name in commands.choices:
        return True
    if not all(loaded):
        raise SystemExit(Exit.COMMAND_FAILED)
    return False


def add_all(commands: "Commands", session: "Session", *, names: Collection[str]) -> None:
    """Add every command: those with these names to be called, the others to be listed.

    A group that cannot be loaded is named, and the others work.
    """
    for name, summary in SUMMARIES.items():
        if name in names:
            add_built_in(commands, name)
        else:
            _list(commands, name, summary)
    for name, target in installed(session.environ):
        if name in SUMMARIES:
            session.note(f"dome: the group {name!r} ({target}) is left out: a command has that name.")
        else:
            _register(commands, session, name, target, names=names)


def add_built_in(commands: "Commands", name: str) -> None:
    """Add a command of this package."""
    import_module(f"dome_client.cli.commands.{name}").register(commands)


def _register(commands: "Commands", session: "Session", name: str, target: str, *, names: Collection[str]) -> bool:
    """Add a group, or its line where that is known and its name is not among these. Whether it could be loaded.

    One that fails on the way leaves nothing behind.
    """
    module, _, attribute = target.partition(":")
    lines = commands._get_subactions()
    lines_before, names_before = len(lines), set(commands.choices)
    try:
        door = import_module(module)
        summary = getattr(door, "SUMMARY", None)
        if isinstance(summary, str) and name not in names:
            _list(commands, name, summary)
        else:
            attrgetter(attribute)(door)(commands, session.runtime)
        for line in lines[lines_before:]:
            _make_printable(line)
        if isinstance(summary, str) and name not in commands.choices:
            raise LookupError("it adds no command of that name")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - what others wrote may fail in any way, and is named
        from traceback import format_exception_only

        why = format_exception_only(error)[-1].strip()
        session.note(f"dome: the group {name!r} ({target}) cannot be loaded: {why}")
        del lines[lines_before:]
        for added in set(commands.choices) - names_before:
            del commands.choices[added]
        return False
    return True


def _list(commands: "Commands", name: str, summary: str) -> None:
    """A line in the help, and a name that comes near to others. It is never called."""
    commands.add_parser(name, help=summary, add_help=False)


def _make_printable(line: "Action") -> None:
    """A line that cannot be laid out is shown as it was written: it would take the help of all with it."""
    text = str(line.help)
    laid_out = "%" not in text.replace("%%", "").replace("%(prog)s", "")
    line.help = text if laid_out else text.replace("%", "%%")


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
