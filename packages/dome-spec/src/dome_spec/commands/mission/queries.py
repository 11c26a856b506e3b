"""`dome mission ready` and `dome mission attention`: what can be taken up, and what needs somebody."""

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import MissionStatus

_READY: Final = """\
  dome mission ready              packages of all missions that can be taken up now
  dome mission ready parser --json"""
_ATTENTION: Final = """\
  dome mission attention          what does not go on by itself, with a way on
  dome mission attention parser --json | jq .remedy"""


def add(verbs: "Verbs") -> None:
    """Add both verbs."""
    ready = add_verb(verbs, "ready", summary="List packages that can be taken up", examples=_READY, run=_ready)
    attention = add_verb(verbs, "attention", summary="List what needs somebody", examples=_ATTENTION, run=_attention)
    for parser in (ready, attention):
        parser.add_argument("mission", metavar="MISSION", nargs="?", help="one of them (default: all)")
        add_acting(parser)


def statuses(arguments: Namespace, opened: "Opened") -> "Iterator[MissionStatus]":
    """The mission that is named, else all."""
    names = [arguments.mission] if arguments.mission else [each.mission_id for each in opened.store.missions()]
    yield from map(opened.status, names)


def _ready(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading
    from dome_spec.commands.mission.words import recommended
    from dome_spec.commands.table import table

    rows = [("MISSION", "PACKAGE", "TRACK", "RECOMMENDED", "TITLE")]
    with reading(arguments) as opened:
        for status in statuses(arguments, opened):
            for name in status.standing.ready():
                package = status.standing.packages[name]
                wanted = None if package.recommendation is None else package.recommendation.to_value()
                if console.as_json:
                    mission = {"mission_id": status.mission.mission_id, "slug": status.mission.slug}
                    about = {"work_package_id": name, "track": package.track, "recommended": wanted}
                    console.record({**mission, **about, "title": package.title})
                row = (status.mission.slug, name, package.track or "-", recommended(wanted), package.title)
                rows.append(row)
    if not console.as_json:
        console.text(
            table(rows) if len(rows) > 1 else "Nothing can be taken up now: `dome mission attention` says why."
        )
    return Exit.OK


def _attention(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading
    from dome_spec.commands.table import table
    from dome_spec.mission_runtime import attention

    rows = [("MISSION", "PACKAGE", "WHAT", "WAY ON")]
    with reading(arguments) as opened:
        for status in statuses(arguments, opened):
            for each in attention(status.standing):
                if console.as_json:
                    mission = {"mission_id": status.mission.mission_id, "slug": status.mission.slug}
                    about = {"work_package_id": each.work_package_id, "reason": each.reason}
                    console.record({**mission, **about, "text": each.text, "remedy": each.remedy})
                rows.append((status.mission.slug, each.work_package_id or "-", each.text, each.remedy))
    if not console.as_json:
        console.text(table(rows) if len(rows) > 1 else "Nothing needs anybody.")
    return Exit.OK
