"""Which mission is meant, and where people keep its texts: the one answer for every context.

A mission is identified by its id alone. Its slug, short id and number are names for people, and two missions may
share one: then the answer is a refusal that lists them, never a pick.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_spec.kernel.refusal import Refusal

MISSIONS_FOLDER: Final = PurePosixPath("missions")
"""Where the texts of missions stand, from the root of the repository."""
SHORT_LENGTH: Final = 8
_SHOWN_MAX: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class MissionName:
    """What a mission can be called."""

    mission_id: str
    slug: str
    number: int | None = None

    @property
    def short_id(self) -> str:
        """The end of the id. It is random: missions of one moment differ in it."""
        return self.mission_id[-SHORT_LENGTH:]


class MissionUnknown(Refusal):
    """No mission is called so."""

    code = "MISSION_UNKNOWN"
    exit_code = Exit.NOT_FOUND


class MissionAmbiguous(Refusal):
    """More than one mission is called so."""

    code = "MISSION_AMBIGUOUS"
    exit_code = Exit.USAGE

    def __init__(self, handle: str, candidates: tuple[MissionName, ...]) -> None:
        listed = ", ".join(f"{each.mission_id} ({each.slug})" for each in candidates)
        super().__init__(f"{handle!r} may be any of {len(candidates)} missions", why=listed, hint="Name one by its id")
        self.candidates = candidates
        """All that are called so, by id."""


def resolve_mission_identity(handle: str, missions: Iterable[MissionName]) -> MissionName:
    """The mission that is meant by an id, a short id, a slug, `slug-shortid` or a number.

    An id goes before every other name. Raises MissionUnknown, MissionAmbiguous.
    """
    known = sorted(missions)
    exact = [each for each in known if each.mission_id == handle]
    found = exact or [each for each in known if handle in _names(each)]
    if not found:
        there = ", ".join(each.slug for each in known[:_SHOWN_MAX]) or "none yet"
        raise MissionUnknown(
            f"There is no mission {handle!r}", hint=f"There are: {there}. `dome mission new` creates one"
        )
    if len(found) > 1:
        raise MissionAmbiguous(handle, tuple(found))
    return found[0]


def resolve_mission_read_path(mission: MissionName) -> PurePosixPath:
    """The folder of the mission's texts, from the root of the repository."""
    return MISSIONS_FOLDER / mission.slug


def _names(mission: MissionName) -> set[str]:
    names = {mission.short_id, mission.slug, f"{mission.slug}-{mission.short_id}"}
    return names if mission.number is None else names | {str(mission.number)}
