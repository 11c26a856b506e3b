"""The door of `dome board`: its line in the help of all, and the way in. Loads nothing else until it is called."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

SUMMARY: Final = "Show where the packages of missions stand"


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: object) -> None:
    """Add the command, which is loaded for this alone."""
    from dome_spec.commands.board import verb

    verb.register(cli, runtime)
