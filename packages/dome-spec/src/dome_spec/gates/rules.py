"""Which verdict follows from what: one table, part of every decision by its digest.

The strictest verdict of all that was found holds; where nothing was found against an attempt, it is approved.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.shared.definitions import Verdict

VERSION: Final = "1.0.0"
"""Version of the tables below. Another rule is another version."""


class Against(StrEnum):
    """What can speak against an attempt, or against a promotion."""

    OUTCOME_FAILED = "outcome_failed"
    OUTCOME_REFUSED = "outcome_refused"
    CHECK_FAILED = "check_failed"
    GUARD_REFUSED = "guard_refused"
    CHANGE_OUT_OF_BOUNDS = "change_out_of_bounds"
    EVIDENCE_MISSING = "evidence_missing"
    REVIEW_MISSING = "review_missing"
    ADVISORY_GUARD_REFUSED = "advisory_guard_refused"
    GATE_REJECTED = "gate_rejected"
    GATE_ASKS_PERSON = "gate_asks_person"
    GATE_UNDECIDED = "gate_undecided"
    PERSON_DECLINED = "person_declined"
    PERSON_ABSENT = "person_absent"


GATE_RULES: Final[Mapping[Against, Verdict]] = MappingProxyType(
    {
        Against.OUTCOME_FAILED: Verdict.REJECT,
        Against.OUTCOME_REFUSED: Verdict.REJECT,
        Against.CHECK_FAILED: Verdict.REJECT,
        Against.GUARD_REFUSED: Verdict.REJECT,
        Against.CHANGE_OUT_OF_BOUNDS: Verdict.REJECT,
        Against.EVIDENCE_MISSING: Verdict.REJECT,
        Against.REVIEW_MISSING: Verdict.NEEDS_HUMAN,
        Against.ADVISORY_GUARD_REFUSED: Verdict.NEEDS_HUMAN,
    }
)
"""The verdict of a gate on an attempt."""

PROMOTION_RULES: Final[Mapping[Against, Verdict]] = MappingProxyType(
    {
        Against.GATE_REJECTED: Verdict.REJECT,
        Against.GATE_UNDECIDED: Verdict.REJECT,
        Against.GUARD_REFUSED: Verdict.REJECT,
        Against.PERSON_DECLINED: Verdict.REJECT,
        Against.PERSON_ABSENT: Verdict.NEEDS_HUMAN,
    }
)
"""The verdict of a promotion. What asks for a person is no objection once a person has confirmed."""

_STRICTNESS: Final = (Verdict.REJECT, Verdict.NEEDS_HUMAN)


def verdict(rules: Mapping[Against, Verdict], found: Iterable[Against]) -> Verdict:
    """The strictest verdict of what was found. Raises KeyError for what the rules do not speak of."""
    given = {rules[each] for each in found}
    return next((each for each in _STRICTNESS if each in given), Verdict.APPROVE)


def policy_digest(rules: Mapping[Against, Verdict]) -> str:
    """Digest of a table in this version."""
    return digest({"version": VERSION, "rules": {str(against): str(result) for against, result in rules.items()}})
