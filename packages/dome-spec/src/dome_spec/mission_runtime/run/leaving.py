"""Artefacts that steps read and leave: which of them are there. Reads the files of the mission's folder."""

from collections.abc import Iterable
from pathlib import Path

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.mission_type import ArtefactAuthority, MissionArtefact, MissionType
from dome_spec.kernel import FileRefused, read_within
from dome_spec.kernel.mission_identity import MISSIONS_FOLDER
from dome_spec.mission_runtime.refusals import RuntimeRefusal


class ArtefactMissing(RuntimeRefusal):
    """A step is not done before what it leaves is there."""

    code = "ARTEFACT_MISSING"
    exit_code = Exit.PRECONDITION


def missing_artefacts(root: Path, slug: str, mission_type: MissionType) -> frozenset[str]:
    """The artefacts of a type, by id, that nobody has written yet. What is derived is never missing."""
    return frozenset(
        each.id
        for each in mission_type.artefacts
        if each.authority is not ArtefactAuthority.DERIVED and not _is_written(root, slug, each)
    )


def refuse_unwritten(slug: str, mission_type: MissionType, step_id: str, missing: Iterable[str]) -> None:
    """Refuse to take a step for done whose artefacts are not there. Raises ArtefactMissing."""
    gone = set(missing)
    step = next((each for each in mission_type.steps if each.id == step_id), None)
    wanted = [] if step is None else [each for each in step.writes or () if each in gone]
    if wanted:
        raise ArtefactMissing(
            f"The step {step_id} is not done",
            why=f"it writes {', '.join(paths_of(slug, mission_type, wanted))}, which is not there or empty",
            hint="Write it in the main checkout, then say `--done` again",
        )


def paths_of(slug: str, mission_type: MissionType, names: Iterable[str]) -> tuple[str, ...]:
    """Where artefacts stand, from the root of the repository."""
    paths = {each.id: each.path for each in mission_type.artefacts}
    return tuple(f"{MISSIONS_FOLDER / slug}/{paths[name]}" for name in names if name in paths)


def _is_written(root: Path, slug: str, artefact: MissionArtefact) -> bool:
    try:
        return bool(read_within(root, f"{MISSIONS_FOLDER / slug}/{artefact.path}").strip())
    except (FileNotFoundError, FileRefused):
        return False
