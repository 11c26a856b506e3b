"""What a memory promises, whoever keeps it. One suite holds all of them to it.

The promises are small ports, so that a caller asks for no more than it uses; `Memory` is all of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding.bind import Bound
from dome_spec.binding.capsules import Learnt, Standing
from dome_spec.binding.contributions import Contribution
from dome_spec.binding.policy import Policy
from dome_spec.binding.values import Attempt, Order
from dome_spec.binding.views import (
    ANY_CAPSULE,
    ANY_DENIAL,
    ANY_FAILURE,
    ANY_VERDICT,
    LIMIT_DEFAULT,
    CapsuleFilter,
    DenialFilter,
    DenialRow,
    FailureFilter,
    FailureRow,
    GateFilter,
    GateRow,
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a daemon's store was read."""

    store_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of facts that were handed in."""

    new: int
    """Facts that were not known."""
    known: int
    """Facts that were, by their names."""
    differing: tuple[str, ...] = ()
    """Names of known facts that now say something else. What was kept first stays."""


LOOKED_AT_MAX: Final = 2_000
"""How many of the last contributions are looked at together: a few times the largest window of a policy."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The last contributions of all, and the capsules of them as they were right before the first of these."""

    contributions: tuple[Contribution, ...]
    """In their order."""
    standing: Mapping[str, Standing]
    """By the capsule's id. Absent where nothing came before, or where nothing has begun the capsule to this day."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What is known of a run."""

    run_id: str
    mode: str | None
    """Its fallback mode; None while no fact states it."""
    attempts: tuple[Attempt, ...]
    """Its first attempts, in their order, at most as many as a view gives."""
    status_counts: tuple[tuple[str, int], ...]
    """How many of all its attempts ended how, by status."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a recount of everything from the facts found."""

    fact_count: int
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether what is kept is what follows from the facts."""
        return not self.problems


class FactLog(Protocol):
    """Facts, appended and never changed."""

    def append(self, facts: Iterable[Fact], *, checkpoint: Checkpoint | None = None) -> Appended:
        """Keep facts, and all that follows from them, and the checkpoint, in one transaction.

        A fact that is known is kept once, as it was first. Nothing follows from the order in which facts come. A
        checkpoint never goes back.
        """
        ...

    def checkpoint(self, store_id: str) -> int | None:
        """How far this daemon's store was read; None where it never was."""
        ...

    def knows(self, fact_id: str) -> bool:
        """Whether a fact of this name is kept."""
        ...

    def facts(self, *, kind: str | None = None, after: str = "", limit: int = LIMIT_DEFAULT) -> tuple[Fact, ...]:
        """Facts by name, from the one after `after` on."""
        ...

    def fact_counts(self) -> tuple[tuple[str, int], ...]:
        """How many facts there are of each kind, by kind."""
        ...

    def quarantined(self, *, limit: int = LIMIT_DEFAULT) -> tuple[Fact, ...]:
        """Facts of documents that were refused, the latest first."""
        ...

    def run(self, run_id: str) -> RunSummary | None:
        """What is known of a run; None where nothing is."""
        ...

    def snapshot_digest(self) -> str:
        """Names the facts that are kept, in whatever order they came, and the rules of what is derived."""
        ...


class Views(Protocol):
    """Bounded questions with one answer: the same facts and the same filter give the same rows in the same order.

    Each raises LimitOutOfRange.
    """

    def recent_failures(
        self, chosen: FailureFilter = ANY_FAILURE, *, limit: int = LIMIT_DEFAULT
    ) -> tuple[FailureRow, ...]:
        """Attempts that failed, the latest first."""
        ...

    def gate_rollup(self, chosen: GateFilter = ANY_VERDICT, *, limit: int = LIMIT_DEFAULT) -> tuple[GateRow, ...]:
        """What gates decided, by failure, gate and TaskSpec."""
        ...

    def guard_denials(self, chosen: DenialFilter = ANY_DENIAL, *, limit: int = LIMIT_DEFAULT) -> tuple[DenialRow, ...]:
        """Attempts that were refused, the latest first."""
        ...

    def capsules(self, chosen: CapsuleFilter = ANY_CAPSULE, *, limit: int = LIMIT_DEFAULT) -> tuple[Learnt, ...]:
        """Capsules, the one that was seen last first; of one moment by id."""
        ...

    def capsule_ids(self, beginning: str = "", *, limit: int = LIMIT_DEFAULT) -> tuple[str, ...]:
        """Ids of capsules that begin so, by id."""
        ...


class Ledger(Protocol):
    """Contributions and what they add up to."""

    @property
    def policy(self) -> Policy:
        """The policy by which this memory derives."""
        ...

    def learnt(self, capsule_id: str, *, before: Order | None = None) -> Learnt | None:
        """A capsule, or what it was when only the contributions before a place were there."""
        ...

    def contributions(
        self, *, capsule_id: str | None = None, before: Order | None = None, limit: int = LIMIT_DEFAULT
    ) -> tuple[Contribution, ...]:
        """The last contributions, of one capsule or of all, the latest first."""
        ...

    def latest(self, count: int = LOOKED_AT_MAX) -> Latest:
        """The last contributions of all, at most `LOOKED_AT_MAX`, with where their capsules stood; of one snapshot."""
        ...


class Upkeep(Protocol):
    """What is done with a memory as a whole."""

    def derived(self) -> Bound:
        """All that is derived, as it is kept."""
        ...

    def verify(self) -> Verification:
        """Recount everything from the facts, and compare."""
        ...

    def rebuild(self) -> int:
        """Derive everything anew from the facts, in one transaction; how many facts there are."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class Memory(FactLog, Views, Ledger, Upkeep, Protocol):
    """All of it."""
