"""`dome mission install`: missions as tools of the user, for agents that reach the daemon alone."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome mission install                                    write the tools into ~/.config/dome/tools
  dome run mission.next --set mission=parser --set effector=llm:agent-1,profile=implementer

Agents in a sandbox have the daemon's tools and nothing else: with these they ask what comes next, claim, tick off, move
and review. Each is this command again, as JSON. The same command again brings them up to date."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "install", summary="Install missions as tools for agents", examples=_EXAMPLES, run=_install
    )
    parser.add_argument("--into", metavar="FOLDER", help="another tool root, such as .dome/tools")
    add_acting(parser)


def _install(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.tools import TOOLS, write_tool
    from dome_spec.commands.surroundings import here

    scene = here()
    root = Path(arguments.into) if arguments.into else scene.config_home / "dome" / "tools"
    for tool in TOOLS:
        folder = write_tool(root, tool, scene)
        if console.as_json:
            console.record({"tool_id": tool.tool_id, "folder": str(folder)})
        else:
            console.text(f"{tool.tool_id}  {folder}")
    if not console.as_json:
        console.note("They run once you approve each: `dome tool ID` shows it, `dome tools trust ID --digest D` asks.")
    return Exit.OK
