"""Where a capsule stood before its last contributions: from what it stands at, without what these brought.

So the cost is that of the contributions that are looked at, however many came before. Only what happened after the last
success before them is counted from the ledger.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from dome_contracts.schema.knowledge.capsule import ContributionEffect
from dome_spec.binding.capsules import Standing, Tally, effect
from dome_spec.binding.contributions import Contribution
from dome_spec.binding.modes import Result
from dome_spec.binding.values import Order

_FIRST_PLACE: Final[Order] = (-9_223_372_036_854_775_808, "", b"")
"""Before every attempt."""
_LAST_SEEN: Final = """
SELECT end_us FROM contribution WHERE capsule_id = ? AND (end_us, job_id, act) < (?, ?, ?)
ORDER BY end_us DESC, job_id DESC, act DESC LIMIT 1
"""
_LAST_SUPPORT: Final = """
SELECT end_us, job_id, act FROM contribution
WHERE capsule_id = ? AND (end_us, job_id, act) < (?, ?, ?) AND result = 0
ORDER BY end_us DESC, job_id DESC, act DESC LIMIT 1
"""
_IS_BEGUN: Final = """
SELECT 1 FROM contribution WHERE capsule_id = ? AND (end_us, job_id, act) < (?, ?, ?) AND begins
ORDER BY end_us, job_id, act LIMIT 1
"""
_BETWEEN: Final = """
SELECT coalesce(sum(result = 1), 0), coalesce(sum(result = 2), 0) FROM contribution
WHERE capsule_id = ? AND (end_us, job_id, act) > (?, ?, ?) AND (end_us, job_id, act) < (?, ?, ?)
"""
_TEMPLATE: Final = "SELECT template_digest FROM attempt WHERE act = ?"


def standing(
    connection: sqlite3.Connection, counted: Tally, tail: Sequence[Contribution], start: Order
) -> Standing | None:
    """Where a capsule stood at a place; None where nothing had come. `tail` is all that came to it from there on."""
    effects = [effect(each, counted.first_support) for each in tail]
    supports = counted.support_count - effects.count(ContributionEffect.SUPPORT)
    contradictions = counted.contradiction_count - effects.count(ContributionEffect.CONTRADICTION)
    sightings = counted.sighting_count - effects.count(ContributionEffect.SIGHTING)
    if not supports + contradictions + sightings:
        return None
    place = (counted.capsule_id, *start)
    first, last = (each if each is not None and each < start else None for each in _supports(counted))
    if last is None and supports:
        last = connection.execute(_LAST_SUPPORT, place).fetchone()
    if last == counted.last_support:
        contradictions_since = counted.contradictions_since - effects.count(ContributionEffect.CONTRADICTION)
        refusals_since = counted.refusals_since - sum(each.result is Result.REFUSAL for each in tail)
    else:
        between = (counted.capsule_id, *(last or _FIRST_PLACE), *start)
        failures, refusals_since = connection.execute(_BETWEEN, between).fetchone()
        contradictions_since = 0 if last is None else failures
    (last_seen_us,) = connection.execute(_LAST_SEEN, place).fetchone()
    tally = Tally(
        binder_version=counted.binder_version,
        capsule_id=counted.capsule_id,
        task=counted.task,
        fingerprint_hash=counted.fingerprint_hash,
        support_count=supports,
        contradiction_count=contradictions,
        sighting_count=sightings,
        contradictions_since=contradictions_since,
        refusals_since=refusals_since,
        first_seen_us=counted.first_seen_us,
        last_seen_us=last_seen_us,
        first_support=first,
        last_support=last,
    )
    is_begun = connection.execute(_IS_BEGUN, place).fetchone() is not None
    template = None if last is None else connection.execute(_TEMPLATE, (last[2],)).fetchone()[0]
    return Standing(tally, is_begun, template)


def _supports(counted: Tally) -> tuple[Order | None, Order | None]:
    return counted.first_support, counted.last_support
