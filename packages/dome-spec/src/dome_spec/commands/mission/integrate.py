"""`dome mission integrate`: record that a mission landed, as git shows it. Merges nothing."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  git merge --no-ff missions/parser/track-01      you bring it there; a conflict is yours to settle
  dome mission integrate parser                   then this looks whether it is there, and records it

The accepted commit has to lie on the destination, or all that it changed: a squash, a rebase and a cherry-pick are told
by what they hold. The packages are done with it. Asked again, it says the same. Exit code 67: it is not there, or the
mission is not accepted."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "integrate",
        summary="Record that a mission landed on its destination",
        examples=_EXAMPLES,
        run=_integrate,
    )
    parser.add_argument("mission", metavar="MISSION")
    add_acting(parser)


def _integrate(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.landing import landed
    from dome_spec.commands.mission.opening import writing

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        receipt = landed(status, opened)
    if console.as_json:
        console.record({"mission_id": status.mission.mission_id, "receipt": receipt.to_value()})
    else:
        console.text(f"{status.mission.slug} is done: {receipt.commit} on {receipt.destination_ref}.")
    return Exit.OK
