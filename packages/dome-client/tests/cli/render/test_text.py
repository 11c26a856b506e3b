from datetime import UTC, datetime

from dome_client.cli.render import event, failure, text
from dome_client.cli.render.words import columns, duration, line_of, printable
from dome_client.errors import DomeError, FieldViolation
from dome_contracts.runtime import v1

TIME = datetime(2020, 1, 1, tzinfo=UTC)


def test_words_of_a_tool_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x9bc\x7f\r") == "a\\x1b[2Jb\\x9bc\\x7f\\x0d"
    assert line_of(b"\x1b]0;t\x07 caf\xc3\xa9 \xff\n") == "\\x1b]0;t\\x07 caf\u00e9 \\xff"
    summary = v1.ToolSummary(tool_id="a.b", short_description="x\x1b[31m")
    assert "\x1b" not in text.tools([summary])
    assert "\x1b" not in text.problem(v1.CatalogProblem(path="/p\x1b", message="m\x1b"))


def test_every_fact_of_the_contract_has_a_line() -> None:
    facts = {
        "submitted": v1.Submitted(skill_id="a.b", tool_version="1.0.0"),
        "waiting": v1.Waiting(cause=v1.WaitCause.LOCK, lock="x", holder_job_id="job-b"),
        "started": v1.Started(attempt=1, executor_backend="local-process"),
        "output": v1.Output(stream=v1.OutputStream.STDOUT, data=b"hello\n"),
        "progress": v1.Progress(message="searching", done=3, total=10, unit="files"),
        "artifact_produced": v1.ArtifactProduced(artifact=v1.Artifact(name="report", size_bytes=5, digest="sha256:0")),
        "cancel_requested": v1.CancelRequested(reason="enough"),
        "signaled": v1.Signaled(signal=15, cause=v1.SignalCause.CANCELLATION),
        "survivor_found": v1.SurvivorFound(pid=7, command="sleep"),
        "truncated": v1.Truncated(stream=v1.OutputStream.STDERR, bytes=10, lines=2),
        "finished": v1.Finished(state=v1.JobState.FAILED, outcome=v1.Outcome(failure_reason_code="PROCESS.LOST")),
    }
    expected = {
        "submitted": "a.b 1.0.0",
        "waiting": "for lock x, held by job-b",
        "started": "attempt 1, local-process",
        "output": "hello",
        "progress": "searching 3/10 files",
        "artifact_produced": "report, 5 bytes, sha256:0",
        "cancel_requested": "enough",
        "signaled": "signal 15: cancellation",
        "survivor_found": "process 7 still lives: sleep",
        "truncated": "10 bytes (2 lines) of stderr are not recorded",
        "finished": "FAILED, PROCESS.LOST",
    }
    assert set(v1.JobEvent().to_dict(include_default_values=True)) >= {_camel(name) for name in facts}
    for name, fact in facts.items():
        (line,) = event.event_lines(v1.JobEvent(seq=3, last_seq=3, occur_time=TIME, **{name: fact}))  # type: ignore[arg-type]
        assert line.split()[:2] == ["3", "00:00:00.000"]
        assert line.endswith(expected[name]), line


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def test_a_job_shows_what_is_known_of_it_and_nothing_else() -> None:
    queued = text.job(v1.Job(job_id="job-a", state=v1.JobState.QUEUED, create_time=TIME), colour=False)
    assert "cause" not in queued
    ended = v1.Job(
        job_id="job-a",
        state=v1.JobState.FAILED,
        start_time=TIME,
        end_time=TIME,
        outcome=v1.Outcome(cause=v1.OutcomeCause.SIGNALED, signal=9, failure_reason_code="PROCESS.SIGNALED"),
    )
    shown = text.job(ended, colour=False)
    assert "SIGNALED" in shown
    assert "signal" in shown
    assert "exit code" not in shown


def test_how_far_each_effect_was_held_is_said_apart() -> None:
    enforced, declared = v1.Enforcement.ENFORCED, v1.Enforcement.DECLARED
    record = v1.RunProvenance(
        effects_enforcement=v1.EffectsEnforcement(filesystem=enforced, network=declared, processes=declared)
    )
    assert "filesystem ENFORCED, network DECLARED, processes DECLARED" in text.provenance(record)
    assert "effects" in text.provenance(v1.RunProvenance())


def test_colour_is_there_only_when_it_is_wanted() -> None:
    job = v1.Job(job_id="job-a", state=v1.JobState.FAILED)
    assert "\x1b[31mFAILED\x1b[0m" in text.job(job, colour=True)
    assert "\x1b" not in text.job(job, colour=False)


def test_a_failure_says_each_thing_once() -> None:
    error = DomeError(
        "input/a: wrong. Mend it.",
        grpc_status=3,
        reason="INVALID_REQUEST",
        violations=[FieldViolation("input/a", "wrong."), FieldViolation("input/b", "missing.")],
        metadata={"field": "input/a"},
        remedy="Mend it.",
    )
    assert failure.failure_text(error).splitlines() == [
        "dome: INVALID_REQUEST: input/a: wrong. Mend it.",
        "  at input/b: missing.",
    ]
    assert failure.failure_document(error)["error"]["remedy"] == "Mend it."


def test_columns_align_and_durations_are_readable() -> None:
    assert columns([("a", "bbb", "c"), ("aaaa", "b", "cc")]) == ["a     bbb  c", "aaaa  b    cc"]
    assert columns([]) == []
    seconds = [duration(TIME, TIME.replace(second=n)) for n in (0, 59)]
    assert [duration(None, TIME), *seconds, duration(TIME, TIME.replace(minute=5))] == [
        "-",
        "0 ms",
        "59.0 s",
        "5.0 min",
    ]
