"""What a log says: laws over random histories, with forks."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest
from dome_contracts.schema.missions.status_event import (
    NoteAdded,
    StatusEvent,
    TransitionPrepared,
)
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.kernel import MissionName
from dome_spec.missions.status import MergeRefused, MissionStatus, StreamInvalid, Wish, merge, reduce
from dome_spec.missions.store import MemoryStore
from tests.mission_walks import RULES, forked, walks
from tests.missions_made import (
    ADA,
    AGENT,
    MISSION_ID,
    OTHER,
    begun,
    everything,
    ids,
    loaded,
    move,
    review,
    to_review,
)


@given(forked(sides=3), st.randoms(use_true_random=True), st.integers(0, 3))
def test_property_01_neither_order_nor_repetition_matters(
    logs: tuple[Sequence[StatusEvent], ...], random: Random, again: int
) -> None:
    events = [event for log in logs for event in log]
    expected = reduce(merge(*logs), RULES)
    shuffled = events + [random.choice(events) for _ in range(again)]
    random.shuffle(shuffled)
    assert reduce(shuffled, RULES) == expected


@given(forked(sides=3), st.permutations(range(3)))
def test_property_02_merging_is_commutative_associative_and_idempotent(
    logs: tuple[Sequence[StatusEvent], ...], order: list[int]
) -> None:
    one, other, third = logs
    whole = merge(one, other, third)
    assert whole == merge(*(logs[each] for each in order))
    assert merge(one, other) == merge(other, one)
    assert merge(merge(one, other), third) == merge(one, merge(other, third)) == whole
    assert merge(one, one) == merge(one)
    assert merge(whole, other) == whole
    assert {each.event_id for each in whole} == {each.event_id for log in logs for each in log}


@given(forked(sides=3), st.data())
def test_property_02_one_id_with_two_bodies_is_refused_in_whatever_order_the_logs_come(
    logs: tuple[Sequence[StatusEvent], ...], data: st.DataObject
) -> None:
    victim = data.draw(st.sampled_from(merge(*logs)))
    altered = victim.model_copy(update={"occur_time": "2020-01-01T00:00:00Z"})
    shuffled = data.draw(st.permutations([*logs, [altered]]))
    with pytest.raises(MergeRefused, match=victim.event_id):
        merge(*shuffled)
    with pytest.raises(MergeRefused, match=victim.event_id):
        merge(merge(*logs), [altered])


def test_property_02_one_id_with_two_bodies_is_refused() -> None:
    store = MemoryStore()
    begun(store)
    events = store.events(MISSION_ID)
    altered = events[-1].model_copy(update={"occur_time": "2020-01-01T00:00:00Z"})
    with pytest.raises(MergeRefused, match=events[-1].event_id):
        merge(events, [altered])


@given(forked(sides=3), st.permutations(range(3)))
def test_property_03_what_is_said_depends_on_the_union_alone(
    logs: tuple[Sequence[StatusEvent], ...], order: list[int]
) -> None:
    first, second, third = (logs[each] for each in order)
    union = {each.event_id: each for log in logs for each in log}
    said = reduce(union.values(), RULES)
    assert reduce(merge(merge(first, second), third), RULES) == reduce(merge(*logs), RULES) == said
    # Whoever knows one log already takes in the others and says the same, in whatever order they come.
    store = MemoryStore()
    for log in (first, second, third):
        store.merge(log, name=MissionName(MISSION_ID, "tried"))
    assert reduce(store.events(MISSION_ID), RULES) == said


@given(walks())
def test_property_04_any_beginning_of_a_legal_stream_is_legal(store: MemoryStore) -> None:
    by_stream, as_written = store.events(MISSION_ID), store.tail(MISSION_ID, after=0, until=1_000)
    assert len(as_written) == len(by_stream)
    for events in (by_stream, as_written):
        for length in range(len(events) + 1):
            said = reduce(events[:length], RULES)
            assert not said.dropped
            assert not said.orphans


@given(walks())
def test_property_04_a_legal_walk_never_leaves_the_table(store: MemoryStore) -> None:
    lanes = dict.fromkeys(("WP01", "WP02"), RULES.initial)
    for event in store.events(MISSION_ID):
        move, name = getattr(event.fact, "move", None), str(event.subject.work_package_id)
        if move is None:
            continue
        assert move.from_ is lanes[name]
        if getattr(event.fact, "force", None) is None:
            assert RULES.edge(move.operation, move.from_, move.to) is not None
        else:
            assert move.from_ in RULES.force.leaves
        if not isinstance(event.fact, TransitionPrepared):
            lanes[name] = move.to
    assert lanes == {name: each.lane for name, each in reduce(store.events(MISSION_ID), RULES).packages.items()}


@given(walks())
def test_property_11_what_is_kept_while_writing_is_what_the_log_says(store: MemoryStore) -> None:
    status = loaded(store)
    assert status.snapshot == reduce(store.events(MISSION_ID), RULES)
    for name in status.snapshot.packages:
        if status.package(name).prepared is None:
            status.state(name, NoteAdded(kind="note_added", text="So it is."), ADA)
    batch = status.history("WP01") + status.history("WP02") + status.history()
    assert reduce(batch, RULES) == status.snapshot


def _reviewed_apart(first: str, second: str, starts: tuple[int, int], times: tuple[str, str]) -> list[StatusEvent]:
    """A package whose reviewer said two things in two places, at these times."""
    base = MemoryStore()
    status = begun(base)
    to_review(status)
    status.save()
    known = base.events(MISSION_ID)
    found = list(known)
    for verdict, start, time in zip((first, second), starts, times, strict=True):
        copy = loaded(base, maker=ids(start))
        copy.review(review(copy, verdict), OTHER)
        move(copy, "approve" if verdict == "approved" else "request_changes", OTHER)
        found += [each.model_copy(update={"occur_time": time}) for each in copy.history("WP01")[-2:]]
    return found


TIMES = st.datetimes(datetime(1980, 1, 1), datetime(2080, 1, 1)).map(lambda each: f"{each:%Y-%m-%dT%H:%M:%SZ}")


@given(
    st.permutations([50_000, 60_000]),
    st.tuples(TIMES, TIMES),
)
def test_property_09_a_rejection_holds_against_a_sibling_whatever_the_clocks_say(
    starts: list[int], times: tuple[str, str]
) -> None:
    events = _reviewed_apart("approved", "changes_requested", (starts[0], starts[1]), times)
    said = reduce(events, RULES)
    assert said.packages["WP01"].lane is Lane.IN_PROGRESS
    (fork,) = said.packages["WP01"].open_forks
    assert fork.rule.value == "rejection_wins"
    assert len(said.dropped) == 2


def test_an_event_whose_cause_is_not_there_is_shown_and_changes_nothing() -> None:
    store = MemoryStore()
    status = begun(store)
    move(status, "claim")
    move(status, "start")
    status.save()
    events = [
        each for each in store.events(MISSION_ID) if (each.subject.work_package_id, each.stream_version) != ("WP01", 2)
    ]
    said = reduce(events, RULES)
    assert said.packages["WP01"].lane is Lane.PLANNED
    assert len(said.orphans) == 1


def test_an_event_that_leaves_another_lane_than_the_package_stands_in_is_refused() -> None:
    store = MemoryStore()
    status = begun(store)
    move(status, "claim")
    status.save()
    events = list(store.events(MISSION_ID))
    value = events[-1].to_value()
    value["fact"]["move"] = {"operation": "approve", "from": "in_review", "to": "approved"}
    with pytest.raises(StreamInvalid, match="stands in planned"):
        reduce([*events[:-1], StatusEvent.from_value(value)], RULES)


def test_an_event_on_a_way_that_the_table_does_not_have_is_refused_unless_it_was_forced() -> None:
    store = MemoryStore()
    status = begun(store)
    move(status, "cancel")
    status.save()
    events = list(store.events(MISSION_ID))
    value = events[-1].to_value()
    value["fact"]["move"] = {"operation": "start", "from": "planned", "to": "in_progress"}
    with pytest.raises(StreamInvalid, match="has no start from planned"):
        reduce([*events[:-1], StatusEvent.from_value(value)], RULES)
    value["fact"]["force"] = {"accountable": {"kind": "human", "id": "ada"}, "reason": "So it is.", "guards": []}
    said = reduce([*events[:-1], StatusEvent.from_value(value)], RULES).packages["WP01"]
    assert (said.lane, said.force_count) == (Lane.IN_PROGRESS, 1)


def test_an_event_that_says_another_place_than_it_stands_at_is_refused() -> None:
    store = MemoryStore()
    status = begun(store)
    move(status, "claim")
    status.save()
    events = list(store.events(MISSION_ID))
    for version in (1, 3):
        with pytest.raises(StreamInvalid, match=f"says version {version}"):
            reduce([*events[:-1], events[-1].model_copy(update={"stream_version": version})], RULES)


def test_a_fork_keeps_the_package_from_moving_until_somebody_has_looked_at_it() -> None:
    events = _reviewed_apart("approved", "changes_requested", (50_000, 60_000), ("2026-01-01T00:00:00Z",) * 2)
    store = MemoryStore()
    begun(store)
    store.merge(events, name=store.missions()[0])
    status = loaded(store, maker=ids(70_000))
    assert [each.code for each in status.standing.against(_submit(status))] == ["PACKAGE_CONFLICTED"]
    status.acknowledge("WP01", "The review stands.", ADA)
    status.save()
    again = loaded(store)
    assert again.package("WP01").open_forks == ()
    assert again.standing.against(_submit(again)) == ()
    assert digest(again.mission.to_value())


def _submit(status: MissionStatus) -> Wish:
    return Wish(package="WP01", effector=AGENT, operation=LaneOperation.SUBMIT, given=everything(status))
