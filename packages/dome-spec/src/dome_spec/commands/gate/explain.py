"""`dome gate explain`: why gates and guards decided so, from facts alone."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome gate explain run-nightly.12          every transition that was attempted, and every guard that was asked
  dome gate explain run-nightly.12 3f9a     of one task, by the beginning of its id
  dome gate explain run-nightly.12 --json   the documents themselves, one a line

It reads the memory of the repository, and neither the run nor a daemon."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "explain", summary="Explain what guards found and gates decided", examples=_EXAMPLES, run=_explain
    )
    parser.add_argument("run_id", metavar="RUN", help="the run")
    parser.add_argument("task", metavar="TASK", nargs="?", help="the beginning of a task's id (default: all tasks)")


def _explain(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.gate.explaining import explanations, nothing_judged
    from dome_spec.commands.memory.opening import opened_for_asking

    with opened_for_asking(console) as opened:
        found = explanations(opened.memory, opened.evidence, arguments.run_id, arguments.task)
    if not found:
        raise nothing_judged(arguments.run_id)
    for each in found:
        if console.as_json:
            for document in each.documents():
                console.record(document)
        else:
            console.text("\n".join(each.lines()))
    return Exit.OK
