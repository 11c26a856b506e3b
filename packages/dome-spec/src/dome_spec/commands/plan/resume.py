"""`dome plan resume`: go on with a run that was interrupted."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_spec.commands.plan.run import ENDS, add_interrupt
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.plan.run import Connect
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = f"""\
  dome plan resume run-01hy2y62e0fwfmz48agcje5e6h     go on, from wherever it stands
  dome plan status                                    the runs that can be resumed

Nothing is run twice: what was asked for is asked for again with the same key, and gives the same job.
{ENDS}"""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    async def resume(arguments: Namespace, console: "Console") -> int:
        from dome_spec.commands.plan.carrying import resume_run

        return await resume_run(arguments, console, connect)

    parser = add_verb(verbs, "resume", summary="Go on with a run that was interrupted", examples=_EXAMPLES, run=resume)
    parser.add_argument("run_id", metavar="RUN", help="the run, as `dome plan run` has named it")
    add_interrupt(parser)
