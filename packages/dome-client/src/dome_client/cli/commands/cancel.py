"""`dome cancel ID`: ask for the end of a job."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands
    from dome_contracts.runtime.v1 import Job

_EXAMPLES = """\
  dome cancel job-...                                  ask; a running program is given time to end
  dome cancel job-... --reason "wrong branch"          with a reason for the record
  dome cancel job-... && dome wait job-...             and wait until it has ended"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "cancel", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why, for the record")
    parser.set_defaults(command=cancel, shortly=cancel_shortly)


async def cancel(arguments: Namespace, session: Session) -> int:
    """Ask, and show the job."""
    async with session.connect() as dome:
        return _show(await dome.cancel(arguments.job_id, reason=arguments.reason), session)


def cancel_shortly(arguments: Namespace, session: Session) -> int | None:
    """The same where a daemon answers at once."""
    answer = session.ask("CancelJob", job_id=arguments.job_id, reason=arguments.reason)
    return None if answer is None or answer.job is None else _show(answer.job, session)


def _show(job: "Job", session: Session) -> int:
    from dome_client.cli.render import listing

    session.show(job, listing.jobs([job], colour=session.colour))
    return Exit.OK
