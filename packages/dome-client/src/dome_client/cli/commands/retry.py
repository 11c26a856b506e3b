"""`dome retry ID`: run once more what a job ran, and follow it."""

from argparse import BooleanOptionalAction, Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome retry job-...                     same input, directory and environment, as a job of its own
  dome retry job-... --same-digest       only with exactly the tool that ran then
  dome retry job-... --detach --json     answers at once with the job
  dome retry job-... --key second-try    once for the key, however often it is asked for

The job must have ended, however it did. It runs the tool as it is today, and asks for approval like every run; what ran
then and what ran now stands in the records of both. Its limits, labels and run are those of the job that it retries,
which `dome explain` names.

The exit code is the job's, as with `dome run`. 66 no such job, 67 it has not ended, its input is gone, or its tool is
another one."""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "retry", examples=_EXAMPLES)
    add = parser.add_argument
    add("job_id", metavar="ID", help="id of the job")
    add("--detach", action="store_true", help="show the job and do not follow it")
    add("--key", metavar="KEY", help="idempotency key: the same key and request give the same job")
    add("--same-digest", action="store_true", help="refuse it where the tool is not the one that ran then")
    add("--label", metavar="K=V", action="append", default=[], help="a further label; repeatable")
    waits = "wait for the tool's locks, or be refused where another job holds one (default: as the job was)"
    add("--wait-lock", action=BooleanOptionalAction, default=None, help=waits)
    add("--timeout", metavar="S", type=float, help="end it after this many seconds, time in the queue included")
    parser.set_defaults(command=retry)


async def retry(arguments: Namespace, session: Session) -> int:
    """Submit, then follow to the end."""
    from dome_client.cli.follow import follow_to_exit, show_for
    from dome_client.cli.submission import submit_retry

    async with session.connect() as dome:
        job = await submit_retry(dome, arguments)
        if arguments.detach:
            session.show(job, job.job_id)
            return Exit.OK
        session.note(job.job_id)
        return await follow_to_exit(dome, job.job_id, session, show=show_for(session))
