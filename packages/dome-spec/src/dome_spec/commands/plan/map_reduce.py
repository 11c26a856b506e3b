"""`dome plan map-reduce`: one isolated job for each item, and one value of what they found."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.plan.run import Connect
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome plan map-reduce modules.json --schema found.json          carry it out, and print the value
  dome plan map-reduce modules.json --schema found.json --json   with what it rests on, and what was put aside
  dome plan map-reduce modules.json --schema found.json --run-id run-tally.7
                                                                 the same command goes on with an interrupted run

FILE is a patterns/map_reduce_plan document: `dome contracts show patterns/map_reduce_plan`. Items are files below the
repository, by digest. The schema of map outputs is closed: what does not fit it is put aside and reaches nobody. The
reducer has to declare itself deterministic, and sees the named fields of fitting outputs alone.
Exit code 65: the schema leaves room for what nobody asked for, or an item is not as the plan says. 67: a skill does not
serve. 121: over the budget; where that can be known before, nothing is dispatched. 1: too many outputs were put aside,
or the reducer left no value. 67, 69: items could not be asked about, as told, or nobody answered. 130: interrupted; its
jobs go on. After 69 and 130 the same command with the same --run-id goes on, and runs nothing twice."""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    async def run(arguments: Namespace, console: "Console") -> int:
        from dome_spec.commands.plan.reducing import map_reduce

        return await map_reduce(arguments, console, connect)

    parser = add_verb(
        verbs,
        "map-reduce",
        summary="Ask a tool about many items, and reduce what it found",
        examples=_EXAMPLES,
        run=run,
    )
    parser.add_argument("plan", metavar="FILE", help="the map-reduce plan, as YAML or JSON; `-`: standard input")
    parser.add_argument(
        "--schema", metavar="FILE", required=True, help="the schema of map outputs, whose digest it names"
    )
    parser.add_argument("--run-id", metavar="RUN", help="name of the run (default: a fresh one)")
