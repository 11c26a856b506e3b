"""The page of the command line, from its own parsers. Usage is laid out here: argparse does it by version and width."""

import argparse
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

from ci.docs.markdown import code, head, table
from dome_client.cli import groups

# Of every command, so they are told once.
COMMON: Final = ("help", "json", "endpoint")


def page(_tree: Path) -> str:
    """Every command with its arguments and examples, those of other packages after the built-in ones."""
    commands = argparse.ArgumentParser(prog="dome").add_subparsers()
    for name in groups.BUILT_IN:
        groups.add_built_in(commands, name)
    for group in sorted(entry_points(group=groups.GROUP)):
        getattr(import_module(group.module), group.attr)(commands, _no_runtime)
    sections = [part for name, parser in commands.choices.items() for part in _command(f"dome {name}", parser)]
    intro = (
        "Standard output is data, standard error is for people. Every command takes `--json` (one object a line, with\n"
        "the contract's field names), `--endpoint unix:PATH` (the daemon to use) and `--help`. What a command's exit\n"
        "code says: [exit codes](exit-codes.md).\n"
    )
    return "\n".join([head("The `dome` command", "dome_client.cli"), intro, *sections]).rstrip("\n") + "\n"


def _no_runtime() -> Any:
    raise RuntimeError("a parser needs no daemon")


def _command(title: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """One command, and those below it."""
    yield f"## {title}\n"
    yield f"{_sentence(parser.description or '')}\n"
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    rows = [
        (_names(action), _values(action), _help(parser, action))
        for action in parser._actions
        if action not in nested and action.dest not in COMMON
    ]
    if rows:
        yield table(("argument", "values", "meaning"), rows)
    if parser.epilog:
        yield f"```\n{parser.epilog.strip()}\n```\n"
    for action in nested:
        for name, child in action.choices.items():
            yield from _command(f"{title} {name}", child)


def _sentence(text: str) -> str:
    stripped = " ".join(text.split())
    return stripped if not stripped or stripped.endswith(".") else f"{stripped}."


def _names(action: argparse.Action) -> str:
    """The options, or the name of a positional argument."""
    if action.option_strings:
        return ", ".join(code(option) for option in action.option_strings)
    return code(action.metavar or action.dest)


def _values(action: argparse.Action) -> str:
    """What may stand there: choices, or the placeholder of the help; nothing for a switch."""
    if action.choices is not None:
        return ", ".join(code(choice) for choice in action.choices)
    if action.option_strings and action.nargs != 0:
        return code(action.metavar or action.dest.upper())
    return ""


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    filled = dict(vars(action), prog=parser.prog)
    return (action.help or "") % filled
