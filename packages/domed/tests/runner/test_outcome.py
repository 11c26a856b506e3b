"""How a job ended, row by row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.failure_reasons import FAILURE_REASONS
from dome_contracts.runtime.v1 import JobState, OutcomeCause, ResourceUsage
from domed.artifacts import Unkept, UnkeptKind
from domed.errors import FieldViolation
from domed.executors.port import (
    Canceled,
    CpuLimitReached,
    End,
    Exit,
    Exited,
    MemoryLimitReached,
    OutputLimitReached,
    ProcessLimitReached,
    SpawnFailed,
    TimedOut,
)
from domed.runner.outcome import MESSAGE_CHARACTERS_MAX, conclude

VIOLATION = FieldViolation("result/files", "is no array")
STATED = {"failure_reason_code": "TESTS.FAILED", "failure_message": "2 of 3"}
UNKNOWN = {"failure_reason_code": "ODD.REASON", "failure_message": "hm"}
BROKEN = {"channel_error": "A line is no JSON: 'x'"}
RESULT = {"result": b'{"files":1}'}

ROWS: list[tuple[End, dict[str, Any], bool, str, str, str]] = [
    # end, what else the executor says, result breaks its schema, state, cause, reason
    (Exited(0, None), {}, False, "SUCCEEDED", "EXITED", "NONE"),
    (Exited(0, None), RESULT, False, "SUCCEEDED", "EXITED", "NONE"),
    (Exited(0, None), RESULT, True, "FAILED", "OUTPUT_INVALID", "OUTPUT.RESULT_INVALID"),
    (Exited(0, None), {}, True, "FAILED", "OUTPUT_INVALID", "OUTPUT.RESULT_MISSING"),
    (Exited(0, None), BROKEN, True, "FAILED", "OUTPUT_INVALID", "OUTPUT.CHANNEL_INVALID"),
    (Exited(0, None), STATED, False, "FAILED", "EXITED", "TESTS.FAILED"),
    (Exited(0, None), {"failure_reason_code": "NONE"}, False, "FAILED", "EXITED", "TOOL.FAILED"),
    (Exited(1, None), {}, False, "FAILED", "EXITED", "PROCESS.EXIT_NONZERO"),
    (Exited(1, None), {}, True, "FAILED", "EXITED", "PROCESS.EXIT_NONZERO"),
    (Exited(3, None), {}, False, "FAILED", "EXITED", "SEARCH.PATTERN_INVALID"),
    (Exited(3, None), STATED, False, "FAILED", "EXITED", "TESTS.FAILED"),
    (Exited(3, None), UNKNOWN, False, "FAILED", "EXITED", "TOOL.FAILED"),
    (Exited(1, None), BROKEN, False, "FAILED", "EXITED", "OUTPUT.CHANNEL_INVALID"),
    (Exited(None, 11), {}, False, "FAILED", "SIGNALED", "PROCESS.SIGNALED"),
    (Exited(None, 11), STATED, False, "FAILED", "SIGNALED", "PROCESS.SIGNALED"),
    (TimedOut("run", None, 15), RESULT, False, "FAILED", "TIMEOUT", "TIME.RUN_TIMEOUT"),
    (TimedOut("run", 0, None), {}, False, "FAILED", "TIMEOUT", "TIME.RUN_TIMEOUT"),
    (TimedOut("idle", None, 9), {}, False, "FAILED", "TIMEOUT", "TIME.IDLE_TIMEOUT"),
    (Canceled(None, 15), STATED, True, "CANCELED", "CANCELED", "CANCEL.REQUESTED"),
    (Canceled(0, None), RESULT, False, "CANCELED", "CANCELED", "CANCEL.REQUESTED"),
    (OutputLimitReached(None, 15), {}, False, "FAILED", "LIMIT", "LIMIT.OUTPUT_BYTES"),
    (CpuLimitReached(None, 24), {}, False, "FAILED", "LIMIT", "LIMIT.CPU_TIME"),
    (MemoryLimitReached(None, 9), {}, False, "FAILED", "LIMIT", "LIMIT.MEMORY"),
    (ProcessLimitReached(1, None), {}, False, "FAILED", "LIMIT", "LIMIT.PROCESSES"),
    (SpawnFailed("no such program"), {}, True, "FAILED", "SPAWN_FAILED", "PROCESS.SPAWN_FAILED"),
    (SpawnFailed("no such program", 127), {}, False, "FAILED", "SPAWN_FAILED", "PROCESS.SPAWN_FAILED"),
]


@pytest.mark.parametrize(("end", "said", "breaks", "state", "cause", "reason"), ROWS)
def test_the_cause_decides(end: End, said: dict[str, Any], breaks: bool, state: str, cause: str, reason: str) -> None:
    usage = ResourceUsage(user_cpu_us=7)
    found, outcome = conclude(
        Exit(end=end, usage=usage, **said),
        failure_reasons={3: "SEARCH.PATTERN_INVALID"},
        violations=[VIOLATION] if breaks else [],
        cancel_message="Enough.",
    )
    assert (found.name, outcome.cause.name, outcome.failure_reason_code) == (state, cause, reason)
    assert outcome.usage == usage
    assert outcome.exit_code == getattr(end, "exit_code", None)
    assert outcome.signal == getattr(end, "signal", None)
    assert outcome.result == (b"" if breaks else said.get("result", b""))
    assert bool(outcome.message) == (state != "SUCCEEDED")


def told(end: End, *violations: FieldViolation, **said: Any) -> str:
    _, outcome = conclude(Exit(end=end, **said), failure_reasons={}, violations=violations, cancel_message="Enough.")
    return outcome.message


def test_messages_say_what_happened() -> None:
    assert told(Exited(1, None)) == "The program ended with exit code 1."
    assert told(Exited(None, 11)) == "The signal 11 ended the program."
    assert told(Exited(1, None), **STATED) == "2 of 3"
    assert told(Exited(1, None), **UNKNOWN) == "ODD.REASON: hm"
    assert told(Canceled(None, 15)) == "Enough."
    assert told(SpawnFailed("no such program")) == "no such program"
    assert told(Exited(0, None), *[VIOLATION] * 7, **RESULT) == (
        "The result breaks its schema: " + "; ".join(["result/files: is no array"] * 5) + "; and 2 more"
    )


def test_a_message_is_limited() -> None:
    assert len(told(Exited(1, None), failure_reason_code="TESTS.FAILED", failure_message="x" * 9999)) == (
        MESSAGE_CHARACTERS_MAX
    )


CODES = st.none() | st.integers(min_value=0, max_value=255)
ENDS = st.one_of(
    st.builds(Exited, CODES, st.none()) | st.builds(Exited, st.none(), st.integers(min_value=1, max_value=64)),
    st.builds(TimedOut, st.sampled_from(["run", "idle"]), CODES, CODES),
    st.builds(Canceled, CODES, CODES),
    st.builds(OutputLimitReached, CODES, CODES),
    st.builds(CpuLimitReached, CODES, CODES),
    st.builds(MemoryLimitReached, CODES, CODES),
    st.builds(ProcessLimitReached, CODES, CODES),
    st.builds(SpawnFailed, st.text(), CODES),
)


@given(
    st.builds(
        Exit,
        end=ENDS,
        result=st.binary(max_size=3),
        failure_reason_code=st.sampled_from(["", "NONE", "TESTS.FAILED", "ODD.REASON"]),
        channel_error=st.sampled_from(["", "broken"]),
    ),
    st.booleans(),
)
def test_success_is_an_exit_with_zero_and_nothing_else(exit_: Exit, breaks: bool) -> None:
    violations = [VIOLATION] if breaks else []
    state, outcome = conclude(exit_, failure_reasons={}, violations=violations, cancel_message="Enough.")
    good = not (exit_.failure_reason_code or exit_.channel_error or breaks)
    assert (state is JobState.SUCCEEDED) == (exit_.end == Exited(0, None) and good)
    assert (state is JobState.CANCELED) == isinstance(exit_.end, Canceled)
    assert outcome.failure_reason_code in FAILURE_REASONS
    assert (outcome.failure_reason_code == "NONE") == (state is JobState.SUCCEEDED)
    assert outcome.cause is not OutcomeCause.UNSPECIFIED


@pytest.mark.parametrize(
    ("kind", "cause", "reason"),
    [
        (UnkeptKind.INVALID, "OUTPUT_INVALID", "OUTPUT.ARTIFACT_INVALID"),
        (UnkeptKind.TOO_LARGE, "LIMIT", "LIMIT.ARTIFACT_BYTES"),
        (UnkeptKind.STORAGE, "INTERNAL", "DAEMON.STORAGE_FAILED"),
    ],
)
def test_a_run_that_ended_well_fails_with_an_artifact_that_is_not_kept(
    kind: UnkeptKind, cause: str, reason: str
) -> None:
    found, outcome = conclude(
        Exit(end=Exited(0, None), result=b"{}"),
        failure_reasons={},
        violations=[],
        cancel_message="Enough.",
        unkept=Unkept(kind, "It is not there."),
    )
    assert (found.name, outcome.cause.name, outcome.failure_reason_code) == ("FAILED", cause, reason)
    assert (outcome.message, outcome.result, outcome.exit_code) == ("It is not there.", b"{}", 0)


@pytest.mark.parametrize(("end", "said", "breaks", "state", "cause", "reason"), ROWS)
def test_an_artifact_that_is_not_kept_changes_no_other_failure(
    end: End, said: dict[str, Any], breaks: bool, state: str, cause: str, reason: str
) -> None:
    found, outcome = conclude(
        Exit(end=end, **said),
        failure_reasons={3: "SEARCH.PATTERN_INVALID"},
        violations=[VIOLATION] if breaks else [],
        cancel_message="Enough.",
        unkept=Unkept(UnkeptKind.INVALID, "It is not there."),
    )
    assert outcome.message.endswith("It is not there.")
    if state != "SUCCEEDED":
        assert (found.name, outcome.cause.name, outcome.failure_reason_code) == (state, cause, reason)
