"""The group of verbs. Knows their names and nothing of what they do."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_spec.commands.standard import check, show
from dome_spec.commands.standard.door import SUMMARY
from dome_spec.commands.within_job import within_job

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.dispatch import RuntimePlane

_EPILOG: Final = """\
examples:
  dome standard check repo.search              run the tool, and report on every subcheck
  dome standard check ledger.mend --input a.json --input b.json
  dome standard show repo.search               what was found the last time"""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[RuntimePlane]]") -> None:
    """Add the group. Only what runs a tool needs a daemon, and connects when it does."""
    group = cli.add_parser(
        "standard",
        help=SUMMARY,
        description=f"{SUMMARY}, by running them.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check.add(verbs, within_job(runtime))
    show.add(verbs)
