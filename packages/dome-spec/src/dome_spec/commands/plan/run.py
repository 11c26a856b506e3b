"""`dome plan run`: carry a plan out through the daemon."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.dispatch import RuntimePlane

    Connect = Callable[[], Awaitable[RuntimePlane]]

ENDS: Final = """\
Exit code 0: every task is done. 1: a task failed. 67: a task was refused, or lacks what it requires. 69: the daemon
did not answer; the run can be resumed. 75: another process carries the run out. 120: the run was cancelled. 121: a
budget or limit of the run was reached. 130: interrupted; the jobs go on, and the run can be resumed."""
_EXAMPLES: Final = f"""\
  dome plan run plan.json                             carry it out; Ctrl-C leaves the jobs running
  dome plan run plan.json --on-interrupt cancel       Ctrl-C cancels the jobs
  dome plan run plan.json --run-id run-nightly.12     a run of a chosen name: the same command goes on with it
  dome plan run 3f9a                                  a plan that was made here, by the beginning of its hash
  dome plan new --from packet.yaml --json | dome plan run -
  dome plan run plan.json --json | jq .               for programs: each change of a task, then the run

{ENDS}"""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    async def run(arguments: Namespace, console: "Console") -> int:
        from dome_spec.commands.plan.carrying import run_plan

        return await run_plan(arguments, console, connect)

    parser = add_verb(
        verbs, "run", summary="Carry a plan out, wave by wave, through the daemon", examples=_EXAMPLES, run=run
    )
    parser.add_argument("plan", metavar="PLAN", help="a file, `-`, or the beginning of a plan's hash")
    parser.add_argument("--run-id", metavar="RUN", help="name of the run (default: a fresh one)")
    parser.add_argument(
        "--fallback-mode",
        choices=("strict", "hybrid", "lenient"),
        help="what is learnt of the run without an explicit wrapper (default: as the packet says, else the policy)",
    )
    parser.add_argument(
        "--strategies", metavar="FILE", help="when to try again, when to stop (default: what the plan was made with)"
    )
    parser.add_argument(
        "--overlay", metavar="FILE", type=Path, help="a bundle of guards that the run adds, for all of it"
    )
    add_interrupt(parser)


def add_interrupt(parser: ArgumentParser) -> None:
    """The option that says what Ctrl-C does."""
    parser.add_argument(
        "--on-interrupt",
        choices=("detach", "cancel"),
        default="detach",
        help="what becomes of running jobs on Ctrl-C: they go on, or are cancelled (default: %(default)s)",
    )
