"""`dome mission finalize`: whether the packages fit together, and fixing them."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.missions.work_package import WorkPackage
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions import Finalized
    from dome_spec.missions.status import MissionStatus

_EXAMPLES: Final = """\
  dome mission finalize parser --validate-only     everything that does not fit, and nothing is changed
  dome mission finalize parser                     fix the packages as they stand in missions/parser/packages

Dependencies, requirements, owned files and profiles are checked together, and every problem is told at once. A
mission.yaml that was changed since the mission began is refused. After this the texts are history: the store says what
a package is."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "finalize", summary="Fix the packages of a mission", examples=_EXAMPLES, run=_finalize)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("--validate-only", action="store_true", help="look whether they fit, and change nothing")
    add_acting(parser)


def _finalize(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading, writing
    from dome_spec.mission_runtime import Deed

    with (reading if arguments.validate_only else writing)(arguments) as opened:
        status = opened.status(arguments.mission)
        if not arguments.validate_only:
            opened.permit(Deed.FINALIZE, status)
        found = _decided(status, opened)
        if not arguments.validate_only:
            status.finalize(found.packages, opened.effector)
            status.save()
        mission = status.mission
    if console.as_json:
        console.record({"mission_id": mission.mission_id, "is_fixed": not arguments.validate_only, **_value(found)})
        return Exit.OK
    for package in found.packages:
        waits = f", after {', '.join(package.dependencies)}" if package.dependencies else ""
        console.text(f"{package.work_package_id}  {package.track or 'no track'}{waits}  {package.title}")
    for warning in found.warnings:
        console.note(f"dome: {warning.text}. {warning.hint}.")
    if arguments.validate_only:
        console.note("They fit. Nothing was changed.")
        return Exit.OK
    tracks = sorted({each.track for each in found.packages if each.track is not None})
    for track in tracks:
        branch = f"missions/{mission.slug}/{track}"
        console.note(f"Where {track} is carried out: git worktree add ../{mission.slug}-{track} -b {branch}")
    return Exit.OK


def _value(found: "Finalized") -> dict[str, Any]:
    return {
        "packages": [each.to_value() for each in found.packages],
        "track_edges": {name: sorted(edges) for name, edges in found.track_edges.items()},
        "warnings": [{"code": each.code, "ids": list(each.ids), "text": each.text} for each in found.warnings],
    }


def _decided(status: "MissionStatus", opened: "Opened") -> "Finalized":
    from dome_contracts.schema.governance.directive import DoctrineKind
    from dome_spec.governance.doctrine import is_active
    from dome_spec.kernel import Repository
    from dome_spec.missions import finalize

    missions = opened.missions
    _refuse_changed(status, opened)
    with Repository.find(missions.root) as repository:
        paths = {each.path for each in repository.files(status.mission.base.commit)}
    kind = DoctrineKind.AGENT_PROFILE
    profiles = {each for each in missions.doctrine.ids(kind) if is_active(missions.charter.activation, (kind, each))}
    return finalize(status.mission, _packages(status, opened), paths=paths, profiles=profiles)


def _refuse_changed(status: "MissionStatus", opened: "Opened") -> None:
    """Raises MissionTextChanged where the text was changed since the mission began; once it is fixed, nobody asks."""
    from pathlib import PurePosixPath

    from dome_spec.kernel import read_within
    from dome_spec.missions import read_mission_text, refuse_changed

    mission, known = status.mission, status.snapshot.mission
    if mission.authored is None or (known is not None and known.is_finalized):
        return
    path = PurePosixPath(mission.authored.path)
    try:
        data = read_within(opened.missions.root, path)
    except FileNotFoundError:
        return
    refuse_changed(mission, read_mission_text(path, data))


def _packages(status: "MissionStatus", opened: "Opened") -> "list[WorkPackage]":
    """The packages as they stand in the main checkout."""
    from dome_spec.kernel import read_within, resolve_mission_identity, resolve_mission_read_path
    from dome_spec.missions import PACKAGES_FOLDER, read_package

    name = resolve_mission_identity(status.mission.mission_id, opened.store.missions())
    folder = resolve_mission_read_path(name) / PACKAGES_FOLDER
    root = opened.missions.root
    files = sorted((root / folder).glob("*.md"))
    texts = ((folder / each.name, read_within(root, folder / each.name)) for each in files)
    return [read_package(name.mission_id, path, data) for path, data in texts]
