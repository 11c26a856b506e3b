"""`dome job ID`: one job as it stands."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome job job-...                               state, times, outcome, result
  dome job job-... --json | jq .outcome.result   the tool's result alone"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "job", summary="Show one job as it stands", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.set_defaults(command=job)


async def job(arguments: Namespace, session: Session) -> int:
    """Show the job."""
    from dome_client.cli.render import text

    async with session.connect() as dome:
        found = await dome.status(arguments.job_id)
    session.show(found, text.job(found, colour=session.colour))
    return Exit.OK
