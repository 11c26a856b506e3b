"""`dome doctor`: what is in order, and how to repair the rest."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome doctor            looks at everything the daemon and this client need; changes nothing
  dome doctor --json     one object a line: check, verdict, what, why, repair"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "doctor", examples=_EXAMPLES)
    parser.set_defaults(command=doctor)


async def doctor(arguments: Namespace, session: Session) -> int:
    """Examine, show the checks. FAILED where there is a problem."""
    from dome_client.cli.render import check
    from dome_client.doctor import Verdict, examine

    found = await examine(session.named_endpoint, session.environ, directory=session.directory)
    for each in found:
        if session.as_json:
            session.record(check.check_document(each))
        else:
            session.text(check.check_text(each, colour=session.colour))
    return Exit.FAILED if any(each.verdict is Verdict.PROBLEM for each in found) else Exit.OK
