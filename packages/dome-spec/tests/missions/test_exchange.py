"""Missions carried elsewhere, and logs of another project taken over."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.missions.status_event import EffectorBound, NoteAdded, PackageTransitioned
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.kernel import MissionName
from dome_spec.missions.exchange import Import, LogUnreadable, export, import_upstream, read_log, take_in
from dome_spec.missions.status import MergeRefused, MissionStore, StreamInvalid, Table
from dome_spec.missions.store import MemoryStore, open_missions
from tests.missions_made import ADA, MISSION_ID, OTHER, PERSON, TABLE, begun, loaded, move, package, review, to_review


def worked() -> MissionStore:
    store = MemoryStore()
    status = begun(store, package("WP01"), package("WP02"))
    to_review(status)
    status.review(review(status, "changes_requested"), OTHER)
    move(status, "request_changes", OTHER)
    status.save()
    return store


def begun_store() -> MissionStore:
    store = MemoryStore()
    begun(store, package("WP01"))
    return store


def test_a_mission_that_was_carried_elsewhere_is_the_same_there() -> None:
    store = worked()
    lines = list(export(store, MISSION_ID))
    assert lines == list(export(store, MISSION_ID))
    there = open_missions(None)
    log = read_log(lines)
    assert take_in(there, log) == len(log.events)
    assert take_in(there, log) == 0
    assert list(export(there, MISSION_ID)) == lines
    assert loaded(there).snapshot == loaded(store).snapshot
    assert there.missions() == (MissionName(MISSION_ID, "tried"),)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([b"{"], "Line 1 cannot be read"),
        ([b"[]"], "Line 1 is neither"),
        ([b'{"event": {}}'], "Line 1 cannot be read"),
        ([b'{"family": "a/b", "document": {}}'], "no family of a mission"),
        ([b'{"family": [], "document": {}}'], "no family of a mission"),
        ([b'{"family": "governance/mission_type", "document": {}}'], "Line 1 cannot be read"),
        ([b'{"family": "governance/mission_type", "document": []}'], "Line 1 cannot be read"),
        ([b'{"family": "missions/mission", "document": "x"}'], "Line 1 cannot be read"),
        ([], "No event says"),
    ],
)
def test_what_is_no_log_of_a_mission_is_refused_by_line(lines: list[bytes], says: str) -> None:
    with pytest.raises(LogUnreadable, match=says):
        read_log(lines)


def test_a_log_without_its_mission_is_refused() -> None:
    lines = [line for line in export(worked(), MISSION_ID) if not line.startswith(b'{"document":{"accountable"')]
    with pytest.raises(LogUnreadable, match="own document"):
        read_log(lines)


def altered(change: Any) -> Any:
    """A log, and the same with another last event of the package."""
    lines = list(export(worked(), MISSION_ID))
    place = max(at for at, each in enumerate(lines) if b'"work_package_id":"WP01"' in each and b'"event"' in each)
    event = json.loads(lines[place])["event"]
    change(event)
    return lines, [*lines[:place], json.dumps({"event": event}).encode(), *lines[place + 1 :]]


def test_what_could_not_be_read_with_what_is_there_is_not_kept() -> None:
    def elsewhere(event: Any) -> None:
        event["fact"]["move"] = {"operation": "integrate", "from": "approved", "to": "done"}

    def again(event: Any) -> None:
        event["occur_time"] = "2020-01-01T00:00:00Z"

    for change, refusal in ((elsewhere, StreamInvalid), (again, MergeRefused)):
        good, bad = altered(change)
        there = open_missions(None)
        if refusal is MergeRefused:
            take_in(there, read_log(good))
        before = there.events(MISSION_ID)
        with pytest.raises(refusal):
            take_in(there, read_log(bad))
        assert there.events(MISSION_ID) == before


def test_a_package_of_a_log_begins_where_the_table_says() -> None:
    lines = [line.replace(b'"kind":"package_seeded","lane":"planned"', b'"kind":"package_seeded","lane":"approved"')
             for line in export(begun_store(), MISSION_ID)]  # fmt: skip
    assert lines != list(export(begun_store(), MISSION_ID))
    there = open_missions(None)
    with pytest.raises(StreamInvalid, match="begins in planned, not in approved"):
        take_in(there, read_log(lines))
    assert there.missions() == ()


def test_a_log_without_a_document_that_an_event_names_is_refused() -> None:
    lines = list(export(worked(), MISSION_ID))
    for family in (b'"family":"missions/work_package"', b'"family":"governance/mission_type"'):
        there = open_missions(None)
        with pytest.raises(LogUnreadable, match="missing"):
            take_in(there, read_log([each for each in lines if family not in each]))
        assert there.missions() == ()


def line(number: int, left: str, to: str, **more: Any) -> bytes:
    value = {
        "event_id": f"01HY2Y63CM7N59A7HDTRJV{number:04d}",
        "mission_slug": "tried",
        "wp_id": "WP01",
        "from_lane": left,
        "to_lane": to,
        "at": f"2025-01-01T00:00:{number:02d}+00:00",
        "actor": "claude",
        "force": False,
        "execution_mode": "worktree",
    }
    return json.dumps({**value, **more}).encode()


WAY = [
    line(1, "genesis", "planned", actor="finalize-tasks"),
    line(2, "planned", "claimed"),
    line(3, "claimed", "doing"),
    line(4, "in_progress", "for_review", reason="Ready."),
    line(
        5, "for_review", "in_review", actor={"role": "reviewer", "profile": "careful", "tool": "codex", "model": "m-2"}
    ),
    line(6, "in_review", "approved", actor="user"),
]


def taken(lines: list[bytes], store: MissionStore | None = None, known: tuple[str, ...] = ()) -> Import:
    if store is None:
        begun(store := MemoryStore())
    packages = loaded(store).snapshot.packages
    return import_upstream(
        lines, mission_id=MISSION_ID, packages=packages, table=Table(TABLE), accountable=PERSON, known=known
    )


def test_a_log_of_another_project_is_taken_over_with_who_acted() -> None:
    begun(store := MemoryStore())
    found = taken(WAY, store)
    assert (found.taken, found.refused) == (6, [])
    store.merge(tuple(found.events), name=store.missions()[0])
    status = loaded(store)
    assert status.lane("WP01") is Lane.APPROVED
    actors = [(each.effector.kind.value, each.effector.id) for each in status.history("WP01")[1:]]
    assert actors == [("llm", "claude")] * 3 + [("llm", "codex"), ("human", "user")]
    assert all(each.imported_from is not None for each in status.history("WP01")[1:])


@given(st.permutations(WAY))
def test_the_order_of_the_lines_does_not_matter(lines: list[bytes]) -> None:
    assert taken(lines).events == taken(WAY).events


def test_what_was_taken_once_is_not_taken_again() -> None:
    begun(store := MemoryStore())
    first = taken(WAY, store)
    store.merge(tuple(first.events), name=store.missions()[0])
    known = tuple(each.imported_from.digest for each in first.events if each.imported_from is not None)
    again = taken(WAY, store, known)
    assert (again.events, again.refused, again.taken) == ([], [], 6)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"{", "NOT_JSON"),
        (b"[1]", "NOT_JSON"),
        (line(7, "approved", "heaven"), "LANE_UNKNOWN"),
        (line(7, "planned", "claimed"), "OUT_OF_ORDER"),
        (line(7, "approved", "done", wp_id="WP99"), "PACKAGE_UNKNOWN"),
        (line(7, "approved", "done", at="yesterday"), "TIME_INVALID"),
        (line(6, "in_review", "approved", reason="Another."), "ID_TWICE"),
        (
            json.dumps(
                {"kind": "annotation", "wp_id": "WP01", "at": "2025-01-01T00:01:00Z", "delta": {"shell_pid": 1}}
            ).encode(),
            "NO_COUNTERPART",
        ),
        (json.dumps({"event_type": "MissionCreated", "at": "2025-01-01T00:01:00Z"}).encode(), "NO_COUNTERPART"),
    ],
)
def test_a_line_that_cannot_be_taken_is_refused_with_its_reason_and_the_others_are_taken(
    bad: bytes, reason: str
) -> None:
    found = taken([*WAY, bad])
    assert [(each.line, each.reason) for each in found.refused] == [(7, reason)]
    assert len(found.events) == 5


def test_annotations_become_subtasks_notes_and_bindings() -> None:
    delta = {
        "subtasks": {"T001": "done"},
        "note": "Look here.",
        "agent": "codex",
        "role": "implementer",
        "model": "m-2",
    }
    noted = json.dumps(
        {
            "event_id": "x",
            "kind": "annotation",
            "wp_id": "WP01",
            "at": "2025-01-01T00:01:00Z",
            "actor": "claude",
            "delta": delta,
        }
    )
    begun(store := MemoryStore())
    found = taken([*WAY, noted.encode()], store)
    store.merge(tuple(found.events), name=store.missions()[0])
    state = loaded(store).package("WP01")
    assert {name: each.value for name, each in state.subtasks.items()} == {"T001": "done"}
    assert [each.id for each in state.bound.values()] == ["codex"]


def test_what_was_forced_there_is_an_override_here() -> None:
    begun(store := MemoryStore())
    lines = [*WAY, line(7, "approved", "done"), line(8, "done", "in_progress", force=True, reason="It broke.")]
    found = taken(lines, store)
    assert found.refused == []
    store.merge(tuple(found.events), name=store.missions()[0])
    state = loaded(store).package("WP01")
    assert (state.lane, state.force_count) == (Lane.IN_PROGRESS, 1)
    assert ADA.id == PERSON.id


def annotation(**delta: Any) -> bytes:
    value = {"kind": "annotation", "wp_id": "WP01", "at": "2025-01-01T00:00:09Z", "event_id": "9", "delta": delta}
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "bad",
    [
        annotation(subtasks={"T001": "done"}, note="So it is.", agent="claude", role="wizard"),
        annotation(subtasks={"T001": "done", "T1": "done"}),
        annotation(note="x" * 100_000),
        annotation(subtasks=["T001"]),
        annotation(model="m-2", agent_profile="careful"),
        annotation(agent="claude", agent_profile="no profile of ours!"),
        annotation(agent="claude", assignee="bert"),
        annotation(subtasks={}, note=" "),
        line(7, "approved", "done", reason="x" * 100_000),
        line(7, "approved", "done", reason={"why": "It is done."}),
        line(7, "approved", "done", weather="fine"),
    ],
)
def test_a_line_that_cannot_be_taken_whole_is_refused_whole(bad: bytes) -> None:
    found = taken([*WAY, bad])
    assert [each.line for each in found.refused] == [7]
    assert found.events == taken(WAY).events


def test_what_another_project_says_of_proof_and_review_is_kept_beside_the_move() -> None:
    begun(store := MemoryStore())
    proof = {"review": {"reviewer": "codex", "verdict": "approved", "reference": "review-1.md"}}
    said = {"evidence": proof, "review_ref": "review-1.md"}
    found = taken([*WAY, line(7, "approved", "done", policy_metadata=None, **said)], store)
    assert found.refused == []
    move, note = found.events[-2:]
    assert isinstance(move.fact, PackageTransitioned)
    assert isinstance(note.fact, NoteAdded)
    assert json.loads(note.fact.text) == said
    assert move.imported_from == note.imported_from
    store.merge(tuple(found.events), name=store.missions()[0])
    assert loaded(store).lane("WP01") is Lane.DONE


def test_who_is_bound_has_the_profile_that_the_line_says() -> None:
    begun(store := MemoryStore())
    found = taken([*WAY, annotation(agent="claude", agent_profile="careful_reviewer", model="m-2")], store)
    assert found.refused == []
    fact = found.events[-1].fact
    assert isinstance(fact, EffectorBound)
    bound = fact.bound
    assert (bound.id, bound.model, bound.profile_ref) == ("claude", "m-2", "careful-reviewer")
