"""What a family promises by its tier and intent: which direction is compared, what is red, what a blessing asks for.

| tier           | red                  | warning                    | a moved baseline asks for          |
|----------------|----------------------|----------------------------|------------------------------------|
| `stable`       | all but COMPATIBLE   |                            | an ADR; a note if it is COMPATIBLE |
| `experimental` | all but COMPATIBLE   |                            | a note                             |
| `internal`     | INCOMPATIBLE         | MEANING_CHANGED, UNDECIDED | nothing                            |
| none (foreign) | all but COMPATIBLE   |                            | a note                             |

A tier that is lowered asks for an ADR.

Compares nothing itself.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dome_spec.contracts.compatibility import Direction, Verdict
from dome_spec.contracts.sources import annotation


class Tier(StrEnum):
    """How much a family promises."""

    STABLE = "stable"
    EXPERIMENTAL = "experimental"
    INTERNAL = "internal"
    FOREIGN = ""
    """The schema says nothing of it: it is judged as a promise to strangers."""


class Level(StrEnum):
    """What a finding does to a check."""

    GREEN = "green"
    WARNING = "warning"
    RED = "red"
    INVALID = "invalid"
    """No verdict is possible: a schema is refused."""


class Need(StrEnum):
    """What a blessing asks for."""

    NOTHING = "nothing"
    NOTE = "note"
    ADR = "adr"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a schema says of itself."""

    tier: Tier = Tier.FOREIGN
    intent: str = ""
    owner: str = ""


_BOTH: Final = frozenset({"status", "event_log", "error"})
_WRITTEN_FOR_THE_NEWER: Final = frozenset({"resource_spec", "job_invocation"})
_PROMISE: Final = {Tier.INTERNAL: 0, Tier.FOREIGN: 0, Tier.EXPERIMENTAL: 1, Tier.STABLE: 2}
_GRAVITY: Final = (Level.GREEN, Level.WARNING, Level.RED, Level.INVALID)


def terms(document: Any) -> Terms:
    """The terms of a schema; of one without them, those of a foreign one."""
    tier = annotation(document, "x-dome-tier")
    known = Tier(tier) if tier in set(Tier) else Tier.FOREIGN
    return Terms(known, annotation(document, "x-dome-intent"), annotation(document, "x-dome-owner"))


def direction(of: Terms) -> Direction:
    """Who must be able to read whom: records that outlive their writers are read by old and new alike."""
    if of.tier is not Tier.INTERNAL and of.intent in _BOTH:
        return Direction.BOTH
    return Direction.BACKWARD


def is_asked(of: Terms, towards: Direction) -> bool:
    """Whether readers in this direction are among those that a family promises something.

    What people and callers write is read by the newer side alone. A schema that does not say what it is for may have
    readers on either side.
    """
    return towards is not Direction.FORWARD or of.intent not in _WRITTEN_FOR_THE_NEWER


def level(of: Terms, verdict: Verdict) -> Level:
    """What a verdict does to a check."""
    if verdict is Verdict.COMPATIBLE:
        return Level.GREEN
    if of.tier is Tier.INTERNAL and verdict is not Verdict.INCOMPATIBLE:
        return Level.WARNING
    return Level.RED


def level_of_lost_name(of: Terms) -> Level:
    """What it does to a check that a family, or the name that it is referred to by, is gone."""
    return Level.WARNING if of.tier is Tier.INTERNAL else Level.RED


def need(of: Terms, level_found: Level) -> Need:
    """What it takes to move the baseline of a family whose check has this level."""
    if of.tier is Tier.INTERNAL:
        return Need.NOTHING
    return Need.ADR if of.tier is Tier.STABLE and level_found is not Level.GREEN else Need.NOTE


def is_lowered(before: Terms, after: Terms) -> bool:
    """Whether a family promises less than it did: whoever relies on it is left behind."""
    return _PROMISE.get(before.tier, 0) > _PROMISE.get(after.tier, 0)


def gravest(levels: "list[Level]") -> Level:
    """The gravest of the levels; GREEN where there is none."""
    return max(levels, key=_GRAVITY.index, default=Level.GREEN)
