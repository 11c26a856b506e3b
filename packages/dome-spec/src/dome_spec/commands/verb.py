"""What every verb of every group has: its parser, its output, and how its errors become words and exit codes."""

from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.commands.console import Console

    Verbs = _SubParsersAction[ArgumentParser]
    Run = Callable[[Namespace, Console], int | Awaitable[int]]


class UsageWrong(Exception):
    """The words do not fit together. The message says how."""


class Failures(NamedTuple):
    """How the errors of a group become words.

    No dataclass: to load what makes those takes longer than the rest of `dome --help`.
    """

    known: Callable[[], tuple[type[Exception], ...]]
    """What is told in words; anything else is a defect."""
    tell: Callable[[Exception, "Console"], int]
    """Say what is wrong and what to do; the exit code for it."""


def _known() -> tuple[type[Exception], ...]:
    from dome_spec.commands.refusals import known_errors

    return known_errors()


def _tell(error: Exception, console: "Console") -> int:
    from dome_spec.commands.refusals import tell

    return tell(error, console)


REFUSALS = Failures(_known, _tell)
"""For a group that raises refusals only. Nothing of it is loaded before a verb is called."""


def add_verb(
    verbs: "Verbs", name: str, *, summary: str, examples: str, run: "Run", failures: Failures = REFUSALS
) -> ArgumentParser:
    """The parser of a verb, which then calls `run`: it gives an exit code, or an awaitable of one."""
    parser = verbs.add_parser(
        name,
        help=summary,
        description=f"{summary}.",
        epilog=f"examples:\n{examples}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", default=SUPPRESS, help="JSON: one object a line")
    parser.set_defaults(run=lambda arguments: _call(run, arguments, failures))
    return parser


def _call(run: "Run", arguments: Namespace, failures: Failures) -> int | Awaitable[int]:
    from dome_spec.commands.console import Console

    console = Console(as_json=bool(getattr(arguments, "json", False)))
    told = _Told(Exit.COMMAND_FAILED)
    begun: int | Awaitable[int] = told.code
    try:
        with _telling(console, failures, told):
            begun = run(arguments, console)
            if not isinstance(begun, int):
                return _finish(begun, console, failures)
            told.code = begun
        return told.code
    finally:
        if isinstance(begun, int):
            console.close()


async def _finish(begun: Awaitable[int], console: "Console", failures: Failures) -> int:
    told = _Told(Exit.COMMAND_FAILED)
    try:
        with _telling(console, failures, told):
            told.code = await begun
        return told.code
    finally:
        console.close()


class _Told:
    """The exit code, once it is known."""

    __slots__ = ("code",)

    def __init__(self, code: int) -> None:
        self.code = code


@contextmanager
def _telling(console: "Console", failures: Failures, told: _Told) -> Iterator[None]:
    """Errors that are known become words, and a code."""
    from dome_spec.commands.console import OutputLost

    try:
        yield
    except UsageWrong as error:
        console.note(f"dome: {error}")
        told.code = Exit.USAGE
    except OutputLost as error:
        console.give_up(f"dome: the output cannot be written: {error}")
        told.code = Exit.OUTPUT_LOST
    except BrokenPipeError:
        raise  # whoever read the output has left: that is no refusal
    except failures.known() as error:
        told.code = failures.tell(error, console)
