"""What is told of a job: the timeline, one sentence for every way to end, and what to do next."""

from datetime import UTC, datetime, timedelta
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest

from dome_client.cli.render import explanation
from dome_client.cli.render.ending import next_steps, summary
from dome_client.history import Explanation, explain
from dome_contracts.runtime import v1

BEGIN = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
JOB = "job-01m7vt481p2v8a5e5aw6df2ncq"
HOLDER = "job-01m7vt481p2v8a5e5aw6df2ncr"
ASKED = v1.Requester(uid=1000, pid=7, client="dome-client/1")
SUBMITTED = v1.Submitted(skill_id="user.locked", tool_version="1.0.0", requester=ASKED)
LOCK = v1.Waiting(cause=v1.WaitCause.LOCK, lock="port", holder_job_id=HOLDER)
STARTED = v1.Started(
    attempt=1,
    executor_backend="local-process",
    provenance=v1.RunProvenance(commit_sha="c0ffee" + "0" * 34, dirty_flag=True, working_directory="/work"),
)
NAMES: dict[type, str] = {
    v1.Submitted: "submitted",
    v1.Waiting: "waiting",
    v1.Started: "started",
    v1.Output: "output",
    v1.Progress: "progress",
    v1.CancelRequested: "cancel_requested",
    v1.Signaled: "signaled",
    v1.SurvivorFound: "survivor_found",
    v1.Truncated: "truncated",
    v1.Finished: "finished",
}


def told(*facts: tuple[float, Any]) -> Explanation:
    """A job of these facts, each so many seconds after the acceptance."""
    events = []
    for seq, (at_s, fact) in enumerate(facts, start=1):
        events.append(v1.JobEvent(JOB, seq, seq, f"evt-{seq}", BEGIN + timedelta(seconds=at_s)))
        setattr(events[-1], NAMES[type(fact)], fact)
    return explain(events)


def ended(cause: v1.OutcomeCause, reason: str = "NONE", **more: Any) -> v1.Finished:
    states = {v1.OutcomeCause.CANCELED: v1.JobState.CANCELED}
    state = v1.JobState.SUCCEEDED if reason == "NONE" else states.get(cause, v1.JobState.FAILED)
    return v1.Finished(state, v1.Outcome(cause=cause, failure_reason_code=reason, **more))


def signaled(number: int, cause: v1.SignalCause = v1.SignalCause.CANCELLATION) -> v1.Signaled:
    return v1.Signaled(number, cause)


CANCELED = told(
    (0, SUBMITTED),
    (1, LOCK),
    (4.25, STARTED),
    (5, v1.Output(v1.OutputStream.STDOUT, b"up\n")),
    (20, v1.CancelRequested(reason="enough", requester=ASKED)),
    (20, signaled(SIGTERM)),
    (25, signaled(SIGKILL)),
    (26, v1.SurvivorFound(pid=77, command="sleep\x1b 60")),
    (26, v1.Truncated(v1.OutputStream.STDOUT, 9, 3)),
    (26, ended(v1.OutcomeCause.CANCELED, "CANCEL.REQUESTED", signal=9)),
)

TEXT = f"""\
{JOB}  user.locked 1.0.0  CANCELED
2020-01-02 03:04:05Z  +0 ms    accepted from uid 1000, process 7, dome-client/1
2020-01-02 03:04:06Z  +1.0 s   waited 3.2 s for the lock port, held by {HOLDER} (user.locked 1.0.0)
2020-01-02 03:04:09Z  +4.2 s   started: attempt 1, local-process, commit c0ffee000000 with changes, in /work
2020-01-02 03:04:10Z  +5.0 s   silent for 21.0 s
2020-01-02 03:04:25Z  +20.0 s  end asked for by uid 1000, process 7, dome-client/1: enough
2020-01-02 03:04:25Z  +20.0 s  sent SIGTERM: cancellation
2020-01-02 03:04:30Z  +25.0 s  sent SIGKILL: cancellation
2020-01-02 03:04:31Z  +26.0 s  process 77 was still there: sleep\\x1b 60
2020-01-02 03:04:31Z  +26.0 s  ended after 21.8 s: CANCELED

queued  4.2 s
stdout  3 bytes in 1 record; 9 bytes (3 lines) are not recorded
grace   5.0 s between the first signal and the final one
limit   output_bytes_max
why     It was cancelled by uid 1000, process 7, dome-client/1 (enough), 21.8 s after its start, by SIGTERM, \
then SIGKILL after 5.0 s of grace (CANCEL.REQUESTED).
next    Submit again if it is still wanted.
next    See whether these processes still live, and end them: 77.
next    Part of the output is not recorded: let the program write less, or raise `output_bytes_max`."""


