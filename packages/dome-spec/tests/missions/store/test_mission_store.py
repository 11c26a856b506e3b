"""What a store of missions must do: one suite for all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.kernel import MissionName
from dome_spec.missions.status import Batch, MergeRefused, MissionStore, StreamMoved
from dome_spec.missions.store import MemoryStore, open_missions
from tests.missions_made import MISSION_ID, begun, ids, loaded, move

NAME = MissionName(MISSION_ID, "tried")


@pytest.fixture(params=["memory", "sqlite in memory", "sqlite in a file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MissionStore]:
    opened: MissionStore = MemoryStore()
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


def test_what_was_appended_is_there_by_stream_and_version(store: MissionStore) -> None:
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


def test_a_stream_that_moved_refuses_the_whole_batch(store: MissionStore) -> None:
    events = some()
    expected = {(MISSION_ID, None): 0, (MISSION_ID, "WP01"): 5}
    with pytest.raises(StreamMoved, match="WP01") as refused:
        store.append(Batch(events=events, expected=expected, documents=(("a/b", b"{}"),)))
    assert (refused.value.expected, refused.value.found) == (5, 0)
    assert store.events(MISSION_ID) == ()
    assert store.document(digest_bytes(b"{}")) is None


def test_of_two_that_decided_by_the_same_state_one_succeeds(store: MissionStore) -> None:
    begun(store)
    first, second = loaded(store, maker=ids(30_000)), loaded(store, maker=ids(40_000))
    move(first, "claim")
    move(second, "claim")
    first.save()
    before = store.events(MISSION_ID)
    with pytest.raises(StreamMoved):
        second.save()
    assert store.events(MISSION_ID) == before


def test_merging_takes_what_is_not_there_in_any_order(store: MissionStore) -> None:
    events = some(3)
    assert store.merge(events[3:], name=NAME) == len(events) - 3
    assert store.merge(tuple(reversed(events)), name=NAME) == 3
    assert store.merge(events, name=NAME) == 0
    assert store.events(MISSION_ID) == events


def test_another_event_of_the_same_id_is_refused_and_nothing_of_it_stays(store: MissionStore) -> None:
    events = some()
    store.merge(events[:1], name=NAME)
    altered = events[0].model_copy(update={"occur_time": "2020-01-01T00:00:00Z"})
    with pytest.raises(MergeRefused, match=events[0].event_id):
        store.merge((*events[1:], altered), name=NAME)
    assert store.events(MISSION_ID) == events[:1]


def test_a_document_is_found_by_its_digest_and_kept_once(store: MissionStore) -> None:
    store.append(Batch(documents=(("missions/mission", b'{"a":1}'), ("missions/mission", b'{"a":1}'))))
    assert store.document(digest_bytes(b'{"a":1}')) == b'{"a":1}'
    assert store.document(digest_bytes(b"other")) is None


def test_missions_are_listed_by_id_and_events_kept_apart(store: MissionStore) -> None:
    other = MissionName("mis-01hy2y63cm0000000000000000", "other", 7)
    store.merge((), name=other)
    store.merge(some(), name=NAME)
    assert store.missions() == tuple(sorted((NAME, other)))
    assert store.events(other.mission_id) == ()
