"""The events of one job as they are stored, the job as a daemon shows it, and what is found when both are verified."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

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
