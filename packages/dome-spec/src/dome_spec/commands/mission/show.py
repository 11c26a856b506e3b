"""`dome mission show`: a mission or one of its packages, with its history."""

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import Fork, MissionStatus

_EXAMPLES: Final = """\
  dome mission show parser              what it is for, what it requires, where its packages stand
  dome mission show parser WP01         one package: where it stands, what it may do next, and its history
  dome mission show parser WP01 --json | jq .history[].fact"""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "show", summary="Show a mission, or a package with its history", examples=_EXAMPLES, run=_show
    )
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE", nargs="?")
    add_acting(parser)


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading

    with reading(arguments) as opened:
        status = opened.status(arguments.mission)
        value = _package(status, arguments.package) if arguments.package else _mission(status)
        if console.as_json:
            console.record(value)
        elif arguments.package:
            console.text("\n".join(_package_lines(status, arguments.package, opened)))
        else:
            console.text("\n".join(_mission_lines(status)))
    return Exit.OK


def _mission(status: "MissionStatus") -> dict[str, Any]:
    from dome_spec.mission_runtime import board

    return {
        "mission": status.mission.to_value(),
        "board": dict(board(status.standing).value),
        "history": [each.to_value() for each in status.history()],
        "dropped": _dropped(status, None),
    }


def _package(status: "MissionStatus", name: str) -> dict[str, Any]:
    from dome_spec.mission_runtime import board

    status.package(name)
    (row,) = (each for each in board(status.standing).value["packages"] if each["work_package_id"] == name)
    return {
        "package": status.standing.packages[name].to_value(),
        "stands": row,
        "history": [each.to_value() for each in status.history(name)],
        "dropped": _dropped(status, name),
    }


def _dropped(status: "MissionStatus", name: str | None) -> list[dict[str, Any]]:
    """The events of the history that do not hold, with why."""
    from dome_spec.mission_runtime import lost

    found = lost(status.snapshot, status.history(name))
    return [{"event_id": each.event_id, "reason": each.reason, "text": each.text} for each in found]


def _history(status: "MissionStatus", name: str | None) -> str:
    from dome_spec.commands.mission.words import event_row
    from dome_spec.commands.table import table
    from dome_spec.mission_runtime import lost

    history = status.history(name)
    marked = {each.event_id: each for each in lost(status.snapshot, history)}
    return table([("VERSION", "WHEN", "WHO", "WHAT", "WHY"), *(event_row(each, marked) for each in history)])


def _mission_lines(status: "MissionStatus") -> Iterator[str]:
    from dome_spec.commands.mission.words import board_lines, state_of
    from dome_spec.mission_runtime import board

    mission = status.mission
    yield f"{mission.mission_id}  {state_of(status.standing)}"
    yield mission.purpose.summary
    yield f"Type {mission.mission_type.id} {mission.mission_type.version}, accountable: {mission.accountable.id}"
    yield f"Builds on {mission.base.ref} at {mission.base.commit[:12]}, lands on {mission.destination_ref}"
    for requirement in mission.requirements:
        yield f"  {requirement.id} ({requirement.priority.value}): {requirement.text}"
    for invariant in mission.negative_invariants:
        yield f"  {invariant.id} (must not be): {invariant.text}"
    state = status.snapshot.mission
    yield from () if state is None else map(_fork_line, state.open_forks)
    yield ""
    yield from board_lines(board(status.standing).value)
    yield ""
    yield _history(status, None)


def _fork_line(fork: "Fork") -> str:
    after = "at the beginning" if fork.parent is None else f"after {fork.parent}"
    rule = fork.rule.value.replace("_", " ")
    ends = ", ".join(fork.tips)
    return f"Fork {after}: {', '.join(fork.children)}; {fork.winner} holds ({rule}), the rest ends with {ends}"


def _package_lines(status: "MissionStatus", name: str, opened: "Opened") -> Iterator[str]:
    from dome_contracts.schema.governance.mission_type import LaneGuard
    from dome_spec.commands.mission.words import stands
    from dome_spec.missions.status import held_up

    yield stands(status, name)
    package, state = status.standing.packages[name], status.package(name)
    yield package.title
    if package.owned_files:
        yield f"Owns {', '.join(package.owned_files)}"
    waiting = status.standing.waits_for(name)
    if waiting:
        yield f"Waits for {', '.join(waiting)}"
    held = held_up(state)
    if held is not None:
        yield f"Held up: {held.why}. {held.hint}."
    yield from map(_fork_line, state.open_forks)
    edges = [
        each
        for each in status.standing.table.edges(state.lane)
        if LaneGuard.PRIOR_LANE not in each.guards or each.to is state.prior_lane
    ]
    yield f"From here: {', '.join(f'{each.operation.value} to {each.to.value}' for each in edges) or 'nothing'}"
    yield ""
    yield _history(status, name)
