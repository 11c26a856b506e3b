"""`dome jobs`: the newest jobs, and what becomes of them."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands
    from dome_contracts.runtime.v1 import ListJobsResponse

_EXAMPLES = """\
  dome jobs                                the newest, newest first
  dome jobs --state running                those that run
  dome jobs --tool repo.search --limit 5   the last five searches
  dome jobs --json | jq -r .job_id         one object a line
  dome jobs --refused                      and requests that were refused, with the reason
  dome jobs --watch                        as they stand, then each change of state as it happens
  dome jobs --watch --json --since-revision 120    every change after one that was seen"""
_STATES: Final = ("queued", "running", "succeeded", "failed", "canceled")
"""As the contract numbers them, from 1 on."""
_PAGE_SIZE_MAX: Final = 1000
_REVISION_MAX: Final = 2**64 - 1


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "jobs", examples=_EXAMPLES)
    parser.add_argument("--state", action="append", default=[], choices=_STATES, help="only in this state; repeatable")
    parser.add_argument("--tool", metavar="ID", default="", help="only of this tool")
    parser.add_argument("--limit", metavar="N", type=int, default=20, help="at most so many (default: 20)")
    parser.add_argument("--refused", action="store_true", help="also requests that were refused")
    parser.add_argument("--watch", action="store_true", help="stay, and show each change of state as it happens")
    parser.add_argument("--since-revision", metavar="N", type=int, help="with --watch: only the changes after this one")
    parser.set_defaults(command=jobs, shortly=jobs_shortly, parser=parser)


async def jobs(arguments: Namespace, session: Session) -> int:
    """List the jobs, or watch them."""
    from dome_client.cli.watch import watch
    from dome_contracts.runtime.v1 import JobState

    _check(arguments)
    chosen = {
        "states": [JobState.from_string(state.upper()) for state in arguments.state],
        "skill_id": arguments.tool,
        "limit": arguments.limit,
    }
    async with session.connect() as dome:
        if arguments.watch:
            await watch(dome, session, since_revision=arguments.since_revision, **chosen)
            return Exit.OK
        return _show(await dome.listing(include_refused=arguments.refused, **chosen), session)


def jobs_shortly(arguments: Namespace, session: Session) -> int | None:
    """List the jobs where a daemon answers at once, and with all of them."""
    _check(arguments)
    if arguments.watch:
        return None
    found = session.ask(
        "ListJobs",
        states=[_STATES.index(state) + 1 for state in arguments.state],
        skill_id=arguments.tool,
        include_refused=arguments.refused,
        page_size=min(arguments.limit, _PAGE_SIZE_MAX),
    )
    if found is None or (found.next_page_token and len(found.jobs) + len(found.refused) < arguments.limit):
        return None
    return _show(found, session)


def _check(arguments: Namespace) -> None:
    if arguments.watch and arguments.refused:
        arguments.parser.error("--watch and --refused exclude each other: what is refused changes no job")
    if arguments.limit < 1:
        arguments.parser.error("--limit counts from 1")
    since_revision = arguments.since_revision
    if since_revision is not None and not (arguments.watch and 0 <= since_revision <= _REVISION_MAX):
        arguments.parser.error(f"--since-revision is for --watch, and counts from 0 to {_REVISION_MAX}")


def _show(found: "ListJobsResponse", session: Session) -> int:
    from dome_client.cli.render import listing

    if session.as_json:
        for document in listing.documents(found):
            session.record(document)
    else:
        session.text(listing.table(found, colour=session.colour))
    return Exit.OK
