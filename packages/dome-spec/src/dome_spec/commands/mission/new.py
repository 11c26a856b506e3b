"""`dome mission new`: begin a mission, from a text that is there or from a few words."""

import re
from argparse import Namespace
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, line, prose
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path, PurePosixPath

    from dome_contracts.schema.governance.mission_type import MissionType
    from dome_contracts.schema.missions.mission import Mission
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions import MissionText

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_CHARACTERS_MAX: Final = 64
_EXAMPLES: Final = """\
  dome mission new parser                     of missions/parser/mission.yaml, as it stands
  dome mission new parser --goal "Parse dates" --require "FR-001=Dates are parsed" --must-not "Times change"
  dome mission new typo --type small-change --goal "Mend the typo" --require "FR-001=It is right" --owns README.md

With `--goal` the texts are written first: missions/SLUG/mission.yaml, and with `--owns` a package for the whole change.
They are texts of yours: write packages until `dome mission finalize`, but mission.yaml before this verb, which reads it
once. A mission builds on what the main checkout is at."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "new", summary="Begin a mission", examples=_EXAMPLES, run=_new)
    parser.add_argument("slug", metavar="SLUG", help="its name in lower case, words joined by dashes")
    parser.add_argument("--goal", metavar="TEXT", type=line, help="what it is for, in a sentence; its text is written")
    parser.add_argument("--title", metavar="TEXT", type=line, help="its name for people (default: the goal)")
    parser.add_argument(
        "--require",
        metavar="ID=TEXT",
        type=prose,
        action="append",
        default=[],
        help="what must be true; ID such as FR-001",
    )
    parser.add_argument(
        "--must-not", metavar="TEXT", type=prose, action="append", default=[], help="what must not become true"
    )
    parser.add_argument("--owns", metavar="GLOB", action="append", default=[], help="files of its only package")
    parser.add_argument("--type", metavar="NAME", help="type of the mission (default: as text or charter say)")
    parser.add_argument("--destination", metavar="REF", help="where it lands (default: as text or charter say)")
    parser.add_argument("--accountable", metavar="ID", help="who answers for it (default: you, or as the charter says)")
    add_acting(parser)


def _new(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import writing

    if arguments.goal is None and (arguments.require or arguments.must_not or arguments.owns or arguments.title):
        raise UsageWrong("--title, --require, --must-not and --owns go with --goal; else the text says it")
    with writing(arguments, begins=True) as opened:
        mission = _begin(arguments, opened)
    if console.as_json:
        console.record(mission.to_value())
        return Exit.OK
    console.text(f"{mission.mission_id}  {mission.slug}: {mission.title}")
    folder = f"missions/{mission.slug}/packages"
    what = f"Its package is {folder}/WP01.md: look at it" if arguments.owns else f"Write its packages to {folder}"
    console.note(f"{what}, then: dome mission finalize {mission.slug}")
    return Exit.OK


def _begin(arguments: Namespace, opened: "Opened") -> "Mission":
    """The mission, begun. Nothing is written before all of it fits together."""
    from pathlib import PurePosixPath

    from dome_spec.kernel.mission_identity import MISSIONS_FOLDER
    from dome_spec.mission_runtime import Deed
    from dome_spec.missions.status import MissionStatus

    if _SLUG.fullmatch(arguments.slug) is None or len(arguments.slug) > _SLUG_CHARACTERS_MAX:
        form = f"write at most {_SLUG_CHARACTERS_MAX} of a-z and 0-9, words joined by dashes, such as parse-dates"
        raise UsageWrong(f"{arguments.slug!r} is no name of a mission: {form}")
    _refuse_taken(arguments.slug, opened)
    _refuse_baseless(opened)
    root, folder = opened.missions.root, PurePosixPath(MISSIONS_FOLDER / arguments.slug)
    texts = _first(arguments, root, folder)
    text = _text(root, folder, texts)
    mission_type = _type(text.mission_type or arguments.type, opened)
    opened.missions.permit_deed(Deed.BEGIN, opened.effector, mission_type.id)
    mission = _mission(text, arguments, mission_type, opened)
    _refuse_packages(mission, texts)
    if texts:
        from dome_spec.commands.mission.first_texts import write_texts

        write_texts(root, texts)
    status = MissionStatus.create(
        opened.store, mission, mission_type.transition_table, clock=opened.scene.clock, ids=opened.scene.ids
    )
    status.save()
    return mission


def _first(arguments: Namespace, root: "Path", folder: "PurePosixPath") -> "dict[PurePosixPath, str]":
    """The texts that are to be written, where words were given for them. Raises MissionRefusal, UsageWrong."""
    from dome_spec.commands.mission.first_texts import first_texts, refuse_written

    if arguments.goal is None:
        return {}
    texts = first_texts(arguments, folder)
    refuse_written(root, texts)
    return texts


def _refuse_packages(mission: "Mission", texts: "Mapping[PurePosixPath, str]") -> None:
    """Raises PackageUnreadable where a package that is to be written would be none."""
    from dome_spec.missions import MISSION_FILE, read_package

    for path, text in texts.items():
        if path.name != MISSION_FILE:
            read_package(mission.mission_id, path, text.encode())


def _refuse_taken(slug: str, opened: "Opened") -> None:
    from dome_spec.missions import MissionRefusal

    if any(each.slug == slug for each in opened.store.missions()):
        raise MissionRefusal(
            f"There is a mission {slug!r} already",
            why="its texts stand in the folder of that name",
            hint=f"Choose another name, or look at it: `dome mission show {slug}`",
        )


def _refuse_baseless(opened: "Opened") -> None:
    from dome_spec.kernel.vcs_probe import NO_COMMIT
    from dome_spec.mission_runtime import WorkspaceUnresolved
    from dome_spec.mission_runtime.nameable import refuse_branch

    main = opened.missions.trees[0]
    if main.branch is None or main.head == NO_COMMIT:
        nowhere = "is on no branch" if main.branch is None else "has no commit yet"
        raise WorkspaceUnresolved(
            f"{main.root} {nowhere}",
            why="a mission builds on a commit of a branch of the main checkout",
            hint="Switch it to a branch" if main.branch is None else "Commit something there, such as the charter",
        )
    refuse_branch(main.branch)


def _text(root: "Path", folder: "PurePosixPath", texts: "Mapping[PurePosixPath, str]") -> "MissionText":
    """The text of the mission: the one that is about to be written, else the one that is there."""
    from dome_spec.kernel import read_within
    from dome_spec.missions import MISSION_FILE, MissionUnreadable, read_mission_text

    path = folder / MISSION_FILE
    if path in texts:
        return read_mission_text(path, texts[path].encode())
    try:
        data = read_within(root, path)
    except FileNotFoundError:
        raise MissionUnreadable(
            f"There is no {path} in {root}",
            why="a mission is made of its text",
            hint="Write it, or let it be written: `dome mission new SLUG --goal TEXT --require ID=TEXT`",
        ) from None
    return read_mission_text(path, data)


def _type(name: str | None, opened: "Opened") -> "MissionType":
    from dome_contracts.schema.governance.directive import DoctrineKind
    from dome_contracts.schema.governance.mission_type import MissionType
    from dome_spec.governance.doctrine import require

    charter = opened.missions.charter
    wanted = name or charter.default_mission_type or "software-change"
    address = (DoctrineKind.MISSION_TYPE, wanted)
    document = require(opened.missions.doctrine, charter.activation, address, by="the mission")
    assert isinstance(document, MissionType)
    return document


def _mission(text: "MissionText", arguments: Namespace, mission_type: "MissionType", opened: "Opened") -> "Mission":
    from dome_contracts.canonical import digest
    from dome_spec.commands.mission.acting import accountable, named_person
    from dome_spec.missions import mission_of

    main, charter = opened.missions.trees[0], opened.missions.charter
    assert main.branch is not None, "it was refused before"
    named = None if arguments.accountable is None else named_person(arguments.accountable, "--accountable")
    branches = charter.policies.branches
    destination = arguments.destination or text.fields.get("destination_ref")
    destination = destination or (None if branches is None else branches.destination_ref) or main.branch
    table, type_digest = mission_type.transition_table, digest(mission_type.to_value())
    given: dict[str, Any] = {
        "slug": arguments.slug,
        "mission_id": opened.scene.ids.new("mis"),
        "repository_id": opened.missions.infra.repository_id,
        "mission_type": {"id": mission_type.id, "version": mission_type.version, "digest": type_digest},
        "transition_table": {"id": table.id, "version": table.version, "digest": digest(table.to_value())},
        "base": {"ref": main.branch, "commit": main.head},
        "destination_ref": destination if destination.startswith("refs/") else f"refs/heads/{destination}",
        "accountable": (named or accountable(opened.effector, charter.adopted.accountable)).to_value(),
        "creator": opened.effector.to_value(),
        "create_time": opened.now,
    }
    return mission_of(text, given)
