"""Where a mission and its packages stand, and what follows from it: who may do what, and why not. Pure, a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from dome_contracts.schema.governance.charter import ReviewPolicy
from dome_contracts.schema.governance.mission_type import LaneGuard
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.review_result import CommitRange, Documents
from dome_contracts.schema.missions.status_event import CommitReceipt, ReviewReference, WorkspaceRef
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, Lane, LaneOperation
from dome_spec.missions.status.decide import Decided, Force, decide, held_up, refusals
from dome_spec.missions.status.guards import GUARDS, GuardFacts, Refused
from dome_spec.missions.status.refusals import PackageUnknown, TransitionRefused
from dome_spec.missions.status.state import PackageState, Snapshot
from dome_spec.missions.status.table import Table

ArtefactDigest = Callable[[str, Effector, LaneOperation], str | None]
"""Digest of what an effector would be told now of a package, None where that cannot be resolved."""
ReviewsAsked = Callable[[], ReviewPolicy | None]
"""What the charter asks of reviews now; it raises where the charter cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What an effector brings along for a transition. What is left out is not given."""

    witness: ArtefactWitness | None = None
    workspace: WorkspaceRef | None = None
    reason: str | None = None
    evidence: CommitRange | Documents | None = None
    checks: tuple[str, ...] = ()
    """Jobs whose results were looked at."""
    are_checks_passed: bool | None = None
    review: ReviewReference | None = None
    receipt: CommitReceipt | None = None
    force: Force | None = None


NOTHING_GIVEN: Final = Given()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """That an effector wants to do something to a package."""

    package: str
    effector: Effector
    operation: LaneOperation
    given: Given = NOTHING_GIVEN
    to: Lane | None = None
    """None: where the operation leads; of several ways, where the package came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that is known of a mission."""

    mission: Mission
    packages: Mapping[str, WorkPackage]
    table: Table
    snapshot: Snapshot
    artefact_digest: ArtefactDigest | None = field(default=None, repr=False)
    """Who says what an effector would be told. Without one nothing that needs a current artefact is allowed."""
    reviews_asked: ReviewsAsked | None = field(default=None, repr=False)
    """Who says what the charter asks of reviews. None: nothing is asked."""

    @property
    def is_canceled(self) -> bool:
        """Whether the mission was given up: then nothing moves its packages."""
        return self.snapshot.mission is not None and self.snapshot.mission.is_canceled

    def package(self, package: str) -> PackageState:
        """What is known of a package. Raises PackageUnknown."""
        try:
            return self.snapshot.packages[package]
        except KeyError:
            hint = f"There are: {', '.join(self.snapshot.packages) or 'none yet: `dome mission finalize MISSION`'}"
            raise PackageUnknown(f"{self.mission.slug} has no package {package!r}", hint=hint) from None

    def ready(self) -> tuple[str, ...]:
        """Packages that can be taken up now, by id: in the first lane, with all that they wait for done."""
        first = ((name, state) for name, state in self.snapshot.packages.items() if state.lane is self.table.initial)
        return tuple(name for name, state in first if held_up(state) is None and not self.waits_for(name))

    def waits_for(self, package: str) -> tuple[str, ...]:
        """Packages that have yet to be done before this one."""
        lanes = self._dependencies(package)
        return tuple(name for name, lane in lanes.items() if lane not in self.table.satisfying)

    def allowed(self, package: str, effector: Effector, given: Given = NOTHING_GIVEN) -> tuple[LaneOperation, ...]:
        """What the effector may do to a package now with what is given, in the order of the table."""
        edges = self.table.edges(self.package(package).lane)
        wishes = (
            Wish(package=package, effector=effector, operation=each.operation, given=given, to=each.to)
            for each in edges
        )
        return tuple(dict.fromkeys(wish.operation for wish in wishes if not self.against(wish)))

    def against(self, wish: Wish) -> tuple[Refused, ...]:
        """Every reason against a wish. Raises PackageUnknown."""
        if self.is_canceled:
            self.package(wish.package)
            return (_CANCELED,)
        return refusals(self.table, self._facts(wish), wish.operation)

    def stale(self, wish: Wish) -> Refused | None:
        """Why what the effector shows of what it was told does not hold now; None where it does."""
        return GUARDS[LaneGuard.ARTEFACT_CURRENT](self._facts(wish))

    def decide(self, wish: Wish) -> Decided:
        """The change of lane. Raises PackageUnknown, TransitionRefused, StaleArtefact."""
        if self.is_canceled:
            raise given_up(f"{self.package(wish.package).work_package_id}: {wish.operation.value} is refused")
        return decide(self.table, self._facts(wish), wish.operation, force=wish.given.force)

    def _target(self, state: PackageState, operation: LaneOperation) -> Lane:
        targets = self.table.targets(operation, state.lane)
        if len(targets) > 1 and state.prior_lane in targets:
            return state.prior_lane
        return targets[0] if targets else _LEADS_TO.get(operation, state.lane)

    def _dependencies(self, package: str) -> Mapping[str, Lane]:
        names = self.packages[package].dependencies if package in self.packages else []
        return {each: self.snapshot.packages[each].lane for each in names if each in self.snapshot.packages}

    def _facts(self, wish: Wish) -> GuardFacts:
        state, given = self.package(wish.package), wish.given
        package = self.packages.get(wish.package)
        ask, reviews = self.artefact_digest, self.reviews_asked
        is_approval = wish.operation is LaneOperation.APPROVE
        return GuardFacts(
            state=state,
            effector=wish.effector,
            to=wish.to or self._target(state, wish.operation),
            dependencies=self._dependencies(wish.package),
            satisfying=self.table.satisfying,
            roster=() if package is None else tuple(each.id for each in package.subtasks),
            witness=given.witness,
            artefact_digest=None if ask is None else ask(wish.package, wish.effector, wish.operation),
            workspace=given.workspace,
            reason=given.reason if given.force is None else given.force.reason,
            evidence=given.evidence,
            are_checks_passed=given.are_checks_passed,
            review=given.review,
            receipt=given.receipt,
            reviews=reviews() if is_approval and reviews is not None else None,
        )


_CANCELED: Final = Refused(
    "MISSION_CANCELED",
    "the mission was given up",
    "Let a person take it up again: `dome mission reopen MISSION --reason TEXT`, or begin another: `dome mission new`",
)


def given_up(what: str) -> TransitionRefused:
    """The refusal of something that would go on with a mission that was given up."""
    return TransitionRefused(_CANCELED.code, what, why=_CANCELED.why, hint=_CANCELED.hint)


_LEADS_TO: Final[Mapping[LaneOperation, Lane]] = MappingProxyType(
    {
        LaneOperation.CLAIM: Lane.CLAIMED,
        LaneOperation.START: Lane.IN_PROGRESS,
        LaneOperation.RELEASE: Lane.PLANNED,
        LaneOperation.SUBMIT: Lane.FOR_REVIEW,
        LaneOperation.BEGIN_REVIEW: Lane.IN_REVIEW,
        LaneOperation.REQUEST_CHANGES: Lane.IN_PROGRESS,
        LaneOperation.APPROVE: Lane.APPROVED,
        LaneOperation.REOPEN: Lane.IN_PROGRESS,
        LaneOperation.INTEGRATE: Lane.DONE,
        LaneOperation.BLOCK: Lane.BLOCKED,
        LaneOperation.CANCEL: Lane.CANCELED,
    }
)
"""Where an operation would lead from a lane that it does not leave: for the words of a refusal, and for an override."""
