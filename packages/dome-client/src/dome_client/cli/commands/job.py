"""`dome job ID`: one job as it stands."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands
    from dome_contracts.runtime.v1 import Job

_EXAMPLES = """\
  dome job job-...                               state, times, outcome, result
  dome job job-... --json | jq .outcome.result   the tool's result alone"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "job", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.set_defaults(command=job, shortly=job_shortly)


async def job(arguments: Namespace, session: Session) -> int:
    """Show the job."""
    async with session.connect() as dome:
        return _show(await dome.status(arguments.job_id), session)


def job_shortly(arguments: Namespace, session: Session) -> int | None:
    """The same where a daemon answers at once."""
    answer = session.ask("GetJobStatus", job_id=arguments.job_id)
    return None if answer is None or answer.job is None else _show(answer.job, session)


def _show(found: "Job", session: Session) -> int:
    from dome_client.cli.render import text

    session.show(found, text.job(found, colour=session.colour))
    return Exit.OK
