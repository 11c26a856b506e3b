"""`dome top`: the jobs of this daemon on one screen, as they happen."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES: Final = """\
  dome top                       jobs, what the chosen one writes, locks, what the catalog leaves out
  dome top --filter repo.search  begin with those jobs

keys: up and down choose, / filters, a shows live jobs only, c cancels after asking, tab goes on, ? helps, q leaves.
Jobs go on when it ends. A daemon that goes away is waited for. Colours are left out where NO_COLOR is set.

It needs the extra dome-client[top] and a terminal; `dome jobs --watch` needs neither.

exit codes: 0 it was left, 2 there is no terminal, 67 the extra is not installed, 69 no daemon answered at first."""
_NO_TERMINAL: Final = "dome: `dome top` draws on a terminal. For anything else: `dome jobs --watch`, also with --json."
_EXTRA: Final = "dome-client[top]"
_PACKAGES: Final = ("rich", "textual")
_FAILED_PRECONDITION: Final = 9


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "top", examples=_EXAMPLES)
    parser.add_argument("--filter", metavar="WORDS", default="", help="show jobs with these words in id, tool or state")
    parser.set_defaults(command=top)


async def top(arguments: Namespace, session: Session) -> int:
    """Draw until the user leaves."""
    if session.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        session.note(_NO_TERMINAL)
        return Exit.USAGE
    try:
        from dome_client.cli.top.app import TopApp
    except ModuleNotFoundError as error:
        raise without_extra(error) from error
    from dome_client.connection import now_s

    async with session.connect() as dome:
        await dome.capabilities()  # starts a daemon where none runs: from here on none is started
    async with session.connect_impatiently() as dome:
        await TopApp(dome, where=str(dome.endpoint), now_s=now_s, query=arguments.filter).run_async()
    return Exit.OK


def without_extra(error: ModuleNotFoundError) -> Exception:
    """What to say where a package of the extra is not installed. Another one that is missing is a defect."""
    from dome_client.errors import DomeError

    if (error.name or "").partition(".")[0] not in _PACKAGES:
        return error
    return DomeError(
        f"`dome top` needs the package {error.name!r}, which is not installed for {sys.executable}.",
        grpc_status=_FAILED_PRECONDITION,
        remedy=f"Install it there: {sys.executable} -m pip install '{_EXTRA}'",
    )
