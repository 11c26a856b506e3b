"""`dome locks`: which named locks are held, and who waits for them."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands
    from dome_contracts.runtime.v1 import ListLocksResponse

_EXAMPLES = """\
  dome locks                                     name, holder, and how many wait
  dome locks --json | jq -r .holder_job_id       one object a line

exit codes: 0 the locks were listed, also where there are none, 71 this daemon does not offer it."""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "locks", examples=_EXAMPLES)
    parser.set_defaults(command=locks, shortly=locks_shortly)


async def locks(arguments: Namespace, session: Session) -> int:
    """List the locks."""
    async with session.connect() as dome:
        return _show(await dome.locks(), session)


def locks_shortly(arguments: Namespace, session: Session) -> int | None:
    """The same where a daemon answers at once."""
    answer = session.ask("ListLocks")
    return None if answer is None else _show(answer, session)


def _show(answer: "ListLocksResponse", session: Session) -> int:
    from dome_client.cli.render import document, lock

    if session.as_json:
        for each in answer.locks:
            session.record(document.document(each))
    else:
        session.text(lock.text(answer.locks))
    if answer.omitted_locks:
        session.note(f"{answer.omitted_locks} more locks are left out: they are too many for one answer.")
    return Exit.OK
