"""What is known of a work package and of a mission after some of their events. Values; how they change is `fold`'s."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from dome_contracts.schema.governance.agent_profile import AgentRole
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.review_result import CommitRange, Documents, ReviewResult
from dome_contracts.schema.missions.status_event import (
    CommitReceipt,
    ConflictRule,
    SubtaskStatus,
    TransitionPrepared,
    WorkspaceRef,
)
from dome_contracts.schema.shared.definitions import Effector, Lane

_NO_SUBTASKS: Final[Mapping[str, SubtaskStatus]] = MappingProxyType({})
_NOBODY: Final[Mapping[AgentRole, Effector]] = MappingProxyType({})
_NO_CONFLICTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({})
HELD_BY_IMPLEMENTER: Final = frozenset({Lane.CLAIMED, Lane.IN_PROGRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingReview:
    """What a reviewer said last, and by which event."""

    event_id: str
    result: ReviewResult
    is_current: bool = True
    """Whether it was said since the package came into review; else it is that of an earlier cycle."""
    is_overridden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two or more events that follow the same one, and which of them holds."""

    parent: str | None
    """None: they all begin the stream."""
    children: tuple[str, ...]
    winner: str
    rule: ConflictRule
    tips: tuple[str, ...] = ()
    """Events with which the sides end that do not hold."""

    @property
    def shown(self) -> frozenset[str]:
        """What somebody has to have seen who has seen all of it. A side that grew ends with another event."""
        return frozenset((*self.children, *self.tips))


class PackageState(NamedTuple):
    """Where a work package stands. A tuple, because one is made for every event of a long log."""

    work_package_id: str
    digest: str
    """Of the work package document."""
    lane: Lane
    version: int
    """Place of the last event in the package's stream."""
    last_event_id: str
    last_time: str
    implementer: Effector | None = None
    """Who carries it out, or did last."""
    reviewer: Effector | None = None
    implementers: tuple[Effector, ...] = ()
    """All who had a part in carrying it out, in their order."""
    prior_lane: Lane | None = None
    """Where it was when it was blocked."""
    force_count: int = 0
    subtasks: Mapping[str, SubtaskStatus] = _NO_SUBTASKS
    """Those that were mentioned. Another one is open."""
    review: StandingReview | None = None
    review_count: int = 0
    bound: Mapping[AgentRole, Effector] = _NOBODY
    workspace: WorkspaceRef | None = None
    evidence: CommitRange | Documents | None = None
    receipt: CommitReceipt | None = None
    prepared: TransitionPrepared | None = None
    """A transition whose commit is under way. Until it is settled nothing else moves the package."""
    conflicts: Mapping[str, frozenset[str]] = _NO_CONFLICTS
    """Conflicts that were recorded and not acknowledged: the event that recorded one, and what it shows of the fork."""
    settled: frozenset[str] = frozenset()
    """What was shown of forks that were acknowledged."""
    forks: tuple[Fork, ...] = ()
    """Forks of its stream, in their order."""
    approvals: tuple[Effector, ...] = ()
    """Who has approved the work as it stands, each once, in their order."""

    @property
    def holder(self) -> Effector | None:
        """Who holds it now: the implementer while it is carried out, the reviewer while it is reviewed."""
        if self.lane is Lane.IN_REVIEW:
            return self.reviewer
        return self.implementer if self.lane in HELD_BY_IMPLEMENTER else None

    @property
    def open_forks(self) -> tuple[Fork, ...]:
        """Forks of which there is more than somebody has acknowledged."""
        return _unsettled(self.forks, self.settled)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionState:
    """Where the mission itself stands."""

    digest: str
    """Of the mission document."""
    version: int
    last_event_id: str
    packages: Mapping[str, str] = field(default_factory=dict)
    """Digest of each package document, once finalised."""
    acceptance: tuple[str, AcceptanceVerdict] | None = None
    receipt: CommitReceipt | None = None
    """The commit with which it landed."""
    is_canceled: bool = False
    conflicts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()
    forks: tuple[Fork, ...] = ()

    @property
    def open_forks(self) -> tuple[Fork, ...]:
        """Forks of which there is more than somebody has acknowledged."""
        return _unsettled(self.forks, self.settled)

    @property
    def is_finalized(self) -> bool:
        """Whether its packages are fixed."""
        return bool(self.packages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a log says. Depends on the set of events alone."""

    mission: MissionState | None
    packages: Mapping[str, PackageState]
    """By id."""
    dropped: frozenset[str] = frozenset()
    """Events that lost against a sibling, and those that follow them."""
    orphans: frozenset[str] = frozenset()
    """Events that follow one that is not there."""


def _unsettled(forks: tuple[Fork, ...], settled: frozenset[str]) -> tuple[Fork, ...]:
    return tuple(each for each in forks if not settled >= each.shown)
