"""A checkpoint is a cache: with it and without it a log says the same, wherever it was made and however events came."""

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.schema.governance.mission_type import TransitionTable
from dome_contracts.schema.missions.status_event import NoteAdded, StatusEvent
from dome_spec.missions.exchange import export, read_log, take_in
from dome_spec.missions.status import Batch, Checkpoint, MissionStore, Table, merge, upstream_table
from dome_spec.missions.status.checkpoint import EVENTS_MIN, REDUCER, decoded, encoded, key_of
from dome_spec.missions.status.continued import continued
from dome_spec.missions.status.loading import TAIL_MAX, load
from dome_spec.missions.status.reduce import NOTHING, Folded, folded
from dome_spec.missions.status.state import Fork, PackageState
from dome_spec.missions.store import MemoryStore
from tests.mission_walks import forked, walks
from tests.missions_made import ADA, MISSION_ID, OTHER, TABLE, begun, ids, loaded, move, review, table, to_review

SHIPPED = [table(each) for each in ("software-change", "small-change")]
NAME = "evt-7zhy2y63cm7n59a7hdtrjvm"


def gone_on(known: Folded, events: Sequence[StatusEvent], begin: int, rules: Table) -> Folded:
    """What the log says from a beginning, by what was kept of it as bytes."""
    kept = decoded(encoded(known))
    assert kept == known
    return continued(
        kept, events[begin:], rules, lambda name: [each for each in events if each.subject.work_package_id == name]
    )


@pytest.mark.parametrize("by", SHIPPED, ids=lambda each: each.id)
@given(st.data())
@settings(max_examples=25)
def test_property_11_a_checkpoint_and_the_tail_say_what_the_whole_log_says_at_every_position(
    by: TransitionTable, data: st.DataObject
) -> None:
    one, other = data.draw(forked(by=by))
    events = data.draw(st.permutations(merge(one, other)))
    rules = Table(by)
    whole = folded(events, rules)
    for position in range(len(events) + 1):
        known = folded(events[:position], rules)
        assert gone_on(known, events, position, rules) == whole


@given(walks(6), st.data())
@settings(max_examples=25)
def test_one_checkpoint_after_another_says_what_the_whole_log_says(store: MemoryStore, data: st.DataObject) -> None:
    events = data.draw(st.permutations(store.events(MISSION_ID)))
    stops = sorted(data.draw(st.sets(st.integers(0, len(events)))))
    known, begin, rules = NOTHING, 0, Table(TABLE)
    for stop in (*stops, len(events)):
        known = gone_on(known, events[:stop], begin, rules)
        begin = stop
    assert known == folded(events, rules)


def test_imported_events_are_judged_by_the_table_of_their_writers_also_behind_a_checkpoint() -> None:
    store = MemoryStore()
    begun(store)
    events = list(store.events(MISSION_ID))
    value = events[-1].to_value()
    value |= {
        "event_id": f"{NAME}001",
        "cause": events[-1].event_id,
        "stream_version": 2,
        "fact": {
            "kind": "package_transitioned",
            "move": {"operation": "approve", "from": "planned", "to": "approved"},
        },
        "imported_from": {"format": "upstream_status_events", "event_id": "1", "digest": digest_bytes(b"1")},
    }
    events.append(StatusEvent.from_value(value))
    rules = Table(TABLE)
    assert gone_on(folded(events[:-1], rules), events, 3, rules) == folded(events, rules)
    assert upstream_table().source.id == "upstream-1"


def with_checkpoint(store: MissionStore, position: int, folded_then: Folded, key: str | None = None) -> None:
    made = Checkpoint(
        mission_id=MISSION_ID,
        key=key or key_of(digest(TABLE.to_value())),
        position=position,
        body=encoded(folded_then),
    )
    store.append(Batch(checkpoint=made))


def test_a_mission_is_loaded_the_same_from_every_checkpoint() -> None:
    store = MemoryStore()
    status = begun(store)
    to_review(status)
    status.review(review(status, "changes_requested"), OTHER)
    status.save()
    expected = loaded(store)
    for position in range(1, store.position(MISSION_ID) + 1):
        then = folded(store.tail(MISSION_ID, after=0, until=position), Table(TABLE))
        with_checkpoint(store, position, then)
        again = loaded(store)
        assert again.snapshot == expected.snapshot
        assert again.history("WP01") == expected.history("WP01")
    assert load(store, MISSION_ID).fresh_count == 0


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"[null,{},[],[]]", b"\xff"])
def test_bytes_that_are_not_understood_are_no_checkpoint(body: bytes) -> None:
    store = MemoryStore()
    begun(store)
    expected = loaded(store).snapshot
    made = Checkpoint(mission_id=MISSION_ID, key=key_of(digest(TABLE.to_value())), position=3, body=body)
    store.append(Batch(checkpoint=made))
    assert decoded(body) is None
    assert loaded(store).snapshot == expected


