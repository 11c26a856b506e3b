"""What a log says: laws over random histories, with forks."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.schema.missions.status_event import NoteAdded, StatusEvent
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.missions.status import MergeRefused, MissionStatus, StreamInvalid, Table, Wish, merge, reduce
from dome_spec.missions.store import MemoryStore
from tests.missions_made import (
    ADA,
    AGENT,
    MISSION_ID,
    OTHER,
    TABLE,
    begun,
    everything,
    ids,
    loaded,
    move,
    package,
    review,
    to_review,
)

RULES = Table(TABLE)


@st.composite
def walks(draw: st.DrawFn, steps_max: int = 12) -> MemoryStore:
    """The log of a random legal walk of two packages, with notes in between."""
    store = MemoryStore()
    status = begun(store, package("WP01"), package("WP02", dependencies=["WP01"]))
    for _ in range(draw(st.integers(0, steps_max))):
        _step(draw, status)
    status.save()
    return store


def _step(draw: st.DrawFn, status: MissionStatus) -> None:
    name = draw(st.sampled_from(["WP01", "WP02"]))
    who = draw(st.sampled_from([AGENT, OTHER]))
    state = status.package(name)
    if state.lane is Lane.IN_REVIEW and state.reviewer is not None and draw(st.booleans()):
        verdict = draw(st.sampled_from(["approved", "changes_requested"]))
        status.review(review(status, verdict, reviewer=state.reviewer, name=name), state.reviewer)
        return
    given_all = everything(status, name)
    wishes = [
        Wish(package=name, effector=who, operation=edge.operation, given=given_all, to=edge.to)
        for edge in RULES.edges(state.lane)
    ]
    legal = [wish for wish in wishes if not status.standing.against(wish)]
    moves: int = draw(st.integers(0, 3))
    if legal and moves:
        status.transition(draw(st.sampled_from(legal)))
    else:
        status.state(name, NoteAdded(kind="note_added", text="So it is."), who)


@st.composite
def forked(draw: st.DrawFn) -> tuple[Sequence[StatusEvent], Sequence[StatusEvent]]:
    """Two logs that have their first events in common and then go apart."""
    store = draw(walks(6))
    logs = []
    for start in (50_000, 60_000):
        copy = MemoryStore()
        copy.merge(store.events(MISSION_ID), name=store.missions()[0])
        for data in store._documents.values():
            copy._documents.setdefault(digest_bytes(data), data)
        status = loaded(copy, maker=ids(start))
        for _ in range(draw(st.integers(0, 4))):
            _step(draw, status)
        status.save()
        logs.append(copy.events(MISSION_ID))
    return logs[0], logs[1]


@given(walks(), st.randoms(), st.integers(0, 3))
def test_property_01_neither_order_nor_repetition_matters(store: MemoryStore, random: Any, again: int) -> None:
    events = list(store.events(MISSION_ID))
    expected = reduce(events, RULES)
    shuffled = events + [random.choice(events) for _ in range(again)]
    random.shuffle(shuffled)
    assert reduce(shuffled, RULES) == expected


@given(forked(), walks(4))
def test_property_02_merging_is_commutative_associative_and_idempotent(
    logs: tuple[Sequence[StatusEvent], Sequence[StatusEvent]], third: MemoryStore
) -> None:
    del third
    one, other = logs
    half = one[: len(one) // 2]
    assert merge(one, other) == merge(other, one)
    assert merge(merge(one, other), half) == merge(one, merge(other, half))
    assert merge(one, one) == merge(one)


def test_property_02_one_id_with_two_bodies_is_refused() -> None:
    store = MemoryStore()
    begun(store)
    events = store.events(MISSION_ID)
    altered = events[-1].model_copy(update={"occur_time": "2020-01-01T00:00:00Z"})
    with pytest.raises(MergeRefused, match=events[-1].event_id):
        merge(events, [altered])


@given(forked())
def test_property_03_what_is_said_depends_on_the_union_alone(
    logs: tuple[Sequence[StatusEvent], Sequence[StatusEvent]],
) -> None:
    one, other = logs
    union = {each.event_id: each for each in (*one, *other)}
    assert reduce(merge(one, other), RULES) == reduce(merge(other, one), RULES) == reduce(union.values(), RULES)


@given(walks())
def test_property_04_any_beginning_of_a_legal_stream_is_legal(store: MemoryStore) -> None:
    events = store.events(MISSION_ID)
    for length in range(len(events) + 1):
        said = reduce(events[:length], RULES)
        assert not said.dropped
        assert not said.orphans


@given(walks())
def test_property_11_what_is_kept_while_writing_is_what_the_log_says(store: MemoryStore) -> None:
    status = loaded(store)
    assert status.snapshot == reduce(store.events(MISSION_ID), RULES)
    for name in status.snapshot.packages:
        lane = status.lane(name)
        if not RULES.edges(lane):
            continue
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


@given(
    st.permutations([50_000, 60_000]),
    st.tuples(*[st.sampled_from(["2020-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2030-01-01T00:00:00Z"])] * 2),
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


def test_property_10_what_ends_the_first_attempt_never_touches_the_second() -> None:
    store = MemoryStore()
    status = begun(store)
    move(status, "claim")
    move(status, "release")
    move(status, "claim", OTHER)
    status.save()
    events = list(store.events(MISSION_ID))
    late = [
        each.model_copy(update={"occur_time": "2040-01-01T00:00:00Z"}) if each.stream_version == 3 else each
        for each in events
    ]
    assert reduce(late, RULES).packages["WP01"].implementer == OTHER


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
