"""`dome tools`: what can be run from here, and what the user lets run."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_client.cli.session import Session, add_command

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome tools                 everything, and what is left out and why
  dome tools search          those with this word in id, title or description, the best match first
  dome tools --json          one object a line; what is left out as {"problem": ...}
  dome tools trust ID --digest sha256:...      show what the tool is and does, then ask whether it may run
  dome tools trust ID --digest sha256:... --yes    the same where nobody can be asked
  dome tools untrust ID      take that back
  dome tools approvals       what was approved, where and when"""
_ACTIONS: Final = ("trust", "untrust", "approvals")
_PAGE_SIZE_MAX: Final = 1000


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "tools", examples=_EXAMPLES)
    parser.usage = "dome tools [WORD ...] | trust ID --digest D [--yes] | untrust ID [--digest D] | approvals"
    parser.add_argument("query", metavar="WORD", nargs="*", help="words that must all appear")
    parser.add_argument("--digest", metavar="D", default="", help="with trust and untrust: the digest that is meant")
    parser.add_argument("--yes", action="store_true", help="with trust: do not ask")
    parser.add_argument("--cwd", metavar="DIR", default="", help="seen from this directory (default: this one)")
    parser.set_defaults(command=tools, shortly=tools_shortly, parser=parser)


async def tools(arguments: Namespace, session: Session) -> int:
    """List the catalog as a directory sees it, or do what is to be done about approvals."""
    from dome_client.cli.approval import catalog, listing, trust, untrust
    from dome_client.cli.submission import working_directory

    action = arguments.query[0] if arguments.query and arguments.query[0] in _ACTIONS else ""
    ids = arguments.query[1:] if action else arguments.query
    if (arguments.yes and action != "trust") or (arguments.digest and action not in {"trust", "untrust"}):
        arguments.parser.error("--digest is for trust and untrust, and --yes for trust")
    if (action in {"trust", "untrust"} and len(ids) != 1) or (action == "approvals" and ids):
        arguments.parser.error(f"write `dome tools {action}{'' if action == 'approvals' else ' ID'}`")
    if action == "trust" and not arguments.digest:
        arguments.parser.error("trust needs --digest: the one that you saw, as `dome tool ID` shows it")
    directory = working_directory(arguments.cwd, session)
    async with session.connect() as dome:
        match action:
            case "trust":
                yes = arguments.yes
                return await trust(dome, session, ids[0], arguments.digest, directory=directory, unasked=yes)
            case "untrust":
                return await untrust(dome, session, ids[0], arguments.digest, directory=directory)
            case "approvals":
                return await listing(dome, session)
        return await catalog(dome, session, " ".join(ids), directory=directory)


def tools_shortly(arguments: Namespace, session: Session) -> int | None:
    """List the catalog where a daemon answers at once, and with all of it."""
    from dome_client.cli.approval import show_catalog
    from dome_client.cli.submission import working_directory

    if arguments.yes or arguments.digest or (arguments.query and arguments.query[0] in _ACTIONS):
        return None
    directory = working_directory(arguments.cwd, session)
    query = " ".join(arguments.query)
    found = session.ask("ListTools", query=query, working_directory=directory, page_size=_PAGE_SIZE_MAX)
    return None if found is None or found.next_page_token else show_catalog(found, session)
