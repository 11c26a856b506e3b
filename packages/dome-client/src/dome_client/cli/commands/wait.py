"""`dome wait ID`: wait for the end of a job."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome wait job-... && echo well            the exit code is the job's, as in `dome run`
  dome wait job-... --json | jq .state      the job when it has ended"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "wait", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.set_defaults(command=wait)


async def wait(arguments: Namespace, session: Session) -> int:
    """Wait, show the job, end with its code."""
    from dome_client.cli.follow import exit_code
    from dome_client.cli.render import text

    async with session.connect() as dome:
        job = await dome.wait(arguments.job_id)
    session.show(job, text.job(job, colour=session.colour))
    return exit_code(job.state, job.outcome)