def test_the_timeline_names_the_holder_the_silence_the_ladder_and_what_is_left() -> None:
    assert explanation.text(CANCELED, {HOLDER: SUBMITTED}) == TEXT


def test_a_holder_that_is_not_kept_is_named_all_the_same() -> None:
    assert f"held by {HOLDER} (a job that is not kept any more)" in explanation.text(CANCELED, {})


def test_json_has_the_same_facts_in_the_words_of_the_contract() -> None:
    shown = explanation.document(CANCELED, {HOLDER: SUBMITTED})
    assert shown["waits"] == [
        {
            "cause": "WAIT_CAUSE_LOCK",
            "lock": "port",
            "holder_job_id": HOLDER,
            "holder": {"skill_id": "user.locked", "tool_version": "1.0.0"},
            "start_time": "2020-01-02T03:04:06.000000Z",
            "end_time": "2020-01-02T03:04:09.250000Z",
            "duration_s": 3.25,
        }
    ]
    assert (shown["job_id"], shown["state"], shown["last_seq"]) == (JOB, "JOB_STATE_CANCELED", 10)
    assert (shown["grace_s"], shown["limits"]) == (5.0, ["output_bytes_max"])
    assert [each["signal"] for each in shown["signals"]] == [15, 9]
    assert shown["output"][0] == {
        "stream": "OUTPUT_STREAM_STDOUT",
        "bytes": 3,
        "records": 1,
        "left_out_bytes": 9,
        "left_out_lines": 3,
    }
    assert shown["cancel_requested"]["reason"] == "enough"
    assert shown["failure_reason_code"] == "CANCEL.REQUESTED"
    assert shown["summary"] == summary(CANCELED)


