"""`dome artefact show`: the communication artefact, as text or as JSON."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.artefact.door import SUMMARY
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_contracts.schema.shared.definitions import MissionAction
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.missions.status import MissionStatus

_ACTIONS: Final = ("specify", "plan", "analyze", "finalize", "implement", "review", "accept", "integrate")
_EXAMPLES: Final = """\
  dome artefact show parser WP01 --as llm:agent-1,profile=implementer > told.md
  dome artefact show parser WP01 --json | jq .allowed_operations
  dome artefact show parser                 of the mission: for the step that comes next

It is made anew with every call, from the package, the charter, the doctrine, the effector and where the work is done.
Its last line is the witness that a claim has to show: whatever of that changes makes it stale."""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: object) -> None:
    """Add the group. It needs no daemon."""
    del runtime
    group = cli.add_parser("artefact", help=SUMMARY, description=f"{SUMMARY} for one step.")
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parser = add_verb(verbs, "show", summary="Show what an effector is told", examples=_EXAMPLES, run=_show)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE", nargs="?", help="a work package (default: the mission itself)")
    parser.add_argument("--action", choices=_ACTIONS, help="what for (default: what is to be done where it stands)")
    add_acting(parser)


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading
    from dome_spec.mission_runtime import to_json, to_text

    with reading(arguments) as opened:
        status = opened.status(arguments.mission)
        run, _ = opened.missions.run(status.mission.mission_id, opened.store)
        artefact = opened.missions.artefact(
            status.standing, _action(arguments, status, opened), arguments.package, effector=opened.effector, run=run
        )
    if console.as_json:
        console.data(to_json(artefact) + b"\n")
    else:
        console.data(to_text(artefact).encode())
    return Exit.OK


def _action(arguments: Namespace, status: "MissionStatus", opened: "Opened") -> "MissionAction":
    """What is to be done: what was named, what the package's lane asks for, or what comes next."""
    from dome_contracts.schema.mission_runtime.run_decision import QueryDecision, StepDecision
    from dome_contracts.schema.shared.definitions import MissionAction

    if arguments.action is not None:
        return MissionAction(arguments.action)
    if arguments.package is not None:
        return opened.missions.action_at(status.lane(arguments.package))
    run, _ = opened.missions.run(status.mission.mission_id, opened.store)
    decision = opened.missions.next(status.standing, run, opened.effector, is_query=True).decision
    preview = decision.preview if isinstance(decision, QueryDecision) else decision
    is_of_mission = isinstance(preview, StepDecision) and preview.package is None
    return preview.action if isinstance(preview, StepDecision) and is_of_mission else MissionAction.PLAN
