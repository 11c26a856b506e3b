"""`dome mcp`: the bridge for agents, and its entry in their configuration."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import DirectoryGone, Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome mcp                              serve one MCP client on standard input and output
  dome mcp --expose repo.search         with a tool of its own for repo.search, beside the eight
  dome mcp install codex --dry-run      show what would change in codex's configuration
  dome mcp install codex                change it; a copy of what was there stays beside it
  dome mcp install claude --skill       also the SKILL.md that teaches an agent when and how to use Dome

The bridge starts without a daemon and outlives it; a daemon is started where none runs. Jobs go on when the client
leaves. Needs the extra: pip install 'dome-client[mcp]'"""
_FOR_PROGRAMS = (
    "dome mcp: an agent speaks here, not a person. `dome mcp install codex` enters it with one; Ctrl-D ends this."
)


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "mcp", examples=_EXAMPLES)
    parser.usage = "dome mcp [--expose ID ...] | install codex|claude|gemini [--expose ID ...] [--skill] [--dry-run]"
    add = parser.add_argument
    add("action", nargs="?", choices=("install",), help="install: write the entry for an agent")
    add("agent", nargs="?", choices=("codex", "claude", "gemini"), help="with install: for which agent")
    add("--expose", metavar="ID", action="append", default=[], help="also list this tool by itself; * fits any text")
    add("--skill", action="store_true", help="with install: also the SKILL.md")
    add("--dry-run", action="store_true", help="with install: show the change, and write nothing")
    parser.set_defaults(command=mcp, parser=parser)


async def mcp(arguments: Namespace, session: Session) -> int:
    """Serve, or install."""
    if arguments.action is not None and arguments.agent is not None:
        from dome_client.cli.agents import install

        return install(arguments, session)
    if arguments.action is not None or arguments.skill or arguments.dry_run:
        arguments.parser.error("write `dome mcp`, or `dome mcp install codex|claude|gemini`")
    from dome_client.mcp.serving import serve

    if sys.stdin.isatty():
        session.note(_FOR_PROGRAMS)
    try:
        directory = session.directory
    except DirectoryGone:
        directory = ""  # a call can name another one, and the bridge never fails to start
    await serve(session.environ, directory=directory, endpoint=session.named_endpoint, exposed=arguments.expose)
    return Exit.OK
