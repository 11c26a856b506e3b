"""`MissionStatus`: the only door to where a mission and its packages stand.

Loading notes the version of each stream. Commands are judged by what is known and add events to a batch; saving writes
the batch as one, and only if no stream has moved meanwhile: of several that decide by the same state, one succeeds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.schema.base import Contract
from dome_contracts.schema.governance.mission_type import TransitionTable
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.review_result import ReviewResult
from dome_contracts.schema.missions.status_event import (
    CommitReceipt,
    ConflictAcknowledged,
    MissionAccepted,
    MissionCanceled,
    MissionCreated,
    MissionFinalized,
    MissionIntegrated,
    PackageClaimed,
    PackageSeeded,
    StatusEvent,
    StatusSubject,
    TransitionAborted,
)
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import Effector, Lane, LaneOperation
from dome_spec.kernel import Clock, Ids, MissionName
from dome_spec.missions.status import commands
from dome_spec.missions.status.decide import held_up
from dome_spec.missions.status.events import EventMaker, Tip
from dome_spec.missions.status.fold import mission_after, package_after
from dome_spec.missions.status.guards import same
from dome_spec.missions.status.loading import Loaded, document, load
from dome_spec.missions.status.port import Batch, MissionStore, Stream
from dome_spec.missions.status.refusals import (
    ClaimConflict,
    MissionFixed,
    StreamMoved,
    TransitionRefused,
)
from dome_spec.missions.status.standing import ArtefactDigest, Given, ReviewsAsked, Standing, Wish, given_up
from dome_spec.missions.status.state import MissionState, PackageState, Snapshot
from dome_spec.missions.status.table import Table


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written: the events, in their order."""

    events: tuple[StatusEvent, ...]


