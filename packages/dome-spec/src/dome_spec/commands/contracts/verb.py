"""What every verb has: its parser, its output, and one place where errors become words and exit codes."""

from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import TYPE_CHECKING

from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.commands.contracts.console import Console

    Verbs = _SubParsersAction[ArgumentParser]
    Run = Callable[[Namespace, Console], int]


class UsageWrong(Exception):
    """The words do not fit together. The message says how."""


def add_verb(verbs: "Verbs", name: str, *, summary: str, examples: str, run: "Run") -> ArgumentParser:
    """The parser of a verb, which then calls `run`."""
    parser = verbs.add_parser(
        name,
        help=summary,
        description=f"{summary}.",
        epilog=f"examples:\n{examples}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", default=SUPPRESS, help="JSON: one object a line")
    parser.set_defaults(run=lambda arguments: _call(run, arguments))
    return parser


def _call(run: "Run", arguments: Namespace) -> int:
    from dome_spec.commands.contracts.console import Console, OutputLost
    from dome_spec.commands.contracts.failures import known_errors, told

    console = Console(as_json=bool(getattr(arguments, "json", False)))
    try:
        return run(arguments, console)
    except UsageWrong as error:
        console.note(f"dome: {error}")
        return Exit.USAGE
    except OutputLost as error:
        console.give_up(f"dome: the output cannot be written: {error}")
        return Exit.OUTPUT_LOST
    except known_errors() as error:
        return told(error, console)
    finally:
        console.close()
