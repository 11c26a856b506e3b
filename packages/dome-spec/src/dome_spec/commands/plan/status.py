"""`dome plan status`: the runs of this repository, or one of them in full."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome plan status                                    every run of this repository
  dome plan status run-01hy2y62e0fwfmz48agcje5e6h     the tasks of one, with their jobs
  dome plan status --json | jq -r .state              for programs

It reads what is kept, and asks no daemon. Exit code 1: of some run it cannot be read; the others are shown."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "status", summary="Show how far runs of plans are", examples=_EXAMPLES, run=_status)
    parser.add_argument("run_id", metavar="RUN", nargs="?", help="one run (default: all of this repository)")


def _status(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.plan import view
    from dome_spec.commands.refusals import tell
    from dome_spec.commands.surroundings import here
    from dome_spec.dispatch import RecordDamaged, RunRecord, is_held, run_ids

    infra = here().infra()
    chosen = (arguments.run_id,) if arguments.run_id else run_ids(infra.runs_dir) if infra.repository_id else ()
    damaged = 0
    for run_id in chosen:
        try:
            record = RunRecord.find(infra.runs_dir, run_id)
            queue = record.queue()
            plan, held = record.plan_of(queue), is_held(record.directory)
        except RecordDamaged as error:
            if arguments.run_id:
                raise
            tell(error, console)
            damaged += 1
            continue
        if console.as_json:
            console.record(view.run_document(queue, plan, is_held=held))
        elif arguments.run_id:
            console.text("\n".join(view.run_lines(queue, plan, is_held=held)))
        else:
            console.text(view.run_line(queue, is_held=held))
    if not chosen and not console.as_json:
        console.note("No plan was carried out here. `dome plan run PLAN` begins with it.")
    return Exit.FAILED if damaged else Exit.OK
