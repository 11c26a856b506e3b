"""`dome memory explain`: one capsule, where it came from, and whether it may be applied."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome memory explain 4fa84465b997                            counts, remedy, and every reason against applying it
  dome memory explain 4fa84465b997 --at 2030-01-01T00:00:00Z  the same as of another moment
  dome memory explain 4fa84465b997 --json                     in the form of knowledge/capsule

Prescriptive: a plan may put its remedy first. Advisory: it is only shown, for the reasons that are listed."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    from dome_spec.commands.memory.filters import add_moment, plain

    parser = add_verb(
        verbs,
        "explain",
        summary="Explain what was learnt, and whether it may be applied",
        examples=_EXAMPLES,
        run=_explain,
    )
    parser.add_argument(
        "capsule", metavar="CAPSULE", type=plain, help="the id of the capsule, or enough of its beginning"
    )
    add_moment(parser)


def _explain(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import capsule_document, judge, rollout
    from dome_spec.commands.memory.capsule_words import capsule_lines, contribution_rows
    from dome_spec.commands.memory.finding import find_capsule
    from dome_spec.commands.memory.judging import verifier_of
    from dome_spec.commands.memory.opening import opened_for_asking
    from dome_spec.commands.table import table

    with opened_for_asking(console) as opened:
        learnt = find_capsule(opened.memory, arguments.capsule)
        stage = rollout(opened.memory, opened.policy).effective_stage
        now = arguments.at or opened.surroundings.clock.now()
        verifier = verifier_of(opened.infra)
        eligibility = judge(learnt, opened.policy, now=now, stage=stage, verifier=verifier)
        document = capsule_document(learnt, opened.policy, eligibility)
    if console.as_json:
        console.record(document.to_value())
    else:
        console.text("\n".join(capsule_lines(document)))
        console.text(table(contribution_rows(document)))
    return Exit.OK
