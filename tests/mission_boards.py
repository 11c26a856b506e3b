"""Every board that packages can come to by legal ways: found by walking all of them, not made up."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from dome_contracts.schema.base import Contract
from dome_contracts.schema.missions.status_event import ConflictRecorded, NoteAdded, StatusEvent, TransitionAborted
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.kernel import FixedClock
from dome_spec.missions.status import MissionStatus, PackageState, Standing, held_up, reduce
from dome_spec.missions.status.events import EventMaker
from dome_spec.missions.store import MemoryStore
from tests.decisions_asked import MISSION, TYPE
from tests.mission_walks import RULES, legal, receipt
from tests.missions_made import ADA, AGENT, AT, COMMIT, MISSION_ID, OTHER, begun, everything, ids, package, review

NAME = "WP01"
EFFECTORS = (AGENT, OTHER)
OPERATION = "op-01hy2y63cm7n59a7hdtrjvmwd0"
_ALONE = frozenset(LaneOperation(each) for each in ("claim", "begin_review", "start", "resume"))


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a package has come to, and the events that brought it there."""

    standing: Standing
    events: tuple[StatusEvent, ...]

    @property
    def state(self) -> PackageState:
        return self.standing.package(NAME)


@cache
def reachable() -> tuple[PackageState, ...]:
    """Every state that one package can come to, with those in which a fork is open. Two that act the same are one."""
    known = {_key(first.state): first for first in [_first()]}
    waiting = list(known.values())
    while waiting:
        for after in _after(waiting.pop()):
            if known.setdefault(_key(after.state), after) is after:
                waiting.append(after)
    found = [each.state for each in known.values()]
    return _different([*found, *(state for each in known.values() for state in _conflicts(each))], _key)


@cache
def told_apart() -> tuple[PackageState, ...]:
    """Of all reachable states, those that differ in what others may do: by lane, holder, part, and what holds it up."""
    return _different(reachable(), _outline)


def board_of(*states: PackageState, is_chained: bool) -> Standing:
    """The board on which packages stand so. Chained: each waits for the one before."""
    empty = _empty(len(states), is_chained=is_chained)
    packages = {name: state._replace(work_package_id=name) for name, state in zip(empty.packages, states, strict=True)}
    return replace(empty, snapshot=replace(empty.snapshot, packages=packages))


def told_of_mission(standing: Standing, *facts: Contract) -> Standing:
    """The board once this was said of the mission itself."""
    status = MissionStatus(MemoryStore(), standing, EventMaker(clock=FixedClock(AT), ids=ids(900_000)))
    for fact in facts:
        status.state(None, fact, ADA)
    return status.standing


@cache
def _empty(count: int, *, is_chained: bool) -> Standing:
    names = [f"WP{place:02d}" for place in range(1, count + 1)]
    before = {name: [names[place - 1]] if is_chained and place else [] for place, name in enumerate(names)}
    status = begun(MemoryStore(), *(package(name, dependencies=before[name]) for name in names), of=MISSION)
    return status.standing


def _first() -> Reached:
    store = MemoryStore()
    status = begun(store, package(NAME), of=MISSION)
    assert status.standing.mission.mission_type.id == TYPE.id
    return Reached(status.standing, store.events(MISSION_ID))


def _going(reached: Reached, start: int = 500_000) -> MissionStatus:
    """The door, as somebody has it who loaded this."""
    maker = EventMaker(clock=FixedClock(AT), ids=ids(start + 1_000 * len(reached.events)))
    return MissionStatus(MemoryStore(), reached.standing, maker)


def _then(reached: Reached, status: MissionStatus) -> Reached:
    return Reached(status.standing, (*reached.events, *status.save().events))


def _after(reached: Reached) -> Iterator[Reached]:
    """Everything that can be done next."""
    state = reached.state
    if state.prepared is not None:
        for is_made in (True, False):
            status = _going(reached)
            if is_made:
                status.complete(NAME, receipt(OPERATION), everything(status), effector=AGENT)
            else:
                fact = {"kind": "transition_aborted", "operation_id": OPERATION, "reason": "It moved."}
                fact["cause_of_abort"] = "reference_moved"
                status.abort(NAME, TransitionAborted.from_value(fact), ADA)
            yield _then(reached, status)
        return
    wishes = list(legal(_going(reached), NAME, EFFECTORS))
    for wish in wishes:
        status = _going(reached)
        status.transition(wish)
        yield _then(reached, status)
    for wish in {each.operation: each for each in wishes if each.operation not in _ALONE}.values():
        status = _going(reached)
        commit = {"paths": ["src/a.py"], "destination_ref": "refs/heads/work", "parent": COMMIT}
        status.prepare(wish, {"operation_id": OPERATION, **commit})
        yield _then(reached, status)
    if state.lane is Lane.IN_REVIEW and state.reviewer is not None:
        for verdict in ("approved", "changes_requested"):
            status = _going(reached)
            status.review(review(status, verdict, reviewer=state.reviewer), state.reviewer)
            yield _then(reached, status)


def _conflicts(reached: Reached) -> Iterator[PackageState]:
    """The same place with a fork that nobody has looked at, and with one that was recorded and not acknowledged."""
    if reached.state.prepared is not None:
        return
    note = NoteAdded(kind="note_added", text="So it is.")
    sides: list[StatusEvent] = []
    for start in (600_000, 700_000):
        status = _going(reached, start)
        status.state(NAME, note, ADA)
        sides += status.save().events
    forked = reduce([*reached.events, *sides], RULES).packages[NAME]
    yield forked
    (fork,) = forked.open_forks
    status = _going(reached, 800_000)
    status.state(
        NAME,
        ConflictRecorded(
            kind="conflict_recorded",
            parent=fork.parent or fork.winner,
            children=list(fork.children),
            winner=fork.winner,
            rule=fork.rule,
        ),
        ADA,
    )
    yield status.package(NAME)


def _who(state: PackageState) -> tuple[str | None, str | None, frozenset[str]]:
    return (
        None if state.implementer is None else state.implementer.id,
        None if state.reviewer is None else state.reviewer.id,
        frozenset(each.id for each in state.implementers),
    )


def _different(states: Iterable[PackageState], by: Callable[[PackageState], Hashable]) -> tuple[PackageState, ...]:
    found: dict[Hashable, PackageState] = {}
    for each in states:
        found.setdefault(by(each), each)
    return tuple(found.values())


def _held(state: PackageState) -> str | None:
    refused = held_up(state)
    return None if refused is None else refused.code


def _key(state: PackageState) -> Hashable:
    said = None if state.review is None else (state.review.result.verdict, state.review.is_current)
    waits = None if state.prepared is None else (state.prepared.move.operation, state.prepared.move.to)
    return state.lane, state.prior_lane, _who(state), said, waits, bool(state.open_forks), bool(state.conflicts)


def _outline(state: PackageState) -> Hashable:
    part = _who(state)[2] if state.lane is Lane.FOR_REVIEW else None
    return state.lane, None if state.holder is None else state.holder.id, part, _held(state)
