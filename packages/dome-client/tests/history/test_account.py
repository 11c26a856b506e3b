"""Laws of the explanation: it accounts for the time and the bytes of a job, whatever happened."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_client.history import Limit, explain
from dome_client.history.account import SILENCE_MIN, SILENCES_MAX
from dome_client.history.output import STREAMS
from dome_contracts.runtime import v1

BEGIN = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
Fact = tuple[str, Any]


def events(facts: Sequence[tuple[Fact, timedelta]]) -> list[v1.JobEvent]:
    """Facts, each so long after the one before, as the events of a job."""
    made: list[v1.JobEvent] = []
    seq, time = 1, BEGIN
    for (name, fact), pause in facts:
        records = fact.data.count(b"\n") + (not fact.data.endswith(b"\n")) if name == "output" else 1
        time += pause
        made.append(v1.JobEvent("job-1", seq, seq + records - 1, f"evt-{seq}", time))
        setattr(made[-1], name, fact)
        seq += records
    return made


def after(*facts: tuple[float, Fact]) -> list[v1.JobEvent]:
    """Facts at seconds after the first."""
    times = [0.0, *(at_s for at_s, _ in facts)]
    pauses = [timedelta(seconds=at_s - before_s) for before_s, at_s in pairwise(times)]
    return events([(fact, pause) for (_, fact), pause in zip(facts, pauses, strict=True)])


def output(data: bytes, stream: v1.OutputStream = v1.OutputStream.STDOUT) -> Fact:
    return "output", v1.Output(stream, data, ends_partial=not data.endswith(b"\n"))


def finished(cause: v1.OutcomeCause, reason: str, state: v1.JobState = v1.JobState.FAILED) -> Fact:
    return "finished", v1.Finished(state, v1.Outcome(cause=cause, failure_reason_code=reason))


def waiting(lock: str = "", holder: str = "") -> Fact:
    cause = v1.WaitCause.LOCK if lock else v1.WaitCause.SLOT
    return "waiting", v1.Waiting(cause, lock, holder)


SUBMITTED: Fact = ("submitted", v1.Submitted(skill_id="test.tool", tool_version="1.0.0"))
STARTED: Fact = ("started", v1.Started(attempt=1, executor_backend="fake"))
WELL = finished(v1.OutcomeCause.EXITED, "NONE", v1.JobState.SUCCEEDED)

pauses = st.timedeltas(timedelta(), timedelta(minutes=1))
waits = st.lists(st.sampled_from([waiting(), waiting("port", "job-a"), waiting("disk", "job-b")]), max_size=4)
happenings = st.lists(
    st.one_of(
        st.builds(output, st.binary(min_size=1, max_size=20), st.sampled_from(STREAMS)),
        st.builds(lambda n: ("progress", v1.Progress(done=n)), st.integers(0, 9)),
        st.builds(lambda n: ("survivor_found", v1.SurvivorFound(pid=n)), st.integers(1, 9)),
        st.sampled_from([
            ("signaled", v1.Signaled(SIGTERM, v1.SignalCause.RUN_TIMEOUT)),
            ("truncated", v1.Truncated(v1.OutputStream.STDOUT, 7, 1)),
            ("artifact_produced", v1.ArtifactProduced(v1.Artifact(name="a"))),
        ]),
    ),
    max_size=12,
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> list[v1.JobEvent]:
    """A job's events, to the end or to any place before it."""
    facts = [SUBMITTED, *draw(waits), *draw(st.sampled_from([[STARTED], []]))]
    facts += draw(happenings) if STARTED in facts else []
    facts.append(WELL if STARTED in facts else finished(v1.OutcomeCause.TIMEOUT, "TIME.QUEUE_TIMEOUT"))
    made = events([(fact, draw(pauses)) for fact in facts])
    return made[: draw(st.integers(1, len(made)))]


def named(events: Sequence[v1.JobEvent], name: str) -> list[v1.JobEvent]:
    return [event for event in events if getattr(event, name) is not None]


@given(records())
def test_times_of_waiting_follow_each_other_and_end_with_the_start_or_the_end(record: list[v1.JobEvent]) -> None:
    found = explain(record)
    assert [wait.start_time for wait in found.waits] == [event.occur_time for event in named(record, "waiting")]
    over = next((event.occur_time for event in record if event.started is not None or event.finished is not None), None)
    ends: list[datetime | None] = [wait.start_time for wait in found.waits[1:]]
    assert [wait.end_time for wait in found.waits] == ([*ends, over] if found.waits else [])


@given(records())
def test_every_byte_of_output_is_counted_once(record: list[v1.JobEvent]) -> None:
    found = explain(record)
    pages = [event for event in record if event.output is not None]
    assert sum(stream.bytes for stream in found.streams) == sum(len(page.output.data) for page in pages if page.output)
    assert sum(stream.records for stream in found.streams) == sum(page.last_seq - page.seq + 1 for page in pages)


@given(records())
def test_silences_are_long_apart_and_only_while_the_program_runs(record: list[v1.JobEvent]) -> None:
    found = explain(record)
    assert len(found.silences) <= SILENCES_MAX
    for silence in found.silences:
        assert found.started is not None
        assert silence.end_time - silence.start_time >= SILENCE_MIN
        assert silence.start_time >= found.started.time
    for before, next_ in pairwise(found.silences):
        assert before.end_time <= next_.start_time


