"""Why a mission cannot be created, finalised or accepted.

MissionRefusal
├── PackageUnreadable    a file is no work package
├── MissionUnreadable    a file is no mission
├── FinalizeRefused      the packages do not fit together; every problem is listed
└── NothingToJudge       it has no package that counts
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


class MissionTextChanged(MissionRefusal):
    """The text of a mission says something else than the mission that was made of it."""

    code = "MISSION_TEXT_CHANGED"

    def __init__(self, path: str, names: Sequence[str]) -> None:
        super().__init__(
            f"{path} is not what the mission was made of",
            why=f"it says otherwise of: {', '.join(names)}",
            hint="Put the text back, or begin another mission of the changed one: `dome mission new SLUG`",
        )


class NothingToJudge(MissionRefusal):
    """The mission has no package whose work could be judged."""

    code = "NOTHING_TO_JUDGE"

    def __init__(self, slug: str, *, is_canceled: bool) -> None:
        why = "all of its packages are canceled" if is_canceled else "it has no packages"
        end = (
            "Give it up: `dome mission cancel MISSION --reason TEXT`, or begin one that follows it: `dome mission new`"
        )
        begin = "Write its packages, and fix them: `dome mission finalize MISSION`"
        super().__init__(f"There is nothing of {slug} to judge", why=why, hint=end if is_canceled else begin)


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
        if len(problems) == 1:
            why, hint = problems[0].text, problems[0].hint
        else:
            shown = "; ".join(f"{each.text} ({_lowered(each.hint)})" for each in problems[:_SHOWN_MAX])
            why = shown + (f"; and {len(problems) - _SHOWN_MAX} more" if len(problems) > _SHOWN_MAX else "")
            hint = "Mend all of it, and look again: `dome mission finalize MISSION --validate-only`"
        super().__init__("The packages do not fit together", why=why, hint=hint)
        self.problems = problems
        """All of them, in the order of code and ids. Never empty."""

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        return [(" ".join(each.ids), f"{each.code}: {each.text}") for each in self.problems]


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
