"""A record that nobody touched holds, and every touch is found, by name wherever something else vouches for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_client.history import Check, Verification, Verifier
from dome_contracts import chain, ids
from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime import v1

JOB = JobId("job-01m7vt481p2v8a5e5aw6df2ncq")
BEGIN = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
STDOUT, STDERR = v1.OutputStream.STDOUT, v1.OutputStream.STDERR
PAGES = ((STDOUT, b"one\ntwo\n"), (STDERR, b"oops\n"), (STDOUT, b"three"))


def record(pages: Sequence[tuple[v1.OutputStream, bytes]] = PAGES, result: bytes = b'{"n":1}') -> list[bytes]:
    """The stored events of a job that was started, wrote the pages, reported, and succeeded."""
    start = v1.RunProvenance(input_hash=digest_bytes(b"{}"), tool_versions={"test.print": "1.0.0"}, capture_time=BEGIN)
    digests = {
        stream: digest_bytes(b"".join(data for of, data in pages if of is stream)) for stream in (STDOUT, STDERR)
    }
    end = replace(
        start,
        result_digest=digest_bytes(result) if result else "",
        stdout_digest=digests[STDOUT],
        stderr_digest=digests[STDERR],
    )
    facts: list[tuple[str, Any]] = [
        ("submitted", v1.Submitted(skill_id="test.print", correlation=v1.Correlation(run_id="run-1"))),
        ("waiting", v1.Waiting(cause=v1.WaitCause.SLOT)),
        ("started", v1.Started(attempt=1, executor_backend="fake", provenance=start)),
        *(("output", v1.Output(of, data, ends_partial=not data.endswith(b"\n"))) for of, data in pages),
        ("progress", v1.Progress(message="half", done=1, total=2)),
    ]
    stored: list[bytes] = []
    seq = 1
    for name, fact in facts:
        records = len(fact.data.splitlines()) if name == "output" else 1
        stored.append(bytes(event(seq, name, fact, records=records)))
        seq += records
    totals = [
        v1.OutputTotals(of, len(data), data.count(b"\n") + (not data.endswith(b"\n")))
        for of in (STDOUT, STDERR)
        if (data := b"".join(data for other, data in pages if other is of))
    ]
    finished = v1.Finished(
        state=v1.JobState.SUCCEEDED,
        outcome=v1.Outcome(cause=v1.OutcomeCause.EXITED, exit_code=0, failure_reason_code="NONE", result=result),
        output_totals=totals,
        provenance=end,
        chain_head=head_of(stored),
    )
    return [*stored, bytes(event(seq, "finished", finished))]


def event(seq: int, name: str, fact: Any, *, records: int = 1) -> v1.JobEvent:
    made = v1.JobEvent(JOB, seq, seq + records - 1, ids.event_id(JOB, seq), BEGIN + timedelta(milliseconds=seq))
    setattr(made, name, fact)
    return made


def head_of(stored: Sequence[bytes]) -> str:
    return reduce(chain.link, stored, chain.genesis(JOB))


def job_of(stored: Sequence[bytes]) -> v1.Job:
    """The job as a daemon shows it that kept it apart from the events."""
    events = [v1.JobEvent.parse(data) for data in stored]
    (submitted,) = [each for each in events if each.submitted is not None]
    (started,) = [each for each in events if each.started is not None]
    finished = events[-1].finished
    assert finished is not None
    assert submitted.submitted is not None
    return v1.Job(
        job_id=JOB,
        skill_id=submitted.submitted.skill_id,
        correlation=submitted.submitted.correlation,
        state=finished.state,
        last_seq=events[-1].last_seq,
        create_time=submitted.occur_time,
        start_time=started.occur_time,
        end_time=events[-1].occur_time,
        attempt=1,
        progress=next(each.progress for each in reversed(events) if each.progress is not None),
        outcome=finished.outcome,
        provenance=finished.provenance,
    )


STORED = record()
JOB_SHOWN = job_of(STORED)
NAMES = [v1.JobEvent.parse(data).event_id for data in STORED]


def verify(stored: Sequence[bytes], job: v1.Job | None = JOB_SHOWN, *, head: str = "") -> Verification:
    verifier = Verifier(JOB)
    for data in stored:
        verifier.add(data)
    return verifier.conclude(job, head=head)


def broken(found: Verification) -> set[Check]:
    return {finding.check for finding in found.findings}


def named(found: Verification) -> set[str]:
    return {name for finding in found.findings for name in finding.event_ids}


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


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


REPORT = v1.Artifact("report", digest_bytes(b"report"), 6, "text/plain")
LOG = v1.Artifact("log", digest_bytes(b"log"), 3, "text/plain")


def producing(*artifacts: v1.Artifact, recorded: Sequence[v1.Artifact]) -> list[bytes]:
    """The record of a job that produced some, and says at its end that it produced others."""
    *before, last = STORED
    end = v1.JobEvent.parse(last)
    assert end.finished is not None
    assert end.finished.provenance is not None
    stored = list(before)
    for number, each in enumerate(artifacts):
        stored.append(bytes(event(end.seq + number, "artifact_produced", v1.ArtifactProduced(artifact=each))))
    finished = replace(
        end.finished,
        chain_head=head_of(stored),
        provenance=replace(end.finished.provenance, artifacts=list(recorded)),
    )
    return [*stored, bytes(event(end.seq + len(artifacts), "finished", finished))]


def test_a_record_that_names_what_the_events_name_holds() -> None:
    stored = producing(REPORT, LOG, recorded=[REPORT, LOG])
    found = verify(stored, replace(job_of(stored), artifacts=[REPORT, LOG]))
    assert found.holds
    assert found.checks[-1] is Check.ARTIFACTS


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ([], "names the artifact none, and the events 'report'"),
        ([REPORT], "names the artifact none, and the events 'log'"),
        ([REPORT, replace(LOG, digest=REPORT.digest)], f"names the artifact 'log' ({REPORT.digest})"),
        ([LOG, REPORT], "names the artifact 'log'"),
        ([REPORT, LOG, LOG], "and the events none"),
    ],
)
def test_a_record_that_names_other_artifacts_than_the_events_is_found(recorded: list[v1.Artifact], said: str) -> None:
    stored = producing(REPORT, LOG, recorded=recorded)
    found = verify(stored, replace(job_of(stored), artifacts=[REPORT, LOG]))
    assert broken(found) == {Check.ARTIFACTS}
    assert said in found.findings[0].message
    assert named(found) == {v1.JobEvent.parse(stored[-1]).event_id}


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
