"""`dome explain ID`: how a job went, and why it ended as it did."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome explain job-...                           what it waited for, when it was silent, who ended it, what to do
  dome explain job-... --json | jq .waits        each time of waiting, with the job that held the lock
  dome explain job-... --json | jq -r .summary   one sentence

It is computed from the events alone, of a job that has ended or not.

exit codes: 0 it was explained, however the job ended, 66 no such job, or its events are gone."""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "explain", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.set_defaults(command=explain)


async def explain(arguments: Namespace, session: Session) -> int:
    """Read the events, and tell them."""
    from dome_client.cli.record import explanation_of
    from dome_client.cli.render import explanation

    async with session.connect() as dome:
        found, holders = await explanation_of(dome, arguments.job_id)
    if session.as_json:
        session.record(explanation.document(found, holders))
    else:
        session.text(explanation.text(found, holders))
    return Exit.OK
