"""`dome mission list`: the missions of the repository."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome mission list                 all of them, and how far they are
  dome mission list --json | jq .slug"""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    add_acting(add_verb(verbs, "list", summary="List the missions of this repository", examples=_EXAMPLES, run=_list))


def _list(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading
    from dome_spec.commands.mission.words import state_of
    from dome_spec.commands.table import table
    from dome_spec.mission_runtime import progress

    rows = [("MISSION", "SHORT ID", "STATE", "DONE", "PACKAGES", "TITLE")]
    with reading(arguments) as opened:
        for name in opened.store.missions():
            standing = opened.status(name.mission_id).standing
            found, state = progress(standing), state_of(standing)
            if console.as_json:
                title = standing.mission.title
                known = {"mission_id": name.mission_id, "slug": name.slug, "number": name.number, "title": title}
                console.record({**known, "state": state, "progress": found})
            packages = str(len(standing.snapshot.packages))
            rows.append((name.slug, name.short_id, state, f"{found['done']:.0%}", packages, standing.mission.title))
    if not console.as_json:
        console.text(table(rows) if len(rows) > 1 else "No missions yet: `dome mission new`")
    return Exit.OK
