"""`dome tools`: what can be run from here."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome tools                 everything, and what is left out and why
  dome tools search          those with this word in id, title or description
  dome tools --json          one object a line; what is left out as {"problem": ...}"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "tools", summary="List the tools that can be run from here", examples=_EXAMPLES)
    parser.add_argument("query", metavar="QUERY", nargs="?", default="", help="words that must all appear")
    parser.set_defaults(command=tools)


async def tools(arguments: Namespace, session: Session) -> int:
    """List the catalog as this directory sees it."""
    from dome_client.cli.render import document, text

    async with session.connect() as dome:
        listing = await dome.tools(arguments.query, working_directory=session.directory)
    if session.as_json:
        for tool in listing.tools:
            session.record(document.document(tool))
        for problem in listing.problems:
            session.record({"problem": document.document(problem)})
        return Exit.OK
    session.text(text.tools(listing.tools))
    for problem in listing.problems:
        session.note(text.problem(problem))
    return Exit.OK
