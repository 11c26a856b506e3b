"""`dome mission subtask|note|acknowledge`: facts of a package that change no lane."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, line, prose
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import MissionStatus, Receipt

STATES: Final = ("open", "in_progress", "done", "dropped")
_SUBTASK: Final = """\
  dome mission subtask parser WP01 T001 done
  dome mission subtask parser WP01 T002 dropped --note "Not needed any more" """.rstrip()
_NOTE: Final = """\
  dome mission note parser "The format is decided: RFC 3339"
  dome mission note parser --package WP01 "Leap seconds are left out" """.rstrip()
_ACKNOWLEDGE: Final = """\
  dome mission acknowledge parser WP01 --reason "The review holds; the other move was made without it"

Two events that follow the same one are a fork, as a merge of logs can bring it about. The package waits until somebody
has looked at it."""


def add(verbs: "Verbs") -> None:
    """Add the three verbs."""
    subtask = add_verb(verbs, "subtask", summary="Say where a subtask stands", examples=_SUBTASK, run=_subtask)
    subtask.add_argument("mission", metavar="MISSION")
    subtask.add_argument("package", metavar="PACKAGE")
    subtask.add_argument("subtask", metavar="SUBTASK", help="such as T001")
    subtask.add_argument("state", metavar="STATE", choices=STATES, help=", ".join(STATES))
    subtask.add_argument("--note", metavar="TEXT", type=line, help="what there is to say about it")
    note = add_verb(verbs, "note", summary="Write something down", examples=_NOTE, run=_note)
    note.add_argument("mission", metavar="MISSION")
    note.add_argument("text", metavar="TEXT", type=prose)
    note.add_argument("--package", metavar="PACKAGE", help="of one package (default: of the mission)")
    acknowledge = add_verb(
        verbs, "acknowledge", summary="Say that a fork was looked at", examples=_ACKNOWLEDGE, run=_acknowledge
    )
    acknowledge.add_argument("mission", metavar="MISSION")
    acknowledge.add_argument("package", metavar="PACKAGE", nargs="?", help="default: the mission itself")
    acknowledge.add_argument("--reason", metavar="TEXT", type=line, required=True, help="what was decided")
    for parser in (subtask, note, acknowledge):
        add_acting(parser)


def _subtask(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.missions.status_event import SubtaskStatus
    from dome_spec.commands.mission.opening import writing
    from dome_spec.mission_runtime import Deed, refuse_other_hands
    from dome_spec.missions.status import subtask_changed

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        opened.permit(Deed.TICK, status)
        refuse_other_hands(status.package(arguments.package), opened.effector)
        state = SubtaskStatus(arguments.state)
        fact = subtask_changed(status.standing, arguments.package, arguments.subtask, status=state, note=arguments.note)
        status.state(arguments.package, fact, opened.effector)
        _tell(status, status.save(), console)
    return Exit.OK


def _note(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.missions.status_event import NoteAdded
    from dome_spec.commands.mission.opening import writing
    from dome_spec.mission_runtime import Deed

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        opened.permit(Deed.NOTE, status)
        if arguments.package is not None:
            status.package(arguments.package)
        status.state(arguments.package, NoteAdded(kind="note_added", text=arguments.text), opened.effector)
        _tell(status, status.save(), console)
    return Exit.OK


def _acknowledge(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import writing
    from dome_spec.mission_runtime import Deed

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        opened.permit(Deed.ACKNOWLEDGE, status)
        if arguments.package is not None:
            status.package(arguments.package)
        status.acknowledge(arguments.package, arguments.reason, opened.effector)
        _tell(status, status.save(), console)
    return Exit.OK


def _tell(status: "MissionStatus", receipt: "Receipt", console: "Console") -> None:
    from dome_spec.commands.mission.words import stands

    if console.as_json:
        for event in receipt.events:
            console.record({"event": event.to_value()})
        return
    package = receipt.events[-1].subject.work_package_id if receipt.events else None
    console.text(f"Noted of {status.mission.slug}." if package is None else stands(status, package))
