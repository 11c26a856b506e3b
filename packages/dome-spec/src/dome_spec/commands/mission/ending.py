"""`dome mission cancel` and `dome mission reopen`: give a mission up, or take one up again that has ended."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, prose
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.missions.status_event import MissionCanceled, MissionReopened
    from dome_contracts.schema.shared.definitions import LaneOperation
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import MissionStatus

_CANCEL: Final = """\
  dome mission cancel parser --reason "Another library does it"
  dome mission move parser WP01 cancel --reason "Not needed"     one package of it alone

A person decides. The packages stay where they stand, and nothing moves them. Exit code 67: it has ended already, or a
commit is under way."""
_REOPEN: Final = """\
  dome mission reopen parser --reason "The other library is not kept up"
  dome mission reopen parser --reason "It was reverted: leap years were wrong"

A person decides. A mission that was given up goes on where its packages stand. One that has landed is judged and
brought home anew; packages that are done stay done, and other work is a mission that follows. Exit code 67: it has not
ended."""


def add(verbs: "Verbs") -> None:
    """Add both verbs."""
    cancel = add_verb(verbs, "cancel", summary="Give a mission up", examples=_CANCEL, run=_cancel)
    reopen = add_verb(verbs, "reopen", summary="Take a mission up again that has ended", examples=_REOPEN, run=_reopen)
    for parser in (cancel, reopen):
        parser.add_argument("mission", metavar="MISSION")
        parser.add_argument("--reason", metavar="TEXT", type=prose, required=True, help="why; kept in its history")
        add_acting(parser)


def _cancel(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.shared.definitions import LaneOperation
    from dome_spec.commands.mission.acting import person
    from dome_spec.commands.mission.opening import writing
    from dome_spec.mission_runtime import canceled

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        who = person(opened.effector, "Giving a mission up")
        fact = canceled(status.standing, who, arguments.reason)
        return _stated(status, fact, LaneOperation.CANCEL, opened=opened, console=console)


def _reopen(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.shared.definitions import LaneOperation
    from dome_spec.commands.mission.acting import person
    from dome_spec.commands.mission.opening import writing
    from dome_spec.mission_runtime import reopened

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        who = person(opened.effector, "Taking a mission up again")
        fact = reopened(status.standing, who, arguments.reason)
        return _stated(status, fact, LaneOperation.REOPEN, opened=opened, console=console)


def _stated(
    status: "MissionStatus",
    fact: "MissionCanceled | MissionReopened",
    operation: "LaneOperation",
    *,
    opened: "Opened",
    console: "Console",
) -> int:
    from dome_spec.commands.mission.words import state_of

    opened.missions.permit_mission(status.standing, operation, opened.effector)
    status.state(None, fact, opened.effector)
    (event,) = status.save().events
    state = state_of(status.standing)
    if console.as_json:
        console.record({"event": event.to_value(), "state": state})
    else:
        console.text(f"{status.mission.slug}: {state}.")
    return Exit.OK
