"""How a job ended: from what the executor saw and the tool said to the state and the outcome. Pure.

The cause decides, never the number: an exit code of 0 is no success where the program was ended, the channel was
abused or the result does not satisfy its schema.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

from dome_contracts.failure_reasons import FAILURE_REASONS, FailureReason
from dome_contracts.runtime.v1 import JobState, Outcome, OutcomeCause
from domed.artifacts import Unkept, UnkeptKind
from domed.errors import FieldViolation
from domed.executors.port import (
    Canceled,
    CpuLimitReached,
    Exit,
    Exited,
    MemoryLimitReached,
    OutputLimitReached,
    ProcessLimitReached,
    SpawnFailed,
    TimedOut,
)

VIOLATIONS_SHOWN_MAX: Final = 5
MESSAGE_CHARACTERS_MAX: Final = 4096
EXITED: Final = OutcomeCause.EXITED

_TIMEOUTS: Final[Mapping[str, tuple[FailureReason, str]]] = {
    "run": (FailureReason.TIME_RUN_TIMEOUT, "The program ran longer than allowed and was ended."),
    "idle": (FailureReason.TIME_IDLE_TIMEOUT, "The program said nothing for longer than allowed and was ended."),
}
_LIMITS: Final[Mapping[type, tuple[FailureReason, str]]] = {
    OutputLimitReached: (FailureReason.LIMIT_OUTPUT_BYTES, "The program wrote more than allowed and was ended."),
    CpuLimitReached: (
        FailureReason.LIMIT_CPU_TIME,
        "The program used more processor time than allowed, and the kernel ended it.",
    ),
    MemoryLimitReached: (
        FailureReason.LIMIT_MEMORY,
        "The processes of the run needed more memory than allowed, and the kernel ended them.",
    ),
    ProcessLimitReached: (
        FailureReason.LIMIT_PROCESSES,
        "The run failed after the kernel had refused it another process: it had as many as allowed.",
    ),
}
_UNKEPT: Final[Mapping[UnkeptKind, tuple[OutcomeCause, FailureReason]]] = {
    UnkeptKind.INVALID: (OutcomeCause.OUTPUT_INVALID, FailureReason.OUTPUT_ARTIFACT_INVALID),
    UnkeptKind.TOO_LARGE: (OutcomeCause.LIMIT, FailureReason.LIMIT_ARTIFACT_BYTES),
    UnkeptKind.STORAGE: (OutcomeCause.INTERNAL, FailureReason.DAEMON_STORAGE_FAILED),
}


def conclude(
    exit_: Exit,
    *,
    failure_reasons: Mapping[int, str],
    violations: Sequence[FieldViolation],
    cancel_message: str,
    unkept: Unkept | None = None,
) -> tuple[JobState, Outcome]:
    """The state and the outcome of a job whose run is over.

    `failure_reasons` are the manifest's, by exit code. `violations` say where the result, or its absence, breaks the
    output schema. `unkept` is an artifact that was declared and is not there: a run that ended well else fails with it.
    """
    outcome = _outcome(exit_, failure_reasons, violations=violations, cancel_message=cancel_message)
    if unkept is not None:
        outcome = _without_artifact(outcome, unkept)
    outcome = replace(
        outcome,
        message=outcome.message[:MESSAGE_CHARACTERS_MAX],
        # A result that breaks the schema must not pass for one.
        result=b"" if violations else exit_.result,
        usage=exit_.usage,
    )
    return _state(outcome), outcome


def not_started(cause: OutcomeCause, reason: FailureReason, message: str) -> Outcome:
    """The outcome of a job whose program was never started."""
    return Outcome(cause=cause, failure_reason_code=reason, message=message)


def broken(error_id: str) -> Outcome:
    """The outcome of a job under which the daemon failed."""
    return Outcome(
        cause=OutcomeCause.INTERNAL,
        failure_reason_code=FailureReason.DAEMON_FAILED,
        message=f"The daemon failed while it ran the job; its log has the error {error_id}.",
    )


def _state(outcome: Outcome) -> JobState:
    match outcome.cause:
        case OutcomeCause.CANCELED:
            return JobState.CANCELED
        case OutcomeCause.EXITED if outcome.failure_reason_code == FailureReason.NONE:
            return JobState.SUCCEEDED
        case _:
            return JobState.FAILED


def _outcome(
    exit_: Exit, failure_reasons: Mapping[int, str], *, violations: Sequence[FieldViolation], cancel_message: str
) -> Outcome:
    match exit_.end:
        case Canceled(exit_code, signal):
            return _ended(
                OutcomeCause.CANCELED, FailureReason.CANCEL_REQUESTED, cancel_message, code=(exit_code, signal)
            )
        case TimedOut(limit, exit_code, signal):
            reason, message = _TIMEOUTS[limit]
            return _ended(OutcomeCause.TIMEOUT, reason, message, code=(exit_code, signal))
        case OutputLimitReached() | CpuLimitReached() | MemoryLimitReached() | ProcessLimitReached() as end:
            reason, message = _LIMITS[type(end)]
            return _ended(OutcomeCause.LIMIT, reason, message, code=(end.exit_code, end.signal))
        case SpawnFailed(message, exit_code):
            reason = FailureReason.PROCESS_SPAWN_FAILED
            return _ended(OutcomeCause.SPAWN_FAILED, reason, message, code=(exit_code, None))
        case Exited(None, signal):
            message = f"The signal {signal} ended the program." if signal else "The program could not be waited for."
            return _ended(OutcomeCause.SIGNALED, FailureReason.PROCESS_SIGNALED, message, code=(None, signal))
        case Exited(exit_code, None) if exit_code or exit_.failure_reason_code:
            return _failed(exit_, exit_code or 0, failure_reasons)
        case Exited(exit_code, _):
            return _ended_well(exit_, violations, code=(exit_code, None))
        case _:
            assert_never(exit_.end)


def _failed(exit_: Exit, exit_code: int, failure_reasons: Mapping[int, str]) -> Outcome:
    """The program says that it failed: by its reason, by its exit code, or by both."""
    code = (exit_code, None)
    stated = exit_.failure_reason_code
    if stated in FAILURE_REASONS and stated != FailureReason.NONE:
        return _ended(EXITED, FailureReason(stated), exit_.failure_message, code=code)
    if stated:
        message = f"{stated}: {exit_.failure_message}"
        return _ended(EXITED, FailureReason.TOOL_FAILED, message, code=code)
    if exit_.channel_error:
        return _ended(EXITED, FailureReason.OUTPUT_CHANNEL_INVALID, exit_.channel_error, code=code)
    message = f"The program ended with exit code {exit_code}."
    reason = FailureReason(failure_reasons.get(exit_code, FailureReason.PROCESS_EXIT_NONZERO))
    return _ended(EXITED, reason, message, code=code)


def _ended_well(exit_: Exit, violations: Sequence[FieldViolation], *, code: tuple[int | None, int | None]) -> Outcome:
    invalid = OutcomeCause.OUTPUT_INVALID
    if exit_.channel_error:
        return _ended(invalid, FailureReason.OUTPUT_CHANNEL_INVALID, exit_.channel_error, code=code)
    if violations and not exit_.result:
        message = "The tool gave no result and its output schema asks for one."
        return _ended(invalid, FailureReason.OUTPUT_RESULT_MISSING, message, code=code)
    if violations:
        shown = "; ".join(f"{each.field}: {each.description}" for each in violations[:VIOLATIONS_SHOWN_MAX])
        more = len(violations) - VIOLATIONS_SHOWN_MAX
        message = f"The result breaks its schema: {shown}{f'; and {more} more' if more > 0 else ''}"
        return _ended(invalid, FailureReason.OUTPUT_RESULT_INVALID, message, code=code)
    return _ended(EXITED, FailureReason.NONE, "", code=code)


def _without_artifact(outcome: Outcome, unkept: Unkept) -> Outcome:
    if _state(outcome) is not JobState.SUCCEEDED:
        return replace(outcome, message=f"{outcome.message} {unkept.message}".lstrip())
    cause, reason = _UNKEPT[unkept.kind]
    return replace(outcome, cause=cause, failure_reason_code=reason, message=unkept.message)


def _ended(cause: OutcomeCause, reason: FailureReason, message: str, *, code: tuple[int | None, int | None]) -> Outcome:
    exit_code, signal = code
    return Outcome(cause=cause, exit_code=exit_code, signal=signal, failure_reason_code=reason, message=message)
