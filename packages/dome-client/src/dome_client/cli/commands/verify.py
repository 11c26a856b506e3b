"""`dome verify ID`: whether the record of a job is what the daemon recorded."""

import re
from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_HEAD: Final = re.compile("sha256:[0-9a-f]{64}")
_EXAMPLES = """\
  dome verify job-...                        each check, and which event breaks
  dome verify job-... --head sha256:...      against the chain_head that was kept when the job ended
  dome verify job-... --json                 one object: verified, and findings with their event_ids

The stored bytes of all events are hashed into a chain, whose head the last event holds. That shows every change that
somebody made to the record who did not make the chain anew; a head that was kept elsewhere shows those, too. The bytes
of every artifact are held against the digest that was recorded.

exit codes: 0 all holds, 1 something is broken, 66 no such job, or its events are gone, 67 the job has not ended."""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "verify", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.add_argument("--head", metavar="sha256:HEX", default="", help="the chain_head as it was kept elsewhere")
    parser.set_defaults(command=verify, parser=parser)


async def verify(arguments: Namespace, session: Session) -> int:
    """Read everything, and say what is wrong."""
    from dome_client.cli.record import verification_of
    from dome_client.cli.render import verification

    if arguments.head and _HEAD.fullmatch(arguments.head) is None:
        arguments.parser.error("--head is a digest: sha256: and 64 hexadecimal digits")
    async with session.connect() as dome:
        found = await verification_of(dome, arguments.job_id, head=arguments.head)
    if session.as_json:
        session.record(verification.document(found))
    else:
        session.text(verification.text(found, colour=session.colour))
    return Exit.OK if found.holds else Exit.FAILED