@given(records())
def test_the_state_is_what_the_last_facts_say_and_the_position_is_the_last_seq(record: list[v1.JobEvent]) -> None:
    found = explain(record)
    ended = next((event.finished.state for event in record if event.finished is not None), None)
    runs = v1.JobState.RUNNING if named(record, "started") else v1.JobState.QUEUED
    assert found.state is (ended or runs)
    assert (found.last_seq, found.last_time) == (record[-1].last_seq, record[-1].occur_time)


@given(records())
def test_nothing_that_was_signalled_survived_or_was_produced_is_left_out(record: list[v1.JobEvent]) -> None:
    found = explain(record)
    assert [each.seq for each in found.signals] == [event.seq for event in named(record, "signaled")]
    assert [each.seq for each in found.survivors] == [event.seq for event in named(record, "survivor_found")]
    assert len(found.artifacts) == len(named(record, "artifact_produced"))
    assert (found.progress and found.progress.seq) == next(
        (event.seq for event in reversed(named(record, "progress"))), None
    )


@given(records(), st.data())
def test_events_that_do_not_follow_each_other_are_refused(record: list[v1.JobEvent], data: st.DataObject) -> None:
    skipped = data.draw(st.integers(0, len(record) - 1))
    rest = [*record[:skipped], *record[skipped + 1 :]]
    if skipped < len(record) - 1:
        with pytest.raises(ValueError, match="does not follow"):
            explain(rest)


def test_a_silence_is_not_broken_by_what_the_daemon_does() -> None:
    asked = ("cancel_requested", v1.CancelRequested(reason="enough"))
    sent = ("signaled", v1.Signaled(SIGTERM, v1.SignalCause.CANCELLATION))
    found = explain(after((0, SUBMITTED), (1, STARTED), (2, output(b"a\n")), (30, asked), (31, sent), (40, WELL)))
    (silence,) = found.silences
    assert (silence.since_seq, silence.end_time - silence.start_time) == (3, timedelta(seconds=38))


def test_the_ladder_has_its_steps_and_its_grace() -> None:
    ladder = [("signaled", v1.Signaled(number, v1.SignalCause.CANCELLATION)) for number in (SIGTERM, SIGKILL)]
    canceled = finished(v1.OutcomeCause.CANCELED, "CANCEL.REQUESTED", v1.JobState.CANCELED)
    found = explain(after((0, SUBMITTED), (0, STARTED), (1, ladder[0]), (6, ladder[1]), (6, canceled)))
    assert [each.fact.signal for each in found.signals] == [SIGTERM, SIGKILL]
    assert found.grace == timedelta(seconds=5)
    assert found.failure is not None


def test_a_kill_without_a_polite_signal_has_no_grace() -> None:
    kill = ("signaled", v1.Signaled(SIGKILL, v1.SignalCause.LEFT_BEHIND))
    assert explain(after((0, SUBMITTED), (0, STARTED), (1, kill), (1, WELL))).grace is None


@pytest.mark.parametrize(
    ("cause", "reason", "limit"),
    [
        (v1.OutcomeCause.TIMEOUT, "TIME.QUEUE_TIMEOUT", Limit.QUEUE_TIMEOUT),
        (v1.OutcomeCause.TIMEOUT, "TIME.RUN_TIMEOUT", Limit.RUN_TIMEOUT),
        (v1.OutcomeCause.TIMEOUT, "TIME.IDLE_TIMEOUT", Limit.IDLE_TIMEOUT),
        (v1.OutcomeCause.LIMIT, "LIMIT.OUTPUT_BYTES", Limit.OUTPUT_BYTES_MAX),
    ],
)
def test_the_limit_that_ended_a_job_comes_first(cause: v1.OutcomeCause, reason: str, limit: Limit) -> None:
    cut = ("truncated", v1.Truncated(v1.OutputStream.STDOUT, 7, 1))
    found = explain(after((0, SUBMITTED), (0, STARTED), (1, cut), (1, finished(cause, reason))))
    assert list(found.limits) == list(dict.fromkeys([limit, Limit.OUTPUT_BYTES_MAX]))
    assert found.failure is not None
    assert found.failure.remedy


def test_output_that_is_left_out_is_told_also_where_nothing_of_the_stream_is_kept() -> None:
    cut = ("truncated", v1.Truncated(v1.OutputStream.STDERR, 7, 1))
    (stream,) = explain(after((0, SUBMITTED), (0, STARTED), (1, cut), (1, WELL))).streams
    assert (stream.stream, stream.bytes, stream.left_out_bytes) == (v1.OutputStream.STDERR, 0, 7)


def test_each_holder_is_named_once_in_order() -> None:
    waited = [
        (1.0, waiting("port", "job-a")),
        (2.0, waiting()),
        (3.0, waiting("disk", "job-a")),
        (4.0, waiting("x", "job-b")),
    ]
    assert explain(after((0, SUBMITTED), *waited)).holders == ["job-a", "job-b"]


def test_a_reason_that_this_version_does_not_know_has_no_remedy() -> None:
    assert explain(after((0, SUBMITTED), (1, finished(v1.OutcomeCause.EXITED, "NEW.REASON")))).failure is None


def test_an_event_without_a_time_is_refused() -> None:
    (event,) = after((0, SUBMITTED))
    with pytest.raises(ValueError, match="no time"):
        explain([replace(event, occur_time=None)])
