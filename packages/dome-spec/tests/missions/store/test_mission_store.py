"""What a store of missions must do: one suite for all of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.status_event import StatusEvent
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.kernel import MissionName
from dome_spec.missions.status import Batch, Checkpoint, Force, MergeRefused, MissionStore, RunStore, StreamMoved
from dome_spec.missions.store import MemoryStore, open_missions
from tests.missions_made import ADA, MISSION_ID, PERSON, begun, ids, loaded, move, package

NAME = MissionName(MISSION_ID, "tried")


class Store(MissionStore, RunStore, Protocol):
    """Both ports: a run is kept beside its mission."""


@pytest.fixture(params=["memory", "sqlite in memory", "sqlite in a file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store = MemoryStore()
    if request.param != "memory":
        opened = open_missions(tmp_path / "missions.sqlite" if request.param == "sqlite in a file" else None)
    yield opened
    opened.close()


def some(count: int = 1) -> tuple[StatusEvent, ...]:
    """The events of a mission that was begun."""
    other = MemoryStore()
    status = begun(other)
    for _ in range(count - 1):
        move(status, "claim")
        move(status, "release")
    status.save()
    return other.events(MISSION_ID)


def test_what_was_appended_is_there_by_stream_and_version(store: Store) -> None:
    status = begun(store)
    move(status, "claim")
    status.save()
    assert [(each.subject.work_package_id, each.stream_version) for each in store.events(MISSION_ID)] == [
        (None, 1),
        (None, 2),
        ("WP01", 1),
        ("WP01", 2),
    ]
    assert store.missions() == (NAME,)


def test_a_stream_that_moved_refuses_the_whole_batch(store: Store) -> None:
    events = some()
    expected = {(MISSION_ID, None): 0, (MISSION_ID, "WP01"): 5}
    with pytest.raises(StreamMoved, match="WP01") as refused:
        store.append(Batch(events=events, expected=expected, documents=(("a/b", b"{}"),)))
    assert (refused.value.expected, refused.value.found) == (5, 0)
    assert store.events(MISSION_ID) == ()
    assert store.document(digest_bytes(b"{}")) is None


def test_of_two_that_decided_by_the_same_state_one_succeeds(store: Store) -> None:
    begun(store)
    first, second = loaded(store, maker=ids(30_000)), loaded(store, maker=ids(40_000))
    move(first, "claim")
    move(second, "claim")
    first.save()
    before = store.events(MISSION_ID)
    with pytest.raises(StreamMoved):
        second.save()
    assert store.events(MISSION_ID) == before


def test_a_claim_that_rests_on_what_moved_meanwhile_is_refused(store: Store) -> None:
    begun(store, package("WP01"), package("WP02", dependencies=["WP01"]))
    setting = loaded(store, maker=ids(30_000))
    forced = Force(accountable=PERSON, reason="It is done.")
    move(setting, "approve", ADA, to=Lane.APPROVED, force=forced)
    setting.save()
    claiming, undoing = loaded(store, maker=ids(40_000)), loaded(store, maker=ids(50_000))
    move(claiming, "claim", name="WP02")
    move(undoing, "reopen", ADA, force=forced)
    undoing.save()
    with pytest.raises(StreamMoved, match="WP01"):
        claiming.save()
    assert loaded(store).lane("WP02") is Lane.PLANNED


def test_merging_takes_what_is_not_there_in_any_order(store: Store) -> None:
    events = some(3)
    assert store.merge(events[3:], name=NAME) == len(events) - 3
    assert store.merge(tuple(reversed(events)), name=NAME) == 3
    assert store.merge(events, name=NAME) == 0
    assert store.events(MISSION_ID) == events


def test_another_event_of_the_same_id_is_refused_and_nothing_of_it_stays(store: Store) -> None:
    events = some()
    store.merge(events[:1], name=NAME)
    altered = events[0].model_copy(update={"occur_time": "2020-01-01T00:00:00Z"})
    with pytest.raises(MergeRefused, match=events[0].event_id):
        store.merge((*events[1:], altered), name=NAME)
    assert store.events(MISSION_ID) == events[:1]


def test_a_document_is_found_by_its_digest_and_kept_once(store: Store) -> None:
    store.append(Batch(documents=(("missions/mission", b'{"a":1}'), ("missions/mission", b'{"a":1}'))))
    assert store.document(digest_bytes(b'{"a":1}')) == b'{"a":1}'
    assert store.document(digest_bytes(b"other")) is None


def test_missions_are_listed_by_id_and_events_kept_apart(store: Store) -> None:
    other = MissionName("mis-01hy2y63cm0000000000000000", "other", 7)
    store.merge((), name=other)
    store.merge(some(), name=NAME)
    assert store.missions() == tuple(sorted((NAME, other)))
    assert store.events(other.mission_id) == ()


def test_a_mission_has_no_run_before_one_is_put(store: Store) -> None:
    begun(store)
    assert store.run(MISSION_ID) is None


def test_a_run_is_replaced_as_a_whole_and_its_revision_counts(store: Store) -> None:
    store.put_run(MISSION_ID, b"one", expected=0)
    assert store.run(MISSION_ID) == (b"one", 1)
    store.put_run(MISSION_ID, b"two", expected=1)
    store.put_run(MISSION_ID, b"", expected=2)
    assert store.run(MISSION_ID) == (b"", 3)


@pytest.mark.parametrize("expected", [0, 2, -1])
def test_a_run_that_was_read_at_another_revision_is_not_replaced(store: Store, expected: int) -> None:
    store.put_run(MISSION_ID, b"one", expected=0)
    with pytest.raises(StreamMoved) as refused:
        store.put_run(MISSION_ID, b"other", expected=expected)
    assert (refused.value.expected, refused.value.found) == (expected, 1)
    assert store.run(MISSION_ID) == (b"one", 1)


def test_a_run_that_is_not_there_cannot_be_replaced(store: Store) -> None:
    with pytest.raises(StreamMoved):
        store.put_run(MISSION_ID, b"one", expected=1)
    assert store.run(MISSION_ID) is None


def test_each_mission_has_a_run_of_its_own(store: Store) -> None:
    other = "mis-01hy2y63cm0000000000000000"
    store.put_run(MISSION_ID, b"one", expected=0)
    store.put_run(other, b"other", expected=0)
    assert (store.run(MISSION_ID), store.run(other)) == ((b"one", 1), (b"other", 1))
    assert store.events(MISSION_ID) == ()


def test_a_run_is_there_for_who_opens_the_file_again(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    first, second = open_missions(path), open_missions(path)
    first.put_run(MISSION_ID, b"one", expected=0)
    with pytest.raises(StreamMoved):
        second.put_run(MISSION_ID, b"other", expected=0)
    first.close()
    assert second.run(MISSION_ID) == (b"one", 1)
    second.close()


def test_a_stream_of_which_events_were_dropped_can_go_on_and_only_one_goes_on(store: Store) -> None:
    begun(store)
    here, there = loaded(store, maker=ids(30_000)), loaded(store, maker=ids(40_000))
    move(here, "claim")
    for operation in ("claim", "start", "submit"):
        move(there, operation)
    store.merge(here.history("WP01"), name=NAME)
    store.merge(there.history("WP01"), name=NAME)
    for start in (50_000, 60_000):
        status = loaded(store, maker=ids(start))
        assert status.lane("WP01").value == "claimed"
    first, second = loaded(store, maker=ids(50_000)), loaded(store, maker=ids(60_000))
    first.acknowledge("WP01", "The first holds.", ADA)
    second.acknowledge("WP01", "The first holds.", ADA)
    first.save()
    with pytest.raises(StreamMoved):
        second.save()
    again = loaded(store, maker=ids(70_000))
    assert again.package("WP01").open_forks == ()
    move(again, "start")
    again.save()
    assert loaded(store).lane("WP01").value == "in_progress"


def kept(position: int, key: str = "key", body: bytes = b"{}") -> Batch:
    made = Checkpoint(mission_id=MISSION_ID, key=key, position=position, body=body)
    return Batch(checkpoint=made)


def test_events_are_read_by_stream_and_by_the_order_in_which_they_were_kept(store: Store) -> None:
    events = some(3)
    store.merge(tuple(reversed(events)), name=NAME)
    last = store.position(MISSION_ID)
    assert store.tail(MISSION_ID, after=0, until=last) == tuple(reversed(events))
    assert store.count(MISSION_ID, after=0, until=last) == len(events)
    assert store.streams(MISSION_ID) == (None, "WP01")
    assert store.stream((MISSION_ID, "WP01")) == tuple(each for each in events if each.subject.work_package_id)
    (first,) = store.tail(MISSION_ID, after=0, until=1)
    assert store.stream((MISSION_ID, "WP01"), until=1) == (first,)
    assert store.tail(MISSION_ID, after=1, until=2) == (events[-2],)


def test_a_mission_that_is_not_there_has_no_position_and_no_streams(store: Store) -> None:
    store.merge(some(), name=NAME)
    other = "mis-01hy2y63cm0000000000000000"
    assert (store.position(other), store.streams(other), store.stream((other, None))) == (0, (), ())
    assert store.checkpoint(other, "key") is None


def test_a_checkpoint_is_there_for_its_key_alone(store: Store) -> None:
    store.merge(some(), name=NAME)
    store.append(kept(2))
    assert store.checkpoint(MISSION_ID, "key") == kept(2).checkpoint
    assert store.checkpoint(MISSION_ID, "other") is None


def test_a_checkpoint_gives_way_to_one_that_reaches_further_or_is_good_for_something_else(store: Store) -> None:
    store.merge(some(), name=NAME)
    for batch, holds in ((kept(2), 2), (kept(1), 2), (kept(2, body=b"other"), 2), (kept(3), 3)):
        store.append(batch)
        found = store.checkpoint(MISSION_ID, "key")
        assert found is not None
        assert (found.position, found.body) == (holds, b"{}")
    store.append(kept(1, key="other"))
    assert store.checkpoint(MISSION_ID, "key") is None
    assert store.checkpoint(MISSION_ID, "other") == kept(1, key="other").checkpoint


def test_a_batch_that_is_refused_leaves_the_checkpoint_as_it_was(store: Store) -> None:
    store.merge(some(), name=NAME)
    store.append(kept(1))
    with pytest.raises(StreamMoved):
        store.append(replace(kept(2), expected={(MISSION_ID, "WP01"): 9}))
    assert store.checkpoint(MISSION_ID, "key") == kept(1).checkpoint
