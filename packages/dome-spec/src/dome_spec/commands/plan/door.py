"""The door of `dome plan`: its line in the help of all, and the way in. Loads nothing else until it is called."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction
    from collections.abc import Awaitable, Callable

    from dome_spec.dispatch import RuntimePlane

SUMMARY: Final = "Plan work, and carry plans out"


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[RuntimePlane]]") -> None:
    """Add the group, which is loaded for this alone."""
    from dome_spec.commands.plan import group

    group.register(cli, runtime)
