"""`dome standard check`: runs a tool through the daemon, and reports on every subcheck of the standard."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.dispatch import RuntimePlane

    Connect = Callable[[], Awaitable[RuntimePlane]]

_EXAMPLES: Final = """\
  dome standard check repo.search                       with the examples that its input schema states
  dome standard check ledger.mend --input a.json        with an input of yours, beside them
  dome standard check ledger.mend --directory ../copy   in a directory that you can spare, such as for a project's tool
  dome standard check repo.search --json | jq .status   the report itself

Inputs are the `examples` of the input schema, what --input names, and values made from the schema: those are run only
for tools that declare to be read-only, idempotent and of this machine. A tool runs in a scratch repository that is
thrown away. The report is kept, and gates and priors ask for it.
Exit code 0: no subcheck failed. 1: one failed."""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    async def run(arguments: Namespace, console: "Console") -> int:
        from dome_spec.commands.standard.checking import check_tool

        return await check_tool(arguments, console, connect)

    parser = add_verb(
        verbs, "check", summary="Check a tool against the standard, by running it", examples=_EXAMPLES, run=run
    )
    parser.add_argument("tool", metavar="TOOL", help="the id of a tool, as `dome tools` lists it")
    parser.add_argument(
        "--input", metavar="FILE", type=Path, action="append", default=[], help="a JSON input that it succeeds with"
    )
    parser.add_argument(
        "--directory", metavar="DIR", type=Path, help="where it runs (default: a scratch repository made for it)"
    )
