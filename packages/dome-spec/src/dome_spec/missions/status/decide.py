"""Whether a package may change its lane: the table, then its guards, in their order. Pure.

The question whether something would be allowed and the decision that it is are the same function. An override replaces
the table's edge and its guards but those that the table keeps; it names an accountable person and a reason.
"""

from dataclasses import dataclass
from typing import Final

from dome_contracts.schema.governance.charter import Demand
from dome_contracts.schema.governance.mission_type import LaneEdge, LaneGuard
from dome_contracts.schema.missions.status_event import LaneMove, Override
from dome_contracts.schema.shared.definitions import Accountable, Lane, LaneOperation
from dome_spec.missions.status.guards import GUARDS, GuardFacts, Refused
from dome_spec.missions.status.refusals import StaleArtefact, TransitionRefused
from dome_spec.missions.status.state import PackageState
from dome_spec.missions.status.table import Table

_FOLLOWING: Final = "Begin a mission that follows this one: `dome mission new`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """That somebody wants the table overridden: who answers for it, and why."""

    accountable: Accountable
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A change of lane that may be made."""

    move: LaneMove
    override: Override | None = None


def refusals(table: Table, facts: GuardFacts, operation: LaneOperation) -> tuple[Refused, ...]:
    """Every reason against the change of lane; empty where there is none."""
    blocked = held_up(facts.state)
    if blocked is not None:
        return (blocked,)
    edge = table.edge(operation, facts.state.lane, facts.to)
    if edge is None:
        return (_no_edge(table, facts, operation),)
    return tuple(each for guard in asked(edge, facts) if (each := GUARDS[guard](facts)) is not None)


def asked(edge: LaneEdge, facts: GuardFacts) -> tuple[LaneGuard, ...]:
    """The guards of the edge, and those that the charter asks of an approval whatever the table says."""
    if edge.operation is not LaneOperation.APPROVE or facts.reviews is None:
        return tuple(edge.guards)
    beyond = [LaneGuard.APPROVALS_COMPLETE]
    if facts.reviews.independence is Demand.REQUIRED:
        beyond.insert(0, LaneGuard.REVIEWER_INDEPENDENT)
    return tuple(dict.fromkeys((*edge.guards, *beyond)))


def decide(table: Table, facts: GuardFacts, operation: LaneOperation, *, force: Force | None = None) -> Decided:
    """The change of lane. Raises TransitionRefused, StaleArtefact for the first reason against it."""
    move = LaneMove.from_value({"operation": operation, "from": facts.state.lane, "to": facts.to})
    against = refusals(table, facts, operation)
    if not against:
        return Decided(move=move)
    if force is None or held_up(facts.state) is not None:
        raise _told(facts, operation, against[0])
    kept = _kept_against(table, facts, force)
    if kept is not None:
        raise _told(facts, operation, kept)
    override = Override(
        accountable=force.accountable,
        reason=force.reason,
        guards=unsatisfied(table, facts, operation),
    )
    return Decided(move=move, override=override)


def unsatisfied(table: Table, facts: GuardFacts, operation: LaneOperation) -> list[LaneGuard]:
    """The guards of the edge that refuse. Empty also where there is no edge."""
    edge = table.edge(operation, facts.state.lane, facts.to)
    return [] if edge is None else [guard for guard in asked(edge, facts) if GUARDS[guard](facts) is not None]


def held_up(state: PackageState) -> Refused | None:
    """What keeps the package from moving at all: an operation under way, or a fork that nobody has looked at."""
    if state.prepared is not None:
        why = f"the commit of operation {state.prepared.operation_id} is under way"
        return Refused("PACKAGE_PENDING", why, "Wait for it, or settle it: `dome mission recover`")
    if state.open_forks or state.conflicts:
        why = "two events follow the same one, and nobody has looked at it"
        return Refused(
            "PACKAGE_CONFLICTED",
            why,
            "Look at it, then acknowledge it: `dome mission acknowledge MISSION PACKAGE --reason TEXT`",
        )
    return None


def _kept_against(table: Table, facts: GuardFacts, force: Force) -> Refused | None:
    rule, lane = table.force, facts.state.lane
    if lane not in rule.leaves:
        return Refused("FORCE_REFUSED", f"nothing forces a package out of {lane.value}", _FOLLOWING)
    if facts.to is lane:
        return Refused("FORCE_REFUSED", f"it stands in {lane.value} already", "Nothing is to be done")
    if not force.reason.strip():
        return Refused("REASON_MISSING", "an override says why", "Say why with `--reason`")
    for guard in rule.guards:
        against = None if guard is LaneGuard.REASON_GIVEN else GUARDS[guard](facts)
        if against is not None:
            return against
    return None


def _no_edge(table: Table, facts: GuardFacts, operation: LaneOperation) -> Refused:
    lane: Lane = facts.state.lane
    ways = (each for each in table.edges(lane) if each.to is facts.state.prior_lane or not _leads_back(each))
    legal = ", ".join(f"{each.operation.value} to {each.to.value}" for each in ways) or "nothing"
    why = f"{table.source.id} {table.source.version} has no {operation.value} from {lane.value} to {facts.to.value}"
    return Refused("NO_EDGE", why, f"From {lane.value}: {legal}")


def _leads_back(edge: LaneEdge) -> bool:
    """Whether the edge is for packages alone that came from the lane that it leads to."""
    return LaneGuard.PRIOR_LANE in edge.guards


def _told(facts: GuardFacts, operation: LaneOperation, refused: Refused) -> TransitionRefused:
    kind = StaleArtefact if refused.code == "STALE_ARTEFACT" else TransitionRefused
    what = f"{facts.state.work_package_id}: {operation.value} is refused"
    return kind(refused.code, what, why=refused.why, hint=refused.hint)
