"""What people write: `mission.yaml`, and `packages/WPnn.md` with its fields between two lines of dashes.

Reads the texts into values and says what is wrong with one. What the packages are together is judged by `finalize`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_spec.kernel import DocumentInvalid, read_document
from dome_spec.kernel.yaml_text import NotYaml, read_yaml
from dome_spec.missions.refusals import MissionTextChanged, MissionUnreadable, PackageUnreadable

MISSION_FILE: Final = "mission.yaml"
PACKAGES_FOLDER: Final = "packages"
_PACKAGE_NAME: Final = re.compile(r"WP[0-9]{2,4}")
_DASHES: Final = b"---"
_DEFAULTS: Final[Mapping[str, Any]] = {
    "product": "code_change",
    "dependencies": [],
    "owned_files": [],
    "reach": "owned_files",
    "subtasks": [],
}
_GIVEN: Final = frozenset({"schema_version", "mission_id", "work_package_id", "authored", "track"})
"""Fields of a package that nobody writes: they follow from the mission, the file and the other packages."""
_MISSION_WRITTEN: Final = frozenset(
    {"slug", "title", "purpose", "requirements", "negative_invariants", "destination_ref", "number", "follows", "type"}
)

_LASTING: Final = ("title", "purpose", "requirements", "negative_invariants")
"""What only the text of a mission says, and the mission keeps as it was said."""


@dataclass(frozen=True, slots=True)
class MissionText:
    """What somebody wrote of a mission: a part of the fields of its document, and the type by name."""

    fields: Mapping[str, Any]
    mission_type: str | None
    path: str
    digest: str


def read_mission_text(path: PurePosixPath, data: bytes) -> MissionText:
    """The text of a mission. Raises MissionUnreadable."""
    value = _yaml(data, path, MissionUnreadable)
    unknown = sorted(set(value) - _MISSION_WRITTEN)
    if unknown:
        raise MissionUnreadable(
            f"{path} has fields that a mission does not have: {', '.join(unknown)}",
            hint=f"There are: {', '.join(sorted(_MISSION_WRITTEN))}",
        )
    kind = value.pop("type", None)
    if kind is not None and not isinstance(kind, str):
        raise MissionUnreadable(
            f"{path} names no mission type", why="`type` is no text", hint="Such as `software-change`"
        )
    return MissionText(fields=value, mission_type=kind, path=str(path), digest=digest_bytes(data))


def mission_of(text: MissionText, given: Mapping[str, Any]) -> Mission:
    """The mission document of a text, with what was not written. Raises MissionUnreadable."""
    authored = {"path": text.path, "digest": text.digest}
    _refuse_twice(text)
    value = {"schema_version": "1", "negative_invariants": [], **text.fields, **given, "authored": authored}
    try:
        return read_document(Mission, value)
    except DocumentInvalid as error:
        raise MissionUnreadable(f"{text.path} is no mission", why=error.why, hint=error.hint) from error


def refuse_changed(mission: Mission, text: MissionText) -> None:
    """Refuse a text that says something else than its mission. Raises MissionTextChanged, MissionUnreadable."""
    if mission.authored is None or text.digest == mission.authored.digest:
        return
    known = mission.to_value()
    said = mission_of(text, {name: each for name, each in known.items() if name not in _LASTING}).to_value()
    names = [each for each in _LASTING if said.get(each) != known.get(each)]
    if names:
        raise MissionTextChanged(text.path, names)


def _refuse_twice(text: MissionText) -> None:
    """Refuse two requirements, or two things that must not be, of one id. Raises MissionUnreadable."""
    for name in ("requirements", "negative_invariants"):
        found = text.fields.get(name, [])
        ids = [each.get("id") for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        twice = sorted({str(each) for each in ids if ids.count(each) > 1})
        if twice:
            why = f"{', '.join(twice)} is there twice in `{name}`"
            raise MissionUnreadable(f"{text.path} is no mission", why=why, hint="Give each a number of its own")


def read_package(mission_id: str, path: PurePosixPath, data: bytes) -> WorkPackage:
    """A package as it was written, without its track. Its id is the name of the file. Raises PackageUnreadable."""
    if _PACKAGE_NAME.fullmatch(path.stem) is None:
        why, hint = f"{path.stem} names no package", "Call the file WP01.md, with a number of its own"
        raise PackageUnreadable(f"{path} is no work package", why=why, hint=hint)
    head, body = _parted(path, data)
    value = _yaml(head, path, PackageUnreadable)
    given = sorted(_GIVEN & set(value))
    if given:
        raise PackageUnreadable(
            f"{path} gives {', '.join(given)}", why="that follows from the mission and the file", hint="Leave it out"
        )
    if "goal" not in value:
        value["goal"] = body.decode("utf-8", errors="replace").strip()
        if not value["goal"]:
            what, why = f"{path} is no work package", "it does not say what is to be done"
            raise PackageUnreadable(what, why=why, hint="Write it below the second line `---`")
    document = {
        **_DEFAULTS,
        **value,
        "schema_version": "1",
        "mission_id": mission_id,
        "work_package_id": path.stem,
        "authored": {"path": str(path), "digest": digest_bytes(data)},
    }
    try:
        return read_document(WorkPackage, document)
    except DocumentInvalid as error:
        raise PackageUnreadable(f"{path} is no work package", why=error.why, hint=error.hint) from error


def _parted(path: PurePosixPath, data: bytes) -> tuple[bytes, bytes]:
    lines = data.split(b"\n")
    ends = [place for place, line in enumerate(lines) if line.rstrip(b"\r") == _DASHES]
    if len(ends) < 2 or ends[0] != 0:
        raise PackageUnreadable(
            f"{path} has no fields",
            why="it does not begin with a line `---`",
            hint="Put the fields between two lines `---`",
        )
    return b"\n".join(lines[1 : ends[1]]), b"\n".join(lines[ends[1] + 1 :])


def _yaml(
    data: bytes, path: PurePosixPath, refusal: type[MissionUnreadable] | type[PackageUnreadable]
) -> dict[str, Any]:
    try:
        value = read_yaml(data)
    except NotYaml as error:
        raise refusal(f"{path} is no YAML", why=str(error), hint="Mend the file") from error
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise refusal(f"{path} holds no fields", hint="It is a mapping of fields to values")
    return value
