"""`dome mission accept`: judge a mission by its requirements and by what must not be."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome mission accept parser                                            what is still to be shown
  dome mission accept parser --met all --absent all --note "Tried by hand" --commit missions/parser/track-01
  dome mission accept parser --met FR-001 --unmet FR-002 --reason "It comes with the next mission"

A person decides, on a commit that holds the work of every approved package. Nothing is taken for shown: what is not
named stays pending. Exit code 1: it is pending or refused; that is recorded too, and can be judged again."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "accept", summary="Judge a mission", examples=_EXAMPLES, run=_accept)
    parser.add_argument("mission", metavar="MISSION")
    for name, text in (("met", "a requirement that is met"), ("unmet", "one that is not")):
        parser.add_argument(f"--{name}", metavar="ID|all", action="append", default=[], help=text)
    for name, text in (("absent", "what must not be, and is not"), ("present", "what must not be, and is")):
        parser.add_argument(f"--{name}", metavar="ID|all", action="append", default=[], help=text)
    parser.add_argument("--defer", metavar="ID=WHY", action="append", default=[], help="what is looked at later")
    parser.add_argument("--reason", metavar="TEXT", help="why it is decided so, where the findings do not say it")
    parser.add_argument(
        "--note", metavar="TEXT", help="what was looked at; kept as evidence of what is said to be shown"
    )
    parser.add_argument("--evidence", metavar="FILE", action="append", default=[], help="what there is to see")
    parser.add_argument(
        "--commit", metavar="REV", help="the commit that is judged (default: the tip that holds all packages)"
    )
    add_acting(parser)


def _accept(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
    from dome_spec.commands.mission.judging import judged
    from dome_spec.commands.mission.opening import writing

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        acceptance = judged(arguments, status, opened)
    if console.as_json:
        console.record(acceptance.to_value())
    else:
        console.text(f"{status.mission.slug}: {acceptance.verdict.value} at {acceptance.commit[:12]}")
        for criterion in acceptance.criteria:
            console.text(f"  {' '.join(criterion.requirements)}: {criterion.state.value}  {criterion.text}")
        for finding in acceptance.negative_invariants:
            console.text(f"  {finding.id}: {finding.state.value.replace('_', ' ')}")
    return Exit.OK if acceptance.verdict is AcceptanceVerdict.ACCEPTED else Exit.FAILED
