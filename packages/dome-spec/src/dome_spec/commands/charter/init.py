"""`dome charter init`: write a charter to begin with."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, line, prose
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome charter init
  dome charter init --title "Charter of the parser" --purpose "Dates are right." --protect main

It is a text of yours: change it, and give it a higher version. An absent list under `activation` means all that the
doctrine offers, an empty one none."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "init", summary="Write a charter to begin with", examples=_EXAMPLES, run=_init)
    parser.add_argument("--title", metavar="TEXT", type=line, help="its name for people")
    parser.add_argument("--purpose", metavar="TEXT", type=prose, help="what the repository is for")
    parser.add_argument(
        "--protect", metavar="BRANCH", action="append", default=[], help="a branch that only an integration moves"
    )
    add_acting(parser)


def _init(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.governance.charter import Charter
    from dome_spec.commands.mission.acting import effector_of, person
    from dome_spec.commands.mission.opening import governed
    from dome_spec.commands.surroundings import here
    from dome_spec.governance import CHARTER_PATH, CharterInvalid
    from dome_spec.kernel import read_document, timestamp
    from dome_spec.kernel.yaml_text import write_yaml

    scene, root = here(), governed().root
    who = person(effector_of(arguments, scene.environ), "A charter")
    value: dict[str, Any] = {
        "schema_version": "1",
        "version": "0.1.0",
        "title": arguments.title or f"Charter of {root.name}",
        "purpose": arguments.purpose or "Say here what this repository is for, and how its people want to work.",
        "adopted": {"accountable": who.to_value(), "time": timestamp(scene.clock.now())},
        "activation": {},
        "policies": {},
        "default_mission_type": "software-change",
    }
    if arguments.protect:
        full = [each if each.startswith("refs/") else f"refs/heads/{each}" for each in arguments.protect]
        value["policies"] = {"branches": {"protected": full}}
    charter = read_document(Charter, value)
    path = root / CHARTER_PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(write_yaml(charter.to_value()))
    except FileExistsError:
        raise CharterInvalid(
            f"{path} is there already",
            why="a charter is never replaced",
            hint="Change it, and check it: `dome charter check`",
        ) from None
    if console.as_json:
        console.record(charter.to_value())
    else:
        console.text(str(path))
        console.note("Say in it what the repository is for, and commit it.")
    return Exit.OK
