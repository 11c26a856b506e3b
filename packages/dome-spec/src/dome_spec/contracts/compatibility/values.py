"""What a comparison of two schemas says: direction, verdict, change, witness.

Only values. How a verdict is reached stands in `decide` and `compare`; how it is shown is not the business of the
engine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

Side = Literal["old", "new"]
"""Which of the two compared schemas is meant."""


class Direction(StrEnum):
    """Who reads documents of whom."""

    BACKWARD = "backward"
    """A reader of the new schema accepts every document of the old one."""
    FORWARD = "forward"
    """A reader of the old schema accepts every document of the new one."""
    BOTH = "both"
    """Backward and forward."""


class Verdict(StrEnum):
    """What a change does to those who read and write documents."""

    COMPATIBLE = "COMPATIBLE"
    """Proven: no document that was promised to be readable is refused."""
    MEANING_CHANGED = "MEANING_CHANGED"
    """The same documents are accepted, and what they say is not the same."""
    UNDECIDED = "UNDECIDED"
    """Neither proven compatible nor shown to be broken."""
    INCOMPATIBLE = "INCOMPATIBLE"
    """Shown by a document that one side accepts and the other refuses."""


_BY_GRAVITY: Final = (Verdict.COMPATIBLE, Verdict.MEANING_CHANGED, Verdict.UNDECIDED, Verdict.INCOMPATIBLE)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of the verdicts; COMPATIBLE where there is none."""
    return max(verdicts, key=_BY_GRAVITY.index, default=Verdict.COMPATIBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A document that one schema accepts and the other refuses, confirmed by two validators."""

    document: Any
    """The JSON document itself."""
    accepted_by: Side
    refused_by: Side
    place: str
    """JSON pointer of the refused part of the document."""
    keyword: str
    """The keyword that refuses."""
    schema_place: str
    """JSON pointer of that keyword in the refusing schema."""
    message: str
    """What the validator says about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that a reader or a writer has to know about."""

    verdict: Verdict
    rule: str
    """Id of the rule in the rule table."""
    direction: Direction
    """BACKWARD or FORWARD, never BOTH."""
    place: str
    """JSON pointer into the schema."""
    what: str
    """What happened, in a sentence for the author of the contract."""
    remedy: str
    """What to do about it."""
    witness: Witness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The answer to one comparison: the gravest verdict and all that led to it."""

    verdict: Verdict
    direction: Direction
    changes: tuple[Change, ...] = ()
