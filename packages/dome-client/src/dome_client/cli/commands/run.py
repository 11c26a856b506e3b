"""`dome run ID`: run a tool as a job and follow it."""

from argparse import BooleanOptionalAction, Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome run repo.search --set pattern=TODO --set 'globs=["*.py"]'    fields of the input: JSON, else text
  dome run process.run -- make -j2 test                             words after -- are the field argv
  dome run repo.search --input request.json --json                  one JSON object for each event
  dome run process.run --detach --key nightly -- ./build.sh         answers at once with the job; once for the key
  dome run repo.commit --no-wait-lock --input commit.json           refused with LOCK_CONFLICT where it had to wait

The tool's output comes as the tool writes it, each stream to its own; the id of the job goes to standard error. Ctrl-C
leaves the job running. The exit code is the job's: its own where it exited, else that of the cause."""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "run", examples=_EXAMPLES)
    parser.usage = "dome run ID [options] [-- WORD ...]"
    add = parser.add_argument
    add("tool_id", metavar="ID", help="id of the tool")
    add("--input", metavar="FILE|-", help="file that holds the input, a JSON object; - is standard input")
    add("--set", metavar="K=V", action="append", default=[], help="a field of the input; repeatable")
    add("--detach", action="store_true", help="show the job and do not follow it")
    add("--key", metavar="KEY", help="idempotency key: the same key and request give the same job")
    add("--cwd", metavar="DIR", help="working directory of the tool (default: this one)")
    add(
        "--env",
        metavar="K=V",
        action="append",
        default=[],
        help="variable for the tool, of those it allows; repeatable",
    )
    add("--label", metavar="K=V", action="append", default=[], help="label to find the job by; repeatable")
    add(
        "--priority",
        metavar="N",
        type=int,
        default=0,
        help="among those that wait, the highest goes first (default: 0)",
    )
    add(
        "--wait-lock",
        action=BooleanOptionalAction,
        default=None,
        help="wait for the tool's locks (the default), or be refused where another job holds one",
    )
    add("--timeout", metavar="S", type=float, help="end it after this many seconds, time in the queue included")
    parser.set_defaults(command=run, words=None)


async def run(arguments: Namespace, session: Session) -> int:
    """Submit, then follow to the end."""
    from dome_client.cli.follow import follow_to_exit, show_for
    from dome_client.cli.submission import submit

    async with session.connect() as dome:
        job = await submit(dome, arguments, session)
        if arguments.detach:
            session.show(job, job.job_id)
            return Exit.OK
        session.note(job.job_id)
        return await follow_to_exit(dome, job.job_id, session, show=show_for(session))
