"""`dome gate eval`: asks the gates of a run."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome gate eval run-nightly.12                        the gates that its tasks name, each about the last attempt
  dome gate eval run-nightly.12 3f9a                   of one task, by the beginning of its id
  dome gate eval run-nightly.12 --gate unit-tests      one gate
  dome gate eval run-nightly.12 --all                  also tasks that name no gate
  dome gate eval run-nightly.12 --overlay strict.json  with guards of this run's own; they hold for all of it
  dome gate eval run-nightly.12 --json | jq .verdict

Guards are those of .dome/guardrails.json and .dome/invariants.json, else the shipped ones. The same question has the
same answer, byte for byte, and is kept once. A rejection is something to learn from, and is remembered as such.
Exit code 0: every gate approves. 1: one rejects. 67: one leaves it to a person. 75: the run is being carried out."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "eval", summary="Ask gates about the last attempts of a run", examples=_EXAMPLES, run=_evaluate
    )
    parser.add_argument("run_id", metavar="RUN", help="the run, as `dome plan status` lists it")
    parser.add_argument("task", metavar="TASK", nargs="?", help="the beginning of a task's id (default: all tasks)")
    parser.add_argument("--gate", metavar="ID", help="one gate (default: all that the task names)")
    parser.add_argument("--all", action="store_true", help="also judge tasks that name no gate, by the gate `outcome`")
    parser.add_argument("--overlay", metavar="FILE", type=Path, help="a bundle of guards that the run adds")


def _evaluate(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.gate.asking import asking
    from dome_spec.commands.gate.deciding import EXITS, Wanted, decide_gates, strictest
    from dome_spec.commands.gate.words import answer_document, answer_lines

    wanted = Wanted(arguments.task, arguments.gate, arguments.all)
    verdicts = []
    with asking(arguments.run_id, arguments.overlay) as asked:
        try:
            for answer in decide_gates(asked, wanted):
                verdicts.append(answer.decision.verdict)
                if console.as_json:
                    console.record(answer_document(answer))
                else:
                    console.text("\n".join(answer_lines(answer, asked.plan, asked.guardrails)))
        finally:
            asked.remember()
    return EXITS[strictest(verdicts)]
