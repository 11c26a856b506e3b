"""A record that nobody touched holds, and every touch is found, by name wherever something else vouches for it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_client.history import Check
from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime import v1
from tests.recorded_job import (
    BEGIN,
    JOB,
    JOB_SHOWN,
    NAMES,
    STDERR,
    STDOUT,
    STORED,
    broken,
    event,
    flipped,
    head_of,
    job_of,
    named,
    record,
    verify,
)

pages = st.lists(
    st.tuples(st.sampled_from([STDOUT, STDERR]), st.lists(st.sampled_from([b"a\n", b"\n", b"\xff\n"]), min_size=1)),
    max_size=5,
).map(lambda found: [(of, b"".join(lines)) for of, lines in found])


@given(pages)
def test_a_record_that_nobody_touched_holds(written: list[tuple[v1.OutputStream, bytes]]) -> None:
    stored = record(written)
    found = verify(stored, job_of(stored), head=head_of(stored[:-1]))
    assert found.findings == []
    assert (found.events, found.chain_head) == (len(stored), found.computed_chain_head)
    assert found.holds


@pytest.mark.parametrize("place", range(len(STORED)), ids=NAMES)
def test_every_changed_byte_is_found(place: int) -> None:
    for position in range(len(STORED[place])):
        changed = [*STORED]
        changed[place] = flipped(STORED[place], position)
        assert not verify(changed).holds, f"byte {position}"


@pytest.mark.parametrize("place", [0, 2, 3, 4, 5, 6], ids=lambda place: NAMES[place])
def test_a_change_of_what_is_recorded_twice_is_found_by_the_name_of_its_event(place: int) -> None:
    words = (b"test.print", b"", b"sha256:", b"two", b"oops", b"three", b"half")[place]
    assert words in STORED[place]
    changed = [*STORED]
    changed[place] = STORED[place].replace(words, words.upper(), 1)
    found = verify(changed)
    assert NAMES[place] in named(found)
    assert Check.CHAIN in broken(found)


@pytest.mark.parametrize("place", range(len(STORED) - 1), ids=NAMES[:-1])
def test_a_removed_event_is_found_by_name(place: int) -> None:
    found = verify([*STORED[:place], *STORED[place + 1 :]])
    (missing,) = found.of(Check.ORDER)
    assert "missing" in missing.message
    assert missing.event_ids == [NAMES[place]]


def test_a_removed_end_is_found() -> None:
    found = verify(STORED[:-1])
    assert Check.END in broken(found)
    assert "no terminal event" in found.of(Check.END)[0].message


@pytest.mark.parametrize("place", range(len(STORED) - 1), ids=NAMES[:-1])
def test_a_swapped_pair_is_found_by_both_names(place: int) -> None:
    swapped = [*STORED]
    swapped[place], swapped[place + 1] = STORED[place + 1], STORED[place]
    found = verify(swapped)
    assert {name for finding in found.of(Check.ORDER) for name in finding.event_ids} == set(NAMES[place : place + 2])


def test_an_event_that_is_there_twice_is_found() -> None:
    found = verify([*STORED[:4], STORED[3], *STORED[4:]])
    assert [finding.event_ids for finding in found.of(Check.ORDER)] == [[NAMES[3]]]


def test_what_follows_the_end_is_found() -> None:
    late = bytes(event(v1.JobEvent.parse(STORED[-1]).last_seq + 1, "signaled", v1.Signaled(signal=9)))
    found = verify([*STORED, late])
    assert [finding.event_ids for finding in found.of(Check.END)] == [[NAMES[-1]]]
    assert Check.CHAIN not in broken(found), "the chain ends with the end"


def test_a_second_end_is_found() -> None:
    last = v1.JobEvent.parse(STORED[-1])
    assert last.finished is not None
    again = event(last.seq + 1, "finished", last.finished)
    assert "2 terminal events" in verify([*STORED, bytes(again)]).of(Check.END)[0].message


def test_an_event_of_another_job_is_found_by_its_place() -> None:
    other = replace(v1.JobEvent.parse(STORED[3]), job_id="job-01m7vt481p2v8a5e5aw6df2ncr")
    found = verify([*STORED[:3], bytes(other), *STORED[4:]])
    assert [finding.event_ids for finding in found.of(Check.FORM)] == [(NAMES[3],)]


def test_bytes_that_are_no_event_are_found_by_their_place() -> None:
    found = verify([*STORED[:3], b"\xff\xff\xff", *STORED[4:]])
    (unreadable,) = found.of(Check.FORM)
    assert "in place 4" in unreadable.message
    assert f"after event {v1.JobEvent.parse(STORED[2]).last_seq}," in unreadable.message


def test_a_record_that_was_made_anew_is_found_with_a_head_that_was_kept() -> None:
    forged = record([(STDOUT, b"something else\n")])
    kept = head_of(STORED[:-1])
    assert verify(forged, job_of(forged)).holds
    found = verify(forged, job_of(forged), head=kept)
    assert broken(found) == {Check.HEAD}
    assert kept in found.findings[0].message


def test_another_result_than_the_one_that_was_recorded_is_found_at_the_end() -> None:
    last = v1.JobEvent.parse(STORED[-1])
    assert last.finished is not None
    assert last.finished.outcome is not None
    outcome = replace(last.finished.outcome, result=b'{"n":2}')
    changed = replace(last, finished=replace(last.finished, outcome=outcome))
    found = verify([*STORED[:-1], bytes(changed)])
    assert broken(found) == {Check.RESULT}
    assert named(found) == {NAMES[-1]}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"state": v1.JobState.FAILED}, NAMES[-1]),
        ({"end_time": BEGIN}, NAMES[-1]),
        ({"request_digest": "sha256:1"}, NAMES[0]),
        ({"attempt": 2}, NAMES[2]),
        ({"progress": None}, NAMES[-2]),
        ({"artifacts": [v1.Artifact(name="a")]}, ""),
        ({"cancel_requested": True}, ""),
        ({"last_seq": 99}, ""),
    ],
)
def test_a_job_that_says_something_else_than_its_events_is_found(change: dict[str, Any], name: str) -> None:
    found = verify(STORED, replace(JOB_SHOWN, **change))
    assert broken(found) == {Check.SNAPSHOT}
    assert named(found) == ({name} if name else set())
    assert next(iter(change)) in found.findings[0].message


def test_a_hundred_faults_are_counted_and_not_told_one_by_one() -> None:
    many = [bytes(event(2 * seq, "signaled", v1.Signaled(signal=9))) for seq in range(1, 101)]
    assert len(verify(many, None).of(Check.ORDER)) == 11


def test_the_record_of_a_job_that_never_started_is_held_against_its_end() -> None:
    submitted = event(1, "submitted", v1.Submitted(skill_id="test.print"))
    record = v1.RunProvenance(input_hash=digest_bytes(b"{}"))
    before = [bytes(submitted)]
    outcome = v1.Outcome(cause=v1.OutcomeCause.DENIED)
    finished = v1.Finished(state=v1.JobState.FAILED, outcome=outcome, provenance=record, chain_head=head_of(before))
    stored = [*before, bytes(event(2, "finished", finished))]
    job = v1.Job(
        job_id=JOB,
        skill_id="test.print",
        state=v1.JobState.FAILED,
        last_seq=2,
        create_time=BEGIN + timedelta(milliseconds=1),
        end_time=BEGIN + timedelta(milliseconds=2),
        outcome=outcome,
        provenance=record,
    )
    assert verify(stored, job).findings == []
    other = replace(job, provenance=v1.RunProvenance(input_hash=digest_bytes(b"[]")))
    assert broken(verify(stored, other)) == {Check.SNAPSHOT}
