"""`dome tool ID`: everything about one tool."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands
    from dome_contracts.runtime.v1 import ToolDescriptor

_EXAMPLES = """\
  dome tool repo.search                                              what it does, takes and gives
  dome tool repo.search --json | jq .input_schema_document           its input schema"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "tool", examples=_EXAMPLES)
    parser.add_argument("tool_id", metavar="ID", help="id of the tool")
    parser.set_defaults(command=tool, shortly=tool_shortly)


async def tool(arguments: Namespace, session: Session) -> int:
    """Describe the tool."""
    async with session.connect() as dome:
        return _show(await dome.tool(arguments.tool_id, working_directory=session.directory), session)


def tool_shortly(arguments: Namespace, session: Session) -> int | None:
    """The same where a daemon answers at once."""
    answer = session.ask("GetTool", tool_id=arguments.tool_id, working_directory=session.directory)
    return None if answer is None or answer.tool is None else _show(answer.tool, session)


def _show(descriptor: "ToolDescriptor", session: Session) -> int:
    from dome_client.cli.render import text

    session.show(descriptor, text.tool(descriptor))
    return Exit.OK
