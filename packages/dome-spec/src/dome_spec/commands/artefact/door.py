"""The door of `dome artefact`: its line in the help of all, and the way in. Loads nothing else until it is called."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

SUMMARY: Final = "Show what an effector is told"


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: object) -> None:
    """Add the group, which is loaded for this alone."""
    from dome_spec.commands.artefact import group

    group.register(cli, runtime)
