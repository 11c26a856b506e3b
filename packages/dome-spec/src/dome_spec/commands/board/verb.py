"""`dome board`: the projection that effectors are told by, for people."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.board.door import SUMMARY
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.commands.console import Console

_EXAMPLES: Final = """\
  dome board                    every mission that has not ended
  dome board parser             one mission, ended or not
  dome board parser --json | jq .columns

ACTS is who holds a package now; RECOMMENDED is who would suit, as its author wrote. Neither is taken for the other."""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: object) -> None:
    """Add the command. It needs no daemon."""
    del runtime
    parser = add_verb(cli, "board", summary=SUMMARY, examples=_EXAMPLES, run=_board)
    parser.add_argument("mission", metavar="MISSION", nargs="?", help="one of them (default: all that go on)")
    add_acting(parser)


def _board(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading
    from dome_spec.commands.mission.queries import statuses
    from dome_spec.commands.mission.words import board_lines, state_of
    from dome_spec.mission_runtime import board

    shown = 0
    with reading(arguments) as opened:
        for status in statuses(arguments, opened):
            if not arguments.mission and state_of(status.standing) in {"done", "canceled"}:
                continue
            value = board(status.standing).value
            if console.as_json:
                console.record(dict(value))
            else:
                console.text("\n".join([*([""] if shown else []), *board_lines(value)]))
            shown += 1
    if not shown and not console.as_json:
        console.text("No mission goes on: `dome mission list` lists all.")
    return Exit.OK
