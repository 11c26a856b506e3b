"""`dome mission claim`: take a package, to carry it out or to review it."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, add_witness
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import MissionStatus, Wish

_EXAMPLES: Final = """\
  dome artefact show parser WP01 --as llm:agent-1,profile=implementer > told.md
  dome mission claim parser WP01 --as llm:agent-1,profile=implementer --artefact told.md
  dome mission claim parser WP01 --witness sha256:...@1     the last line of the artefact, in short

A package that waits for a review is taken to review it. Exit code 67: it is refused, such as CLAIM_CONFLICT, which
names the holder, or STALE_ARTEFACT: what you were told has changed since; read it anew."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "claim", summary="Take a package, to do or to review it", examples=_EXAMPLES, run=_claim)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE")
    add_witness(parser)
    parser.add_argument(
        "--branch", metavar="REF", help="where the work is done (default: the track's branch, where it is checked out)"
    )
    add_acting(parser)


def _claim(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import writing
    from dome_spec.commands.mission.words import stands

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        wish = _wish(arguments, status, opened)
        if status.standing.table.targets(wish.operation, status.lane(wish.package)):
            opened.missions.permit(status.standing, wish)
        status.transition(wish)  # where nothing leads on from there, this says so, whoever asks
        receipt = status.save()
    if console.as_json:
        console.record({"event": receipt.events[-1].to_value(), "lane": status.lane(arguments.package).value})
    else:
        console.text(stands(status, arguments.package))
    return Exit.OK


def _wish(arguments: Namespace, status: "MissionStatus", opened: "Opened") -> "Wish":
    from dome_contracts.schema.shared.definitions import Lane, LaneOperation, MissionAction
    from dome_spec.commands.mission.given import witness_of, workspace_of
    from dome_spec.mission_runtime import ActionQuery, resolve_action_context
    from dome_spec.missions.status import Given, Wish

    name, standing = arguments.package, status.standing
    witness = witness_of(arguments)
    if status.lane(name) is Lane.FOR_REVIEW:
        given = Given(witness=witness)
        return Wish(package=name, effector=opened.effector, operation=LaneOperation.BEGIN_REVIEW, given=given)
    query = ActionQuery(action=MissionAction.IMPLEMENT, package=name)
    execution = resolve_action_context(query, standing, opened.missions.surroundings())
    workspace = workspace_of(execution, standing.packages[name], branch=arguments.branch, root=opened.missions.root)
    given = Given(witness=witness, workspace=workspace)
    return Wish(package=name, effector=opened.effector, operation=LaneOperation.CLAIM, given=given)
