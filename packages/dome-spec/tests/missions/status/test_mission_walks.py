"""What the laws of missions rest on: the histories that they are tried with reach every lane and state every fact."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import Phase, given, settings

from dome_contracts.schema.governance.mission_type import TransitionTable
from dome_contracts.schema.missions.status_event import (
    LaneMove,
    StatusEvent,
)
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.missions.status import Table, merge, reduce
from dome_spec.missions.store import MemoryStore
from tests.mission_walks import WAY, forked, forward, walks
from tests.missions_made import MISSION_ID, begun, package, table

SHIPPED = [table(each) for each in ("software-change", "small-change")]
TRIED = settings(max_examples=150, derandomize=True, database=None, phases=[Phase.generate])
"""The same examples in every run: what they cover is no matter of luck."""
FACTS = get_args(StatusEvent.model_fields["fact"].annotation)
KINDS = {str(get_args(each.model_fields["kind"].annotation)[0]) for each in FACTS}
"""Every kind of fact that the contract has."""


def moves(events: Sequence[StatusEvent]) -> list[LaneMove]:
    """Changes of lane that the table allows: those that nobody forced."""
    allowed = [each.fact for each in events if getattr(each.fact, "force", None) is None]
    return [move for each in allowed if isinstance(move := getattr(each, "move", None), LaneMove)]


@pytest.mark.parametrize("by", SHIPPED, ids=lambda each: each.id)
def test_walks_reach_every_lane_take_every_edge_and_state_every_fact(by: TransitionTable) -> None:
    ends, lanes, kinds = Counter[Lane](), Counter[Lane](), Counter[str]()
    edges = Counter[tuple[LaneOperation, Lane, Lane]]()

    @TRIED
    @given(walks(by=by))
    def look(store: MemoryStore) -> None:
        events = store.events(MISSION_ID)
        said = reduce(events, Table(by))
        ends.update({each.lane for each in said.packages.values()})
        lanes.update({each.to for each in moves(events)})
        edges.update({(each.operation, each.from_, each.to) for each in moves(events)})
        kinds.update({each.fact.kind for each in events})

    look()
    assert set(ends) == set(Lane)
    assert min(lanes[each] for each in Lane) >= 5, lanes
    assert {operation for operation, _, _ in edges} == {each.operation for each in by.edges}
    legal = {(each.operation, each.from_, each.to) for each in by.edges}
    assert edges.keys() <= legal
    assert len(edges) >= 0.75 * len(legal), legal - edges.keys()
    assert kinds.keys() == KINDS - {"conflict_recorded", "conflict_acknowledged"}


def test_logs_that_go_apart_fork_in_every_way_and_come_together_again() -> None:
    rules, kinds = Counter[str](), Counter[str]()

    @TRIED
    @given(forked(sides=3))
    def look(logs: tuple[Sequence[StatusEvent], ...]) -> None:
        events = merge(*logs)
        said = reduce(events, Table(SHIPPED[0]))
        forks = [fork for state in said.packages.values() for fork in state.forks]
        forks += () if said.mission is None else said.mission.forks
        rules.update({each.rule.value for each in forks})
        kinds.update({each.fact.kind for each in events})

    look()
    assert rules.keys() == {"rejection_wins", "cancellation_wins", "lower_event_id"}
    assert {"conflict_recorded", "conflict_acknowledged"} <= kinds.keys()


@pytest.mark.parametrize("by", SHIPPED, ids=lambda each: each.id)
def test_a_package_goes_all_the_way_by_every_table_that_ships(by: TransitionTable) -> None:
    status = begun(MemoryStore(), package("WP01"), by=by)
    lanes = [status.lane("WP01")]
    while forward(status, "WP01"):
        lanes.append(status.lane("WP01"))
    assert list(dict.fromkeys(lanes)) == [
        Lane.PLANNED,
        Lane.CLAIMED,
        Lane.IN_PROGRESS,
        Lane.FOR_REVIEW,
        Lane.IN_REVIEW,
        Lane.APPROVED,
        Lane.DONE,
    ]
    assert len(lanes) == WAY
    assert status.standing.table.source == by
