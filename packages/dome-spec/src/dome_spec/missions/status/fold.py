"""How one event changes what is known: a function for each kind of fact. Pure.

An event that cannot follow raises StreamInvalid. Guards are not asked again here: they were, when it was written.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from dome_contracts.schema.missions.review_result import ReviewVerdict
from dome_contracts.schema.missions.status_event import (
    CommitRecorded,
    ConflictAcknowledged,
    ConflictRecorded,
    EffectorBound,
    EffectorUnbound,
    ImportFormat,
    LaneMove,
    MissionAccepted,
    MissionCanceled,
    MissionCreated,
    MissionFinalized,
    MissionIntegrated,
    MissionReopened,
    NoteAdded,
    PackageClaimed,
    PackageReleased,
    PackageSeeded,
    PackageTransitioned,
    ReviewOverridden,
    ReviewRecorded,
    StatusEvent,
    SubtaskChanged,
    TransitionAborted,
    TransitionPrepared,
)
from dome_contracts.schema.shared.definitions import Effector, Lane
from dome_spec.missions.status.refusals import StreamInvalid
from dome_spec.missions.status.state import HELD_BY_IMPLEMENTER, MissionState, PackageState, StandingReview
from dome_spec.missions.status.table import Table, upstream_table

_REWORK: Final = frozenset({ReviewVerdict.CHANGES_REQUESTED})


def is_rejection(event: StatusEvent) -> bool:
    """Whether the event rejects the work: a review that asks for changes, what follows from it, a reopening."""
    match event.fact:
        case ReviewRecorded(review=review):
            return review.verdict in _REWORK
        case PackageTransitioned(move=move):
            return move.from_ in {Lane.IN_REVIEW, Lane.APPROVED} and move.to in {Lane.IN_PROGRESS, Lane.PLANNED}
        case _:
            return False


def is_cancellation(event: StatusEvent) -> bool:
    """Whether the event gives the package or the mission up."""
    match event.fact:
        case MissionCanceled():
            return True
        case PackageTransitioned(move=move):
            return move.to is Lane.CANCELED
        case _:
            return False


def package_after(state: PackageState | None, event: StatusEvent, table: Table) -> PackageState:
    """The package after the event. Raises StreamInvalid."""
    fact = event.fact
    if state is None:
        if not isinstance(fact, PackageSeeded):
            raise StreamInvalid(event, "a package's stream begins with `package_seeded`")
        if fact.lane is not table.initial:
            raise StreamInvalid(event, f"a package begins in {table.initial.value}, not in {fact.lane.value}")
        return PackageState(
            work_package_id=str(event.subject.work_package_id),
            digest=fact.work_package_digest,
            lane=fact.lane,
            version=event.stream_version,
            last_event_id=event.event_id,
            last_time=event.occur_time,
        )
    try:
        change = _PACKAGE_FACTS[type(fact)]
    except KeyError:
        raise StreamInvalid(event, f"`{fact.kind}` is no fact of a package, or none that can come again") from None
    return state._replace(
        version=event.stream_version,
        last_event_id=event.event_id,
        last_time=event.occur_time,
        **change(state, event, table),
    )


def mission_after(state: MissionState | None, event: StatusEvent) -> MissionState:
    """The mission after the event. Raises StreamInvalid."""
    fact = event.fact
    if state is None:
        if not isinstance(fact, MissionCreated):
            raise StreamInvalid(event, "a mission's stream begins with `mission_created`")
        return MissionState(digest=fact.mission_digest, version=event.stream_version, last_event_id=event.event_id)
    changed: dict[str, Any] = {"version": event.stream_version, "last_event_id": event.event_id}
    match fact:
        case MissionFinalized():
            changed["packages"] = MappingProxyType(dict(fact.packages))
        case MissionAccepted():
            changed["acceptance"] = (fact.acceptance_digest, fact.verdict)
        case MissionIntegrated():
            changed["receipt"] = fact.receipt
        case MissionReopened():
            changed |= {"receipt": None, "acceptance": None, "is_canceled": False}
        case MissionCanceled():
            changed["is_canceled"] = True
        case ConflictRecorded() | ConflictAcknowledged():
            changed |= _settling(state, event)
        case NoteAdded():
            pass
        case _:
            raise StreamInvalid(event, f"`{fact.kind}` is no fact of a mission, or none that can come again")
    return replace(state, **changed)


Change = Mapping[str, Any]
_NOTHING: Final[Change] = MappingProxyType({})


def _moved(state: PackageState, event: StatusEvent, table: Table, move: LaneMove, *, is_forced: bool) -> dict[str, Any]:
    """What every change of lane changes."""
    if move.from_ is not state.lane:
        raise StreamInvalid(event, f"it leaves {move.from_.value}, and the package stands in {state.lane.value}")
    imported = event.imported_from
    by = upstream_table() if imported and imported.format is ImportFormat.UPSTREAM_STATUS_EVENTS else table
    if not is_forced and by.edge(move.operation, move.from_, move.to) is None:
        raise StreamInvalid(
            event, f"{by.source.id} has no {move.operation.value} from {move.from_.value} to {move.to.value}"
        )
    changed: dict[str, Any] = {"lane": move.to, "prior_lane": move.from_ if move.to is Lane.BLOCKED else None}
    if move.to in HELD_BY_IMPLEMENTER and move.from_ in {Lane.PLANNED, Lane.CLAIMED}:
        changed["implementer"] = event.effector
    if move.to is Lane.IN_PROGRESS and move.from_ in {Lane.PLANNED, Lane.CLAIMED}:
        changed["implementers"] = _joined(state.implementers, event.effector)
    if move.to is Lane.PLANNED and move.from_ is not Lane.BLOCKED:
        changed["implementer"] = None
    if state.approvals and move.to in {Lane.PLANNED, *HELD_BY_IMPLEMENTER}:
        changed["approvals"] = ()
    if move.to is Lane.IN_REVIEW and move.from_ is not Lane.BLOCKED:
        changed["reviewer"] = event.effector
        if state.review is not None:
            changed["review"] = replace(state.review, is_current=False)
    elif move.from_ is Lane.IN_REVIEW and move.to in {Lane.FOR_REVIEW, Lane.PLANNED}:
        changed["reviewer"] = None
    return changed


def _joined(effectors: tuple[Effector, ...], effector: Effector) -> tuple[Effector, ...]:
    known = any((each.kind, each.id) == (effector.kind, effector.id) for each in effectors)
    return effectors if known else (*effectors, effector)


def _claimed(state: PackageState, event: StatusEvent, table: Table) -> Change:
    fact = event.fact
    assert isinstance(fact, PackageClaimed)
    changed = _moved(state, event, table, fact.move, is_forced=False)
    return changed if fact.workspace is None else {**changed, "workspace": fact.workspace}


def _released(state: PackageState, event: StatusEvent, table: Table) -> Change:
    assert isinstance(event.fact, PackageReleased)
    return _moved(state, event, table, event.fact.move, is_forced=False)


def _transitioned(state: PackageState, event: StatusEvent, table: Table) -> Change:
    fact = event.fact
    assert isinstance(fact, PackageTransitioned)
    operation = None if fact.receipt is None else fact.receipt.operation_id
    if state.prepared is not None and operation != state.prepared.operation_id:
        raise StreamInvalid(event, f"the package waits for operation {state.prepared.operation_id}")
    changed = _moved(state, event, table, fact.move, is_forced=fact.force is not None)
    changed["prepared"] = None
    if fact.force is not None:
        changed["force_count"] = state.force_count + 1
    if fact.evidence is not None:
        changed["evidence"] = fact.evidence
        if fact.evidence != state.evidence:
            changed["approvals"] = ()
        if fact.force is not None:  # whoever hands work in over the holder's head had a part in it
            changed["implementers"] = _joined(changed.get("implementers", state.implementers), event.effector)
    if fact.receipt is not None:
        changed["receipt"] = fact.receipt
    return changed


def _bound(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    assert isinstance(event.fact, EffectorBound)
    return {"bound": MappingProxyType({**state.bound, event.fact.role: event.fact.bound})}


def _unbound(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    assert isinstance(event.fact, EffectorUnbound)
    role = event.fact.role
    return {"bound": MappingProxyType({each: who for each, who in state.bound.items() if each is not role})}


def _subtask(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    fact = event.fact
    assert isinstance(fact, SubtaskChanged)
    return {"subtasks": MappingProxyType({**state.subtasks, fact.subtask_id: fact.status})}


def _prepared(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    assert isinstance(event.fact, TransitionPrepared)
    if state.prepared is not None:
        raise StreamInvalid(event, f"operation {state.prepared.operation_id} is under way")
    return {"prepared": event.fact}


def _aborted(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    assert isinstance(event.fact, TransitionAborted)
    if state.prepared is None or state.prepared.operation_id != event.fact.operation_id:
        raise StreamInvalid(event, f"operation {event.fact.operation_id} is not under way")
    return {"prepared": None}


def _committed(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del state, table
    assert isinstance(event.fact, CommitRecorded)
    return {"receipt": event.fact.receipt}


def _reviewed(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    assert isinstance(event.fact, ReviewRecorded)
    review = StandingReview(event_id=event.event_id, result=event.fact.review)
    reviewer = event.fact.review.reviewer
    others = tuple(each for each in state.approvals if (each.kind, each.id) != (reviewer.kind, reviewer.id))
    is_approved = event.fact.review.verdict is ReviewVerdict.APPROVED
    return {
        "review": review,
        "review_count": state.review_count + 1,
        "approvals": (*others, reviewer) if is_approved else others,
    }


def _overridden(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    assert isinstance(event.fact, ReviewOverridden)
    if state.review is None or state.review.event_id != event.fact.review_event:
        raise StreamInvalid(event, f"the review {event.fact.review_event} does not stand")
    return {"review": replace(state.review, is_overridden=True)}


def _settled(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del table
    return _settling(state, event)


def _settling(state: PackageState | MissionState, event: StatusEvent) -> Change:
    fact = event.fact
    if isinstance(fact, ConflictRecorded):
        shown = frozenset((*fact.children, *(fact.tips or ())))
        return {"conflicts": MappingProxyType({**state.conflicts, event.event_id: shown})}
    assert isinstance(fact, ConflictAcknowledged)
    if fact.conflict not in state.conflicts:
        raise StreamInvalid(event, f"there is no open conflict {fact.conflict}")
    rest = {each: children for each, children in state.conflicts.items() if each != fact.conflict}
    return {"conflicts": MappingProxyType(rest), "settled": state.settled | state.conflicts[fact.conflict]}


def _noted(state: PackageState, event: StatusEvent, table: Table) -> Change:
    del state, event, table
    return _NOTHING


_PACKAGE_FACTS: Final[Mapping[type, Callable[[PackageState, StatusEvent, Table], Change]]] = MappingProxyType(
    {
        PackageClaimed: _claimed,
        PackageReleased: _released,
        PackageTransitioned: _transitioned,
        EffectorBound: _bound,
        EffectorUnbound: _unbound,
        SubtaskChanged: _subtask,
        NoteAdded: _noted,
        TransitionPrepared: _prepared,
        TransitionAborted: _aborted,
        CommitRecorded: _committed,
        ReviewRecorded: _reviewed,
        ReviewOverridden: _overridden,
        ConflictRecorded: _settled,
        ConflictAcknowledged: _settled,
    }
)
