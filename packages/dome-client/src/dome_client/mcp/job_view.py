"""A job as an answer: how it stands, its result where it fits, the end of its output, and what to do next."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from dome_client.client import TERMINAL
from dome_client.mcp.answers import Answer, harmless, parsed, shown
from dome_contracts.failure_reasons import FAILURE_REASONS, FailureReason
from dome_contracts.runtime.v1 import Job, JobState, Progress

RESULT_CHARACTERS_MAX: Final = 16_000
"""Most characters of a result in one answer. A longer one is read in pieces of its JSON text."""
_ARTIFACTS_MAX: Final = 20
_ESCAPES: Final = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""Controls that JSON lets stand as they are; of its text they are in strings only."""
_FAILED: Final = frozenset({JobState.FAILED, JobState.CANCELED})


def handle(job: Job, *, tail: Sequence[str] = (), next_after: int | None = None) -> Answer:
    """A job after a wait: an error where it ended otherwise than well."""
    view = job_content(job)
    if tail:
        view["output_tail"] = list(tail)
    if next_after is not None:
        view["next_after"] = next_after
    if job.state not in TERMINAL:
        view["next"] = f'It goes on. Wait with job_wait {{"job_id": "{job.job_id}"}}, or read job_events.'
    return Answer(_next_last(view), is_error=job.state in _FAILED, meta=job_meta(job))


def standing(job: Job, *, result_offset: int = 0) -> Answer:
    """A job as it stands, which is no error however it ended."""
    return Answer(_next_last(job_content(job, result_offset=result_offset)), meta=job_meta(job))


def job_content(job: Job, *, result_offset: int = 0) -> dict[str, Any]:
    """What there is to say of a job. What matters most stands first."""
    content: dict[str, Any] = {
        "job_id": job.job_id,
        "tool_id": job.skill_id,
        "state": job.state.name or str(int(job.state)),
        "message": message_of(job),
    }
    if job.outcome is not None and job.state in _FAILED:
        content |= _failure(job)
    if job.outcome is not None and job.outcome.result:
        content |= _result(job.outcome.result, result_offset)
    if job.artifacts:
        content["artifacts"] = [
            {"name": shown(each.name), "digest": each.digest, "size_bytes": each.size_bytes}
            for each in job.artifacts[:_ARTIFACTS_MAX]
        ]
        if len(job.artifacts) > _ARTIFACTS_MAX:
            content["artifacts_omitted"] = len(job.artifacts) - _ARTIFACTS_MAX
    return content


def message_of(job: Job) -> str:
    """How it stands, in a sentence."""
    return shown(_message(job))


def job_meta(job: Job) -> dict[str, str]:
    """What identifies the job and what it ran, for the client."""
    provenance = job.provenance
    found = {
        "dome/job_id": job.job_id,
        "dome/tool_digest": job.tool_digest,
        "dome/request_digest": job.request_digest,
        "dome/run_id": job.correlation.run_id if job.correlation is not None else "",
        "dome/input_hash": provenance.input_hash if provenance is not None else "",
        "dome/result_digest": provenance.result_digest if provenance is not None else "",
    }
    return {name: value for name, value in found.items() if value}


def progress_text(progress: Progress | None) -> str:
    """How far a job is, as its tool says; empty where it does not say."""
    if progress is None:
        return ""
    count = ""
    if progress.done is not None:
        total = f"/{progress.total}" if progress.total is not None else ""
        count = f"{progress.done}{total} {progress.unit}".rstrip()
    return shown(", ".join(each for each in (progress.message, count) if each))


def _message(job: Job) -> str:
    if job.outcome is None:
        asked = " Its end was asked for." if job.cancel_requested else ""
        where = f" It reports: {said}." if (said := progress_text(job.progress)) else ""
        word = "waits to be started" if job.state is JobState.QUEUED else "runs"
        return f"{job.skill_id} {word}; {job.last_seq} events so far.{where}{asked}"
    if job.state is JobState.SUCCEEDED:
        without = "" if job.outcome.result else " It gave no result; job_events has its output."
        return f"{job.skill_id} succeeded.{without}"
    verb = "was cancelled" if job.state is JobState.CANCELED else "failed"
    said = job.outcome.message or _meaning(job.outcome.failure_reason_code)
    return f"{job.skill_id} {verb}: {said}" if said else f"{job.skill_id} {verb}."


def _failure(job: Job) -> dict[str, Any]:
    assert job.outcome is not None
    outcome = job.outcome
    error: dict[str, Any] = {"reason": outcome.failure_reason_code or "UNKNOWN", "cause": outcome.cause.name or ""}
    if outcome.exit_code is not None:
        error["exit_code"] = outcome.exit_code
    if outcome.signal is not None:
        error["signal"] = outcome.signal
    known = _known(outcome.failure_reason_code)
    if known is None:
        return {"error": error}
    return {"error": error | {"retryable": known.retryable}, "next": known.remedy}


def _known(code: str) -> Any:
    try:
        return FAILURE_REASONS.get(FailureReason(code))
    except ValueError:  # a reason of a newer daemon
        return None


def _meaning(code: str) -> str:
    known = _known(code)
    return known.meaning if known is not None else ""


def _result(data: bytes, offset: int) -> dict[str, Any]:
    text = data.decode("utf-8", errors="replace")
    if offset == 0 and len(text) <= RESULT_CHARACTERS_MAX:
        with suppress(ValueError):
            value = harmless(parsed(text))
            return {"result": value if isinstance(value, dict) else {"value": value}}
    end = min(offset + RESULT_CHARACTERS_MAX, len(text))
    piece: dict[str, Any] = {"result_text": text[offset:end].translate(_ESCAPES), "result_characters": len(text)}
    if end < len(text):
        piece["next"] = f"The result is long: this is its JSON text to {end}. Go on: job_status, result_offset={end}."
        piece["result_next_offset"] = end
    return piece


def _next_last(content: Mapping[str, Any]) -> dict[str, Any]:
    """Clients cut long answers in the middle, so what to do stands at the end."""
    last = {name: content[name] for name in ("next_after", "next") if name in content}
    return {name: value for name, value in content.items() if name not in last} | last
