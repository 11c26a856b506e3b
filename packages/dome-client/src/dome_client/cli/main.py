"""The way in and out of the `dome` command: arguments in, exit code out.

Reads the environment, parses, calls the command, and turns errors into words and codes. Knows no command by its work.
"""

import os
import signal
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dome_client.cli import completion, groups
from dome_client.cli.session import DirectoryGone, InputUnusable, OutputLost, Session, add_options
from dome_client.cli.usage import Parser
from dome_client.version import VERSION
from dome_contracts.exit_codes import Exit, of_status

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_SIGPIPE_CODE: Final = 128 + 13
_EPILOG: Final = """\
examples:
  dome tools                                    what can be run
  dome run repo.search --set pattern=TODO       run a tool and see its output as it comes
  dome run process.run -- make test             run any program as a job
  dome events job-... --follow                  follow a job from another shell
  dome provenance job-...                       what exactly ran

`dome COMMAND --help` has more examples. A daemon is started where none runs; DOMED_ENDPOINT names another socket."""


def main() -> int:
    """The console script."""
    _complete_streams()
    try:
        return run(sys.argv[1:], os.environ)
    except SystemExit:
        # Help was shown, or the command line is wrong. Python would flush after the exit code is settled.
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            return _give_up(_SIGPIPE_CODE)
        except OSError:
            return _give_up(Exit.OUTPUT_LOST)
        raise


def run(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """One use of the command. Writes to the standard streams of the process."""
    session = Session(environ=environ, out=sys.stdout.buffer, err=sys.stderr.buffer)
    words, tail = _split(argv)
    if completion.VARIABLE in environ:
        completion.answer(_parser(completion.words(environ), session, completing=True), session)
    parser = _parser(words, session, completing=False)
    if not words:
        parser.print_help(sys.stderr)
        parser.exit(Exit.USAGE)
    arguments = parser.parse_args(words)
    if tail is not None and not hasattr(arguments, "words"):
        parser.error("only `dome run` takes words after `--`")
    arguments.words = tail
    session.obey(arguments)
    try:
        with _interruptible():
            return _call(arguments, session)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has left.
        return _give_up(_SIGPIPE_CODE)
    except OutputLost as error:
        session.complain(f"dome: the output cannot be written: {error}")
        return _give_up(Exit.OUTPUT_LOST)
    except Exception:  # noqa: BLE001 - a defect is told in full, and must not pass for the failure of a job
        import traceback

        session.note(traceback.format_exc().rstrip())
        return Exit.COMMAND_FAILED


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt inside, where something may have to be put in order; outside it ends at once."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _complete_streams() -> None:
    """A standard stream that is closed is the null device: else the next file that is opened would take its place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _give_up(code: int) -> int:
    """Throw away what the streams did not take: Python would flush at its end, fail, and change the exit code."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(null, stream.fileno())
    return code


def _split(argv: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """The words before the first `--`, and those after it: argparse would mix them up."""
    if "--" not in argv:
        return list(argv), None
    at = argv.index("--")
    return list(argv[:at]), list(argv[at + 1 :])


def _parser(words: Sequence[str], session: Session, *, completing: bool) -> ArgumentParser:
    """A parser that takes these words, or tells what is wrong with them. It knows no command that they do not name."""
    named = None if completing else next((word for word in words if not _is_common(word)), None)
    if named is not None and not named.startswith("-"):
        parser, commands = _without_commands()
        if groups.add_one(commands, session, named):
            return parser
    parser, commands = _without_commands()
    groups.add_all(commands, session, names=words)
    return parser


def _is_common(word: str) -> bool:
    """Whether the word is an option that stands before a command and changes nothing of which one it is."""
    return word == "--json" or word.startswith("--endpoint=")


def _without_commands() -> tuple[ArgumentParser, "Commands"]:
    parser: ArgumentParser = Parser(
        prog="dome",
        description="Run tools as durable jobs on this machine, follow them, and see what exactly ran.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dome {VERSION}")
    add_options(parser, default=None)
    return parser, parser.add_subparsers(prog=parser.prog, title="commands", metavar="COMMAND", required=True)


def _call(arguments: Namespace, session: Session) -> int:
    from dome_client.errors import DomeError, EndpointInvalid

    try:
        if hasattr(arguments, "shortly") and (code := arguments.shortly(arguments, session)) is not None:
            return int(code)
        if hasattr(arguments, "command"):
            return _wait_for(lambda: arguments.command(arguments, session), session)
        done: int | Awaitable[int] = arguments.run(arguments)
        return done if isinstance(done, int) else _wait_for(lambda: done, session)
    except (InputUnusable, DirectoryGone) as error:
        session.note(f"dome: {error}")
        return Exit.USAGE
    except UnicodeEncodeError as error:
        session.note(f"dome: {error.object!a} is no text in UTF-8, so it cannot be sent")
        return Exit.USAGE
    except DomeError as error:
        session.failure(error)
        return Exit.USAGE if isinstance(error, EndpointInvalid) else of_status(error.grpc_status)


def _wait_for(begin: Callable[[], Awaitable[int]], session: Session) -> int:
    import asyncio

    async def finish() -> int:
        try:
            return await begin()
        finally:
            await session.aclose()

    return asyncio.run(finish())