def test_a_result_which_may_be_large_is_not_repeated() -> None:
    well = ended(v1.OutcomeCause.EXITED, exit_code=0, result=b'{"n":1}')
    shown = explanation.document(told((0, SUBMITTED), (0, STARTED), (1, well)), {})
    assert "result" not in shown["finished"]["outcome"]
    assert (shown["summary"], shown["next_steps"]) == ("It succeeded 1.0 s after its start.", [])


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ([], "It was accepted, and has not been started."),
        ([(1, v1.Waiting(cause=v1.WaitCause.SLOT))], "It waits for a free place among the jobs that run at a time."),
        ([(1, LOCK)], f"It waits for the lock port, which {HOLDER} held when the waiting began."),
        ([(1, STARTED)], "It runs since 2020-01-02 03:04:06Z."),
        (
            [(1, STARTED), (2, v1.CancelRequested(reason="x"))],
            "It runs since 2020-01-02 03:04:06Z, and its end was asked for.",
        ),
        (
            [(1, STARTED), (2, v1.CancelRequested(reason="x")), (3, ended(v1.OutcomeCause.EXITED))],
            "It succeeded 2.0 s after its start, although its end was asked for.",
        ),
        (
            [(1, STARTED), (2, ended(v1.OutcomeCause.EXITED, "PROCESS.EXIT_NONZERO", exit_code=7, message="No."))],
            "Its program ended by itself with exit code 7, 1.0 s after its start (PROCESS.EXIT_NONZERO).",
        ),
        (
            [(1, STARTED), (2, ended(v1.OutcomeCause.EXITED, "TESTS.FAILED", exit_code=1, message="2 of 9 failed."))],
            "Its program ended by itself with exit code 1, 1.0 s after its start (TESTS.FAILED): 2 of 9 failed.",
        ),
        (
            [(1, STARTED), (2, ended(v1.OutcomeCause.SIGNALED, "PROCESS.SIGNALED", signal=11))],
            "SIGSEGV, which the daemon did not send, ended its program, 1.0 s after its start (PROCESS.SIGNALED).",
        ),
        (
            [(9, ended(v1.OutcomeCause.TIMEOUT, "TIME.QUEUE_TIMEOUT"))],
            "It waited longer than allowed and was never started, 9.0 s after it was accepted (TIME.QUEUE_TIMEOUT).",
        ),
        (
            [
                (1, STARTED),
                (2, signaled(SIGTERM, v1.SignalCause.RUN_TIMEOUT)),
                (3, ended(v1.OutcomeCause.TIMEOUT, "TIME.RUN_TIMEOUT", signal=15)),
            ],
            "Its program ran longer than allowed and was ended, 2.0 s after its start, by SIGTERM (TIME.RUN_TIMEOUT).",
        ),
        (
            [(1, STARTED), (3, ended(v1.OutcomeCause.TIMEOUT, "TIME.IDLE_TIMEOUT", signal=15))],
            "Its program said nothing for longer than allowed and was ended, 2.0 s after its start "
            "(TIME.IDLE_TIMEOUT).",
        ),
        (
            [(1, v1.CancelRequested(reason="")), (1, ended(v1.OutcomeCause.CANCELED, "CANCEL.REQUESTED"))],
            "It was cancelled before its program was started (CANCEL.REQUESTED).",
        ),
        (
            [(1, STARTED), (1, ended(v1.OutcomeCause.SPAWN_FAILED, "PROCESS.SPAWN_FAILED", message="No such file."))],
            "Its program could not be started (PROCESS.SPAWN_FAILED): No such file.",
        ),
        (
            [(1, STARTED), (2, ended(v1.OutcomeCause.OUTPUT_INVALID, "OUTPUT.RESULT_MISSING", message="None."))],
            "Its program ended well and gave no valid result, 1.0 s after its start (OUTPUT.RESULT_MISSING): None.",
        ),
        (
            [(1, STARTED), (2, ended(v1.OutcomeCause.LIMIT, "LIMIT.OUTPUT_BYTES"))],
            "Its program reached a limit and was ended, 1.0 s after its start (LIMIT.OUTPUT_BYTES).",
        ),
        (
            [(1, STARTED), (2, ended(v1.OutcomeCause.LOST, "PROCESS.LOST"))],
            "The daemon ended while it ran, and nobody saw its end (PROCESS.LOST).",
        ),
        (
            [(2, ended(v1.OutcomeCause.DENIED, "ADMISSION.TOOL_CHANGED", message="It changed."))],
            "It was not allowed to start any more, 2.0 s after it was accepted (ADMISSION.TOOL_CHANGED): It changed.",
        ),
        (
            [(2, ended(v1.OutcomeCause.INTERNAL, "DAEMON.FAILED", message="See err-1."))],
            "The daemon failed while it ran the job (DAEMON.FAILED): See err-1.",
        ),
    ],
)
def test_one_sentence_says_how_it_ended_and_why_or_where_it_stands(facts: list[Any], sentence: str) -> None:
    assert summary(told((0, SUBMITTED), *facts)) == sentence


def test_whoever_waits_is_told_where_to_look() -> None:
    found = told((0, SUBMITTED), (1, LOCK))
    assert next_steps(found) == [
        f"See what holds the lock: `dome explain {HOLDER}`.",
        f"Follow it with `dome events {JOB} --follow --since-seq 2`.",
    ]


def test_every_cause_has_a_sentence_of_its_own() -> None:
    for cause in v1.OutcomeCause:
        if cause is not v1.OutcomeCause.UNSPECIFIED:
            found = told((0, SUBMITTED), (1, STARTED), (2, ended(cause, "TOOL.FAILED")))
            assert not summary(found).startswith("It ended as"), cause
