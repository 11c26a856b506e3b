"""`dome standard show`: the last report on a tool."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome standard show repo.search          what was found when it was checked the last time
  dome standard show repo.search --json   the report itself

It asks no daemon. Whether the tool has changed since is said by its digest: `dome tool ID`."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "show", summary="Show the last report on a tool", examples=_EXAMPLES, run=_show)
    parser.add_argument("tool", metavar="TOOL", help="the id of a tool")


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.standard.words import report_lines
    from dome_spec.commands.surroundings import here
    from dome_spec.standards import NotChecked, StandardReports

    report = StandardReports(here().infra().state_dir).newest(arguments.tool)
    if report is None:
        raise NotChecked(arguments.tool)
    if console.as_json:
        console.record(report.to_value())
    else:
        console.text("\n".join(report_lines(report)))
    return Exit.OK
