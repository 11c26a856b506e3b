"""What `diff` and `check` share: their options, and how a report is shown."""

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.contracts.check import Options, Report

FORMATS: Final = ("text", "json", "sarif")
DIRECTIONS: Final = ("backward", "forward", "both")


def add_options(parser: ArgumentParser) -> None:
    """How it is compared, and how it is shown."""
    parser.add_argument(
        "--direction",
        choices=DIRECTIONS,
        help="who must read whom (default: what tier and intent of a family ask for; else backward)",
    )
    parser.add_argument("--format", choices=FORMATS, help="form of the report (default: text; `--json` is json)")


def options(arguments: Namespace, console: "Console") -> "Options":
    """How the check is to be made."""
    from dome_spec.contracts.check import Options
    from dome_spec.contracts.compatibility import Direction

    chosen = Direction(arguments.direction) if arguments.direction else None
    return Options(direction=chosen, progress=console.progress)


def show(report: "Report", arguments: Namespace, console: "Console") -> int:
    """The report in the form that was asked for; the exit code."""
    from dome_spec.contracts import report as reports

    form = arguments.format or ("json" if console.as_json else "text")
    if form == "sarif":
        console.text(json.dumps(reports.sarif(report), indent=2, ensure_ascii=False))
    elif form == "json":
        for document in reports.documents(report):
            console.record(document)
    else:
        console.text(reports.render(report))
    return exit_code(report)


def exit_code(report: "Report") -> int:
    """0 while nothing is red; what cannot be judged weighs more than what is red."""
    from dome_spec.contracts.policy import Level

    return {Level.RED: Exit.FAILED, Level.INVALID: Exit.INVALID}.get(report.level, Exit.OK)
