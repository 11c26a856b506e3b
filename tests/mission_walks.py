"""Random legal histories of a mission, with every kind of fact and with forks: strategies for laws."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.base import Contract
from dome_contracts.schema.governance.mission_type import TransitionTable
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.status_event import (
    CommitReceipt,
    CommitRecorded,
    EffectorBound,
    EffectorUnbound,
    MissionAccepted,
    MissionCanceled,
    MissionIntegrated,
    MissionReopened,
    NoteAdded,
    ReceiptSource,
    StatusEvent,
    SubtaskStatus,
    TransitionAborted,
)
from dome_contracts.schema.shared.definitions import Effector, Lane, LaneOperation
from dome_spec.missions.status import Force, MissionStatus, Table, Wish, held_up, overridden, subtask_changed
from dome_spec.missions.store import MemoryStore
from tests.missions_made import (
    ADA,
    AGENT,
    COMMIT,
    MISSION_ID,
    OTHER,
    PERSON,
    TABLE,
    TOLD,
    begun,
    everything,
    ids,
    loaded,
    package,
    review,
)

RULES = Table(TABLE)
NAMES = ("WP01", "WP02")
EFFECTORS = (AGENT, OTHER, ADA)
CHANCE = st.binary(min_size=8, max_size=8).map(Random)
"""Who decides in a step. Drawn choice by choice, seldom ways would not be taken: how many steps there are shrinks."""
FORWARD = ("claim", "start", "submit", "begin_review", "approve", "request_changes", "integrate")
WAY = len(FORWARD) + 1
"""Steps from the first lane to the last: a subtask and a review are among them."""
SUBTASK = "T001"
NOTE = NoteAdded(kind="note_added", text="So it is.")
_SETTLED = frozenset({SubtaskStatus.DONE, SubtaskStatus.DROPPED})


def forward(status: MissionStatus, name: str, verdict: str = "approved") -> bool:
    """One step of a package on the ordinary way; whether there was one."""
    state = status.package(name)
    held = held_up(state) is not None or status.standing.is_canceled
    is_open = bool(status.standing.packages[name].subtasks) and state.subtasks.get(SUBTASK) not in _SETTLED
    if not held and state.lane is Lane.IN_PROGRESS and is_open:
        status.state(name, subtask_changed(status.standing, name, SUBTASK, status=SubtaskStatus.DONE), AGENT)
    elif (
        not held and state.lane is Lane.IN_REVIEW and state.reviewer and not (state.review and state.review.is_current)
    ):
        status.review(review(status, verdict, reviewer=state.reviewer, name=name), state.reviewer)
    else:
        wish = next((each for each in legal(status, name) if each.operation in FORWARD), None)
        if wish is None:
            return False
        status.transition(wish)
    return True


def legal(status: MissionStatus, name: str, effectors: Sequence[Effector] = EFFECTORS) -> Iterator[Wish]:
    """All that somebody may do to a package now who has all that may be asked for."""
    given = everything(status, name)
    for edge in status.standing.table.edges(status.lane(name)):
        for who in effectors:
            wish = Wish(package=name, effector=who, operation=edge.operation, given=given, to=edge.to)
            if not status.standing.against(wish):
                yield wish


@st.composite
def walks(draw: st.DrawFn, steps_max: int = 24, *, by: TransitionTable = TABLE) -> MemoryStore:
    """The log of a random legal walk of two packages by a table, from anywhere on the ordinary way."""
    store = MemoryStore()
    packages = [
        package("WP01", subtasks=[{"id": SUBTASK, "title": "Try it"}]),
        package("WP02", dependencies=["WP01"]),
    ]
    begun(store, *packages, by=by)
    status = loaded(store, maker=ids(10_000))
    for name in NAMES:
        for _ in range(draw(st.integers(0, WAY))):
            forward(status, name)
    random = draw(CHANCE)
    for _ in range(draw(st.integers(0, steps_max))):
        _step(random, status)
    status.save()
    return store


@st.composite
def forked(draw: st.DrawFn, *, by: TransitionTable = TABLE, sides: int = 2) -> tuple[Sequence[StatusEvent], ...]:
    """Logs that have their first events in common and then go apart. A last one may know all others, and go on."""
    store = draw(walks(6, by=by))
    logs: list[Sequence[StatusEvent]] = []
    for side in range(sides):
        copy = MemoryStore()
        known = logs if side == 2 and draw(st.booleans()) else [store.events(MISSION_ID)]
        for log in known:
            copy.merge(log, name=store.missions()[0])
        for data in store._documents.values():
            copy._documents.setdefault(digest_bytes(data), data)
        status = loaded(copy, maker=ids(50_000 + 10_000 * side))
        random = draw(CHANCE)
        for _ in range(draw(st.integers(0, 4))):
            _step(random, status)
        status.save()
        logs.append(copy.events(MISSION_ID))
    return tuple(logs)


# One step

_KINDS = ("forward",) * 4 + ("aside",) * 4 + ("fact",) * 3 + ("prepared", "forced", "mission")
"""What a step does, by how often."""


def _step(random: Random, status: MissionStatus) -> None:
    kind, name = random.choice(_KINDS), random.choice(NAMES)
    if kind == "mission" or (status.standing.is_canceled and random.random() < 0.5):
        _of_mission(random, status)
    elif held_up(status.package(name)) is not None:
        _settled(random, status, name)
    elif status.standing.is_canceled or not any(_STEPS[each](random, status, name) for each in (kind, "aside")):
        status.state(name, NOTE, random.choice(EFFECTORS))


def _forward(random: Random, status: MissionStatus, name: str) -> bool:
    return forward(status, name, random.choice(["approved", "changes_requested"]))


def _aside(random: Random, status: MissionStatus, name: str) -> bool:
    """Off the ordinary way: a rejection, a release, a block and its end, a reopening, seldom giving up."""
    state = status.package(name)
    if state.lane is Lane.IN_REVIEW and state.reviewer is not None and random.random() < 0.5:
        status.review(review(status, "changes_requested", reviewer=state.reviewer, name=name), state.reviewer)
        return True
    found = [each for each in legal(status, name) if each.operation not in FORWARD]
    ways = list(dict.fromkeys((each.operation, each.to) for each in found))
    if not ways:
        return False
    way = random.choices(ways, [_OFTEN.get(operation, 8) for operation, _ in ways])[0]
    status.transition(random.choice([each for each in found if (each.operation, each.to) == way]))
    return True


_OFTEN = {LaneOperation.CANCEL: 1, LaneOperation.REOPEN: 24, LaneOperation.RELEASE: 16}
"""How often a way off is taken where there are others."""


def _fact(random: Random, status: MissionStatus, name: str) -> bool:
    """Something that moves nothing."""
    facts: list[Contract] = [
        EffectorBound.from_value({"kind": "effector_bound", "role": "implementer", "bound": AGENT.to_value()}),
        EffectorBound.from_value({"kind": "effector_bound", "role": "reviewer", "bound": OTHER.to_value()}),
        EffectorUnbound.from_value({"kind": "effector_unbound", "role": "implementer"}),
        CommitRecorded(kind="commit_recorded", receipt=receipt(_operation(status, name))),
    ]
    if status.standing.packages[name].subtasks:
        done = random.choice(list(SubtaskStatus))
        facts.append(subtask_changed(status.standing, name, SUBTASK, status=done))
    if status.package(name).review is not None:
        facts.append(overridden(status.package(name), PERSON, "It is good enough."))
    status.state(name, random.choice(facts), ADA)
    return True


def _prepared(random: Random, status: MissionStatus, name: str) -> bool:
    """A transition whose commit is under way."""
    alone = {LaneOperation(each) for each in ("claim", "begin_review", "start", "resume")}
    wishes = [each for each in legal(status, name) if each.operation not in alone]
    if not wishes:
        return False
    commit = {
        "operation_id": _operation(status, name),
        "paths": ["src/a.py"],
        "destination_ref": "refs/heads/work",
        "parent": COMMIT,
    }
    status.prepare(random.choice(wishes), commit)
    return True


def _forced(random: Random, status: MissionStatus, name: str) -> bool:
    state = status.package(name)
    if state.lane not in status.standing.table.force.leaves:
        return False
    force = Force(accountable=PERSON, reason="The house is on fire.")
    to = random.choice([each for each in Lane if each is not state.lane])
    given = everything(status, name, force=force)
    status.transition(Wish(package=name, effector=ADA, operation=LaneOperation.APPROVE, given=given, to=to))
    return True


_STEPS: Mapping[str, Callable[[Random, MissionStatus, str], bool]] = {
    "forward": _forward,
    "aside": _aside,
    "fact": _fact,
    "prepared": _prepared,
    "forced": _forced,
}


def _settled(random: Random, status: MissionStatus, name: str) -> None:
    """What keeps the package from moving comes to an end, in one of the ways that there are."""
    waits = status.package(name).prepared
    if waits is None:
        status.acknowledge(name, "What holds is right.", ADA)
    elif random.random() < 0.5:
        given = everything(status, name)
        status.complete(name, receipt(waits.operation_id), given, effector=random.choice(EFFECTORS))
    else:
        value = {"kind": "transition_aborted", "operation_id": waits.operation_id, "reason": "It moved."}
        status.abort(name, TransitionAborted.from_value({**value, "cause_of_abort": "reference_moved"}), ADA)


def _of_mission(random: Random, status: MissionStatus) -> None:
    """A fact of the mission itself."""
    state = status.snapshot.mission
    assert state is not None
    if state.open_forks or state.conflicts:
        status.acknowledge(None, "What holds is right.", ADA)
        return
    why: dict[str, Any] = {"accountable": PERSON, "reason": "Enough."}
    if state.is_canceled:
        status.state(None, MissionReopened(kind="mission_reopened", **why), ADA)
        return
    facts = [
        NOTE,
        MissionAccepted(kind="mission_accepted", acceptance_digest=TOLD, verdict=AcceptanceVerdict.ACCEPTED),
        MissionIntegrated(kind="mission_integrated", receipt=receipt(_operation(status, None))),
        MissionCanceled(kind="mission_canceled", **why),
    ]
    status.state(None, random.choice(facts), ADA)


def receipt(operation_id: str) -> CommitReceipt:
    """That a commit was made for an operation."""
    return CommitReceipt(
        operation_id=operation_id,
        commit="6" * 40,
        parent=COMMIT,
        destination_ref="refs/heads/work",
        found_by=ReceiptSource.ANSWER,
    )


def _operation(status: MissionStatus, name: str | None) -> str:
    """An id that nothing else of the stream has."""
    state = status.snapshot.mission if name is None else status.package(name)
    assert state is not None
    return f"op-01hy2y63cm7n59a7hdtrjv{state.version:04d}"
