"""The group of verbs. Knows their names and nothing of what they do."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING, Final

from dome_spec.commands.charter import check, init, show
from dome_spec.commands.charter.door import SUMMARY

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_EPILOG: Final = """\
examples:
  dome charter init       write .dome/charter.yaml to begin with
  dome charter show       what is active, and which policies hold
  dome charter check      whether charter and doctrine can be read, and what every action would be told

The charter of the main checkout holds for all worktrees."""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: object) -> None:
    """Add the group. It needs no daemon."""
    del runtime
    group = cli.add_parser(
        "charter",
        help=SUMMARY,
        description=f"{SUMMARY}.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (init.add, show.add, check.add):
        add(verbs)
