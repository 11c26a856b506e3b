"""The group of verbs. Knows their names and nothing of what they do."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_spec.commands.contracts import bless, check, diff, explain, listing, overlaps, pin, show
from dome_spec.commands.contracts.door import SUMMARY

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.kernel import Runtime

VERBS: Final = (listing.add, show.add, diff.add, check.add, explain.add, overlaps.add, bless.add, pin.add)
"""What adds each verb, in the order of the help."""
_EPILOG: Final = """\
examples:
  dome contracts list                          every family of the registry
  dome contracts check                         what the working tree does to readers of the baseline
  dome contracts diff main contracts           what a branch changes, in any repository
  dome contracts explain required.tightened    what a rule means

A source is a file, a directory, a revision (`main`, `HEAD~3`, `REF:PATH`, `REPO@REF`) or `baseline`.
exit codes: 0 nothing is red; 1 something is; 2 the command line is wrong; 65 a schema or file cannot be read as one;
66 a source, revision, family or bundle does not exist; 67 a blessing or an update was refused"""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the group. It needs no daemon."""
    group = cli.add_parser(
        "contracts",
        help=SUMMARY,
        description=f"{SUMMARY}. Works on any repository; needs no daemon.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in VERBS:
        add(verbs)
