"""The door of `dome contracts`: its line in the help of all, and the way in. Loads nothing else until it is called."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction
    from collections.abc import Awaitable, Callable

    from dome_spec.kernel import Runtime

SUMMARY: Final = "Compare contracts, and say what a change breaks"


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the group, which is loaded for this alone."""
    from dome_spec.commands.contracts import group

    group.register(cli, runtime)