class MissionStatus:
    """Where a mission stands, and the door through which it changes. Made by `load` or `create`."""

    def __init__(self, store: MissionStore, standing: Standing, maker: EventMaker) -> None:
        self.standing = standing
        """What is known, with what the batch would change."""
        self._store = store
        self._maker = maker
        self._loaded: Loaded | None = None
        self._saved: list[StatusEvent] = []
        self._counts = Counter[str | None]()
        self._events: list[StatusEvent] = []
        self._documents: list[tuple[str, bytes]] = []
        self._expected: dict[Stream, int] = {}
        self._name: MissionName | None = None

    @classmethod
    def create(
        cls, store: MissionStore, mission: Mission, table: TransitionTable, *, clock: Clock, ids: Ids
    ) -> "MissionStatus":
        """A mission that begins. Nothing is written before `save`."""
        nothing = Snapshot(mission=None, packages={})
        standing = Standing(mission=mission, packages={}, table=Table(table), snapshot=nothing)
        status = cls(store, standing, EventMaker(clock=clock, ids=ids))
        status._name = MissionName(mission.mission_id, mission.slug, mission.number)
        status.keep("missions/mission", mission)
        status.keep("governance/mission_type", table)
        fact = MissionCreated(kind="mission_created", mission_digest=digest(mission.to_value()))
        status.state(None, fact, mission.creator)
        return status

    @classmethod
    def load(
        cls,
        store: MissionStore,
        mission_id: str,
        *,
        clock: Clock,
        ids: Ids,
        artefact_digest: ArtefactDigest | None = None,
    ) -> "MissionStatus":
        """The mission as it stands. Raises StreamInvalid, MergeRefused; StatusRefusal where a document is missing."""
        found = load(store, mission_id)
        snapshot = found.folded.snapshot
        packages = {
            name: WorkPackage.from_json(document(store, state.digest)) for name, state in snapshot.packages.items()
        }
        standing = Standing(
            mission=found.mission,
            packages=packages,
            table=found.table,
            snapshot=snapshot,
            artefact_digest=artefact_digest,
        )
        status = cls(store, standing, EventMaker(clock=clock, ids=ids))
        status._loaded = found
        status._counts.update(found.folded.counts)
        return status

    def trust(self, artefact_digest: ArtefactDigest, *, reviews_asked: ReviewsAsked | None = None) -> None:
        """Let somebody say what effectors would be told now, and what the charter asks of reviews."""
        self.standing = replace(self.standing, artefact_digest=artefact_digest, reviews_asked=reviews_asked)

    @property
    def mission(self) -> Mission:
        """The mission's document."""
        return self.standing.mission

    @property
    def snapshot(self) -> Snapshot:
        """Where everything stands."""
        return self.standing.snapshot

    def lane(self, package: str) -> Lane:
        """Where a package stands. Raises PackageUnknown."""
        return self.standing.package(package).lane

    def package(self, package: str) -> PackageState:
        """What is known of a package. Raises PackageUnknown."""
        return self.standing.package(package)

    def history(self, package: str | None = None) -> tuple[StatusEvent, ...]:
        """The events of a package, or of the mission itself; those that are not saved yet too."""
        stream, loaded = (self.mission.mission_id, package), self._loaded
        known = () if loaded is None else self._store.stream(stream, until=loaded.position)
        here = (each for each in (*self._saved, *self._events) if each.subject.work_package_id == package)
        return (*known, *here)

    def count(self, package: str | None = None) -> int:
        """How many events the stream of a package, or of the mission itself, had when it was read."""
        return self._counts[package]

    def finalize(self, packages: Sequence[WorkPackage], effector: Effector) -> None:
        """Fix the packages, and begin the stream of each. Again the same is no change. Raises MissionFixed."""
        fixed = {each.work_package_id: digest(each.to_value()) for each in packages}
        state = self.snapshot.mission
        known = {} if state is None else dict(state.packages)
        if known and known != fixed:
            names = sorted(name for name in {*fixed, *known} if fixed.get(name) != known.get(name))
            raise MissionFixed(
                f"{self.mission.slug} was finalised with other packages",
                why=f"they differ in {', '.join(names)}",
                hint="Put the texts back, or begin a mission that follows this one",
            )
        if not known:
            self.state(None, MissionFinalized(kind="mission_finalized", packages=fixed), effector)
        self.standing = replace(self.standing, packages={each.work_package_id: each for each in packages})
        for name in (each for each in sorted(fixed) if each not in self.snapshot.packages):
            self.keep("missions/work_package", self.standing.packages[name])
            lane = self.standing.table.initial
            self.state(name, PackageSeeded(kind="package_seeded", work_package_digest=fixed[name], lane=lane), effector)

    def claim(self, package: str, effector: Effector, given: Given) -> None:
        """Take a package: to review it where it waits for a review, else to carry it out.

        `given.witness` proves what the effector was told. Raises TransitionRefused, StaleArtefact, ClaimConflict.
        """
        waits = self.lane(package) is Lane.FOR_REVIEW
        operation = LaneOperation.BEGIN_REVIEW if waits else LaneOperation.CLAIM
        self.transition(Wish(package=package, effector=effector, operation=operation, given=given))

    def transition(self, wish: Wish) -> None:
        """Move a package. Raises PackageUnknown, TransitionRefused, StaleArtefact, ClaimConflict."""
        fact = commands.moved(self.standing, wish)
        self._expect(None)  # nothing moves in a mission that is given up meanwhile
        if wish.operation in commands.CLAIMS:
            for dependency in self.standing.packages[wish.package].dependencies:
                self._expect(dependency)
        self.state(wish.package, fact, wish.effector)

    def prepare(self, wish: Wish, commit: dict[str, Any]) -> None:
        """Begin a transition whose commit belongs to it: nothing else moves the package before it is settled.

        `commit` holds operation_id, paths, destination_ref and parent. Raises as `transition`.
        """
        fact = commands.prepared(self.standing, wish, commit)
        self._expect(None)
        self.state(wish.package, fact, wish.effector)

    def complete(self, package: str, receipt: CommitReceipt, given: Given, *, effector: Effector) -> None:
        """End a prepared transition with its commit. Raises TransitionRefused where another one is under way."""
        self._add(package, commands.completed(self.package(package), receipt, given), effector)

    def abort(self, package: str, fact: TransitionAborted, effector: Effector) -> None:
        """Give a prepared transition up. Raises StreamInvalid where another one is under way."""
        self._add(package, fact, effector)

    def review(self, review: ReviewResult, effector: Effector) -> None:
        """Record what a reviewer said. It moves nothing. Raises TransitionRefused."""
        self.keep("missions/review_result", review)
        self.state(review.work_package_id, commands.reviewed(self.standing, review, effector), effector)

    def acknowledge(self, package: str | None, reason: str, effector: Effector) -> None:
        """Look at the forks of a package, or of the mission itself: each is recorded, where it is not yet, and settled.

        Raises TransitionRefused where there is none.
        """
        known = self._known(package)
        for fact in () if known is None else tuple(commands.unrecorded_conflicts(known)):
            self._add(package, fact, effector)
        known = self._known(package)
        if known is None or not known.conflicts:
            what = f"{package or self.mission.slug}: there is nothing to acknowledge"
            raise TransitionRefused("NO_CONFLICT", what, hint="See where it stands: `dome mission show MISSION`")
        for conflict in tuple(known.conflicts):
            fact_of = ConflictAcknowledged(kind="conflict_acknowledged", conflict=conflict, reason=reason)
            self._add(package, fact_of, effector)

    def state(self, package: str | None, fact: Contract, effector: Effector) -> None:
        """Add a fact that needs no decision: a note, a binding, an acceptance.

        Raises StreamInvalid; TransitionRefused where a commit is under way, which has to find the package as it is, and
        where a mission that was given up would go on.
        """
        if self.standing.is_canceled and isinstance(fact, MissionFinalized | MissionAccepted | MissionIntegrated):
            raise given_up(f"{self.mission.slug}: it does not go on")
        if isinstance(fact, MissionCanceled):
            for name in self.snapshot.packages:
                self._expect(name)
        pending = None if package is None else self.snapshot.packages.get(package)
        if pending is not None and pending.prepared is not None and (refused := held_up(pending)) is not None:
            what = f"{package}: nothing is added now"
            raise TransitionRefused(refused.code, what, why=refused.why, hint=refused.hint)
        self._add(package, fact, effector)

    def _known(self, package: str | None) -> PackageState | MissionState | None:
        return self.snapshot.mission if package is None else self.snapshot.packages.get(package)

    def _expect(self, package: str | None) -> None:
        """Save only if nobody has added to the stream since it was read, whatever becomes of what was added."""
        self._expected.setdefault((self.mission.mission_id, package), self._counts[package])

    def _add(self, package: str | None, fact: Contract, effector: Effector) -> None:
        before = self._known(package)
        tip = Tip() if before is None else Tip(before.version, before.last_event_id)
        named = {} if package is None else {"work_package_id": package}
        event = self._maker.event(StatusSubject(mission_id=self.mission.mission_id, **named), tip, fact, effector)
        if package is None:
            after = replace(self.snapshot, mission=mission_after(self.snapshot.mission, event))
        else:
            moved = package_after(self.snapshot.packages.get(package), event, self.standing.table)
            after = replace(self.snapshot, packages=dict(sorted({**self.snapshot.packages, package: moved}.items())))
        self.standing = replace(self.standing, snapshot=after)
        self._expect(package)
        self._events.append(event)

    def keep(self, family: str, document: Contract) -> None:
        """Keep a document with the batch, under its digest."""
        self._documents.append((family, canonical_bytes(document.to_value())))

    def save(self) -> Receipt:
        """Write what was decided, as one. Raises StreamMoved, ClaimConflict; then nothing was written."""
        batch = Batch(
            events=tuple(self._events),
            expected=dict(self._expected),
            documents=tuple(self._documents),
            name=self._name,
            checkpoint=None if self._loaded is None or self._saved else self._loaded.checkpoint(),
        )
        try:
            self._store.append(batch)
        except StreamMoved as error:
            raise self._first(error) from error
        self._saved += batch.events
        self._counts.update(each.subject.work_package_id for each in batch.events)
        self._events, self._documents, self._expected, self._name = [], [], {}, None
        return Receipt(batch.events)

    def _first(self, error: StreamMoved) -> StreamMoved:
        """Who was first, where somebody else claimed what was to be claimed here."""
        claimed = [each for each in self._events if isinstance(each.fact, PackageClaimed)]
        if claimed:
            now = load(self._store, self.mission.mission_id).folded.snapshot.packages
            for event in claimed:
                package = str(event.subject.work_package_id)
                holder = now[package].holder if package in now else None
                if holder is not None and not same(holder, event.effector):
                    return ClaimConflict(package, holder, expected=error.expected, found=error.found)
        return error
