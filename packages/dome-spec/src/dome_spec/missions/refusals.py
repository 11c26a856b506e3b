"""Why a mission cannot be created, finalised or accepted.

MissionRefusal
├── PackageUnreadable    a file is no work package
├── MissionUnreadable    a file is no mission
└── FinalizeRefused      the packages do not fit together; every problem is listed
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import Refusal

_SHOWN_MAX = 8


class MissionRefusal(Refusal):
    """Something about a mission was refused."""

    code = "MISSION_REFUSED"


class PackageUnreadable(MissionRefusal):
    """The file is no work package."""

    code = "PACKAGE_UNREADABLE"
    exit_code = Exit.INVALID


class MissionUnreadable(MissionRefusal):
    """The file is no mission."""

    code = "MISSION_UNREADABLE"
    exit_code = Exit.INVALID


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that does not fit: its code, whose it is, what it is, and what would mend it."""

    code: str
    ids: tuple[str, ...]
    """Packages, requirements or paths, exactly those that are meant."""
    text: str
    hint: str


class FinalizeRefused(MissionRefusal):
    """The packages do not fit together. Nothing was written."""

    code = "FINALIZE_REFUSED"
    exit_code = Exit.INVALID

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        shown = "; ".join(each.text for each in problems[:_SHOWN_MAX])
        more = f"; and {len(problems) - _SHOWN_MAX} more" if len(problems) > _SHOWN_MAX else ""
        super().__init__("The packages do not fit together", why=shown + more, hint=problems[0].hint)
        self.problems = problems
        """All of them, in the order of code and ids. Never empty."""

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        return [(" ".join(each.ids), f"{each.code}: {each.text}") for each in self.problems]
