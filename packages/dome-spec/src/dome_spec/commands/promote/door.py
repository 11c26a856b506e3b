"""The door of `dome promote`: its line in the help of all, and the way in. Loads nothing else until it is called."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction
    from collections.abc import Awaitable, Callable

    from dome_spec.kernel import Runtime

SUMMARY: Final = "Decide on bringing a commit to its destination"


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the command, which is loaded for this alone."""
    from dome_spec.commands.promote import group

    group.register(cli, runtime)
