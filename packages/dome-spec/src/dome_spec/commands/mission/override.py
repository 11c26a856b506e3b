"""`dome mission override`: a person decides against a review that asked for changes."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, prose
from dome_spec.commands.mission.shown import add_shown
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome mission override parser WP01 --reason "Leap seconds are out of scope" --note "Agreed with the auditors"
  dome mission override parser WP01 --reason "The finding is wrong" --evidence measured.txt

Only a person does so, one who had no part in the work. The review stays as it was said; the package is approved as it
was reviewed, by an override of the table that is counted. Exit code 67: there is no review that asks for changes, or it
is reviewed anew."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "override", summary="Decide against a review that asked for changes", examples=_EXAMPLES, run=_override
    )
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE")
    parser.add_argument("--reason", metavar="TEXT", type=prose, required=True, help="why; kept in its history")
    add_shown(parser)
    add_acting(parser)


def _override(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.acting import person
    from dome_spec.commands.mission.opening import writing
    from dome_spec.commands.mission.shown import shown
    from dome_spec.commands.mission.words import stands
    from dome_spec.mission_runtime import override

    with writing(arguments) as opened:
        status, name = opened.status(arguments.mission), arguments.package
        who = person(opened.effector, "Deciding against a review")
        evidence = shown(arguments, opened)
        if not evidence:
            raise UsageWrong("an override goes with something to see: --note TEXT or --evidence FILE")
        fact, wish = override(
            status.standing, name, who, effector=opened.effector, reason=arguments.reason, evidence=evidence
        )
        opened.missions.permit(status.standing, wish)
        status.state(name, fact, opened.effector)
        status.transition(wish)
        events = status.save().events
    if console.as_json:
        console.record({"events": [each.to_value() for each in events], "lane": status.lane(name).value})
    else:
        console.text(stands(status, name))
    return Exit.OK
