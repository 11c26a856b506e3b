"""`dome jobs`: the newest jobs."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome jobs                                the newest, newest first
  dome jobs --state running                those that run
  dome jobs --tool repo.search --limit 5   the last five searches
  dome jobs --json | jq -r .job_id         one object a line"""
_STATES = ("queued", "running", "succeeded", "failed", "canceled")


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "jobs", summary="List jobs, newest first", examples=_EXAMPLES)
    parser.add_argument("--state", action="append", default=[], choices=_STATES, help="only in this state; repeatable")
    parser.add_argument("--tool", metavar="ID", default="", help="only of this tool")
    parser.add_argument("--limit", metavar="N", type=int, default=20, help="at most so many (default: 20)")
    parser.set_defaults(command=jobs, parser=parser)


async def jobs(arguments: Namespace, session: Session) -> int:
    """List the jobs."""
    from dome_client.cli.render import document, text
    from dome_contracts.runtime.v1 import JobState

    if arguments.limit < 1:
        arguments.parser.error("--limit counts from 1")
    states = [JobState.from_string(state.upper()) for state in arguments.state]
    async with session.connect() as dome:
        found = await dome.jobs(states=states, skill_id=arguments.tool, limit=arguments.limit)
    if session.as_json:
        for job in found:
            session.record(document.document(job))
    else:
        session.text(text.jobs(found, colour=session.colour))
    return Exit.OK