def test_a_checkpoint_for_another_table_reducer_or_form_is_not_read() -> None:
    store = MemoryStore()
    begun(store)
    expected = loaded(store).snapshot
    with_checkpoint(store, 3, NOTHING, key=key_of(digest_bytes(b"another table")))
    assert loaded(store).snapshot == expected
    assert key_of(digest_bytes(b"one")) != key_of(digest_bytes(b"other"))


def test_a_writer_makes_a_checkpoint_when_enough_has_come_and_none_before() -> None:
    store = MemoryStore()
    begun(store)
    key = key_of(digest(TABLE.to_value()))

    def note(count: int, start: int) -> None:
        status = loaded(store, maker=ids(start))
        for _ in range(count):
            status.state("WP01", NoteAdded(kind="note_added", text="So it is."), ADA)
        status.save()

    note(EVENTS_MIN - 4, 30_000)
    note(1, 40_000)
    assert store.checkpoint(MISSION_ID, key) is None
    note(1, 50_000)
    made = store.checkpoint(MISSION_ID, key)
    assert made is not None
    # What it covers is what the writer had read: what it wrote comes after it.
    assert made.position == EVENTS_MIN
    assert load(store, MISSION_ID).fresh_count == 1
    note(1, 60_000)
    assert store.checkpoint(MISSION_ID, key) == made


def test_a_tail_that_is_very_long_is_read_stream_by_stream_and_says_the_same() -> None:
    store = MemoryStore()
    status = begun(store)
    with_checkpoint(store, 3, folded(store.events(MISSION_ID), Table(TABLE)))
    for _ in range(TAIL_MAX + 1):
        status.state(None, NoteAdded(kind="note_added", text="So it is."), ADA)
    status.save()
    found = load(store, MISSION_ID)
    assert found.fresh_count == TAIL_MAX + 1
    assert found.folded.snapshot == status.snapshot


GOLDEN = Path(__file__).with_name("reducer.json")
"""The digest of what a log of every kind of fact says, by version of the reducer."""


def plain(value: Any) -> Any:
    """Without what the reducer does not decide: the order within sets, and digests of documents."""
    match value:
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list():
            return sorted((plain(each) for each in value), key=repr)
        case str() if value.startswith("sha256:"):
            return "sha256"
        case _:
            return value


def test_the_reducer_has_another_version_where_the_same_log_says_something_else() -> None:
    store = MemoryStore()
    status = begun(store)
    to_review(status)
    status.review(review(status, "changes_requested"), OTHER)
    move(status, "request_changes", OTHER)
    move(status, "block")
    move(status, "resume")
    move(status, "submit")
    status.save()
    sides = [loaded(store, maker=ids(start)) for start in (50_000, 60_000)]
    for side in sides:
        side.state("WP01", NoteAdded(kind="note_added", text="So it is."), ADA)
        store.merge(side.history("WP01"), name=store.missions()[0])
    status = loaded(store, maker=ids(70_000))
    status.acknowledge("WP01", "The first holds.", ADA)
    status.save()
    said = digest(plain(json.loads(encoded(folded(store.events(MISSION_ID), Table(TABLE))))))
    known = json.loads(GOLDEN.read_text())
    assert known.get(str(REDUCER)) == said, "what the same log says has changed: raise REDUCER, and add its digest"


def test_every_field_of_what_is_known_is_kept() -> None:
    store = MemoryStore()
    status = begun(store)
    to_review(status)
    status.save()
    state = folded(store.events(MISSION_ID), Table(TABLE))
    again = decoded(encoded(state))
    assert again is not None
    for name in PackageState._fields:
        assert getattr(again.snapshot.packages["WP01"], name) == getattr(state.snapshot.packages["WP01"], name)
    assert {each.name for each in fields(Fork)} == {"parent", "children", "winner", "rule", "tips"}


def test_a_long_log_that_is_carried_in_has_a_checkpoint_at_once() -> None:
    here, there = MemoryStore(), MemoryStore()
    status = begun(here)
    for _ in range(EVENTS_MIN):
        status.state("WP01", NoteAdded(kind="note_added", text="So it is."), ADA)
    status.save()
    log = read_log(export(here, MISSION_ID))
    assert take_in(there, log) == EVENTS_MIN + 3
    found = load(there, MISSION_ID)
    assert (found.fresh_count, found.folded.snapshot) == (0, load(here, MISSION_ID).folded.snapshot)
    assert take_in(there, log) == 0
