"""What an ingestion has taken in so far, and what it had to leave: values only."""

from dataclasses import dataclass
from typing import Final

from dome_spec.binding import EvidenceDamaged, EvidenceMissing
from dome_spec.dispatch.errors import RecordDamaged
from dome_spec.gates import JudgementDamaged
from dome_spec.kernel import Refusal

DAMAGE: Final = (RecordDamaged, JudgementDamaged, EvidenceMissing, EvidenceDamaged)
"""What is wrong with one run, and with no other."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A run that is kept here and cannot be read, and why not."""

    run_id: str
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What was taken in so far."""

    jobs: int = 0
    """Jobs of plans, ended, that were read."""
    facts_new: int = 0
    facts_known: int = 0
    facts_differing: int = 0
    """Facts that are known and now say something else. What was kept first stays."""
    gaps: int = 0
    """Jobs of which events are missing for good."""
    unplanned: int = 0
    """Jobs of this repository that belong to no run that is kept here: nothing says what they were for."""
    refusals: int = 0
    """Refusals that the daemon's audit alone knew of."""
    refusals_put_aside: int = 0
    """Rows of the audit that name a run that is kept here, and no request of it: they are in quarantine."""
    damaged: tuple[Damaged, ...] = ()
    """Runs that could not be taken in. They are taken in by the ingestion that follows their mending."""
    revision: int = 0
    """Up to where the daemon was read."""
