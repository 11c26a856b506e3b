"""The door of `dome standard`: its line in the help of all, and the way in. Loads nothing else until it is called."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction
    from collections.abc import Awaitable, Callable

    from dome_spec.dispatch import RuntimePlane

SUMMARY: Final = "Check that tools do what their manifests say"


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[RuntimePlane]]") -> None:
    """Add the group, which is loaded for this alone."""
    from dome_spec.commands.standard import group

    group.register(cli, runtime)
