"""How a job went, as a timeline for people and as JSON. Both show the same facts."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dome_client.cli.render.document import document as message_document
from dome_client.cli.render.document import timestamp
from dome_client.cli.render.ending import next_steps, signal_name, summary
from dome_client.cli.render.event import progress_line
from dome_client.cli.render.words import asked_by, columns, duration, length, moment, printable

if TYPE_CHECKING:
    from dome_client.history import Explanation, Happened, Stream, Wait
    from dome_contracts.runtime.v1 import Finished, Started, Submitted

    Holders = Mapping[str, Submitted]


def text(found: "Explanation", holders: "Holders") -> str:
    """The timeline, then what it comes to."""
    submitted = found.submitted.fact if found.submitted is not None else None
    what = f"{submitted.skill_id} {submitted.tool_version}" if submitted is not None else "(unknown tool)"
    begin = found.submitted.time if found.submitted is not None else found.last_time
    shown = [
        (moment(time), f"+{length(time - begin)}" if begin is not None else "-", printable(words))
        for time, words in _timeline(found, holders)
    ]
    rows = [(name, printable(words)) for name, words in _sums(found)]
    return "\n".join([f"{found.job_id}  {what}  {found.state.name}", *columns(shown), "", *columns(rows)])


def document(found: "Explanation", holders: "Holders") -> dict[str, Any]:
    """The same as one JSON object, in the words of the contract; what happened is told as the facts themselves."""
    whole: dict[str, Any] = {
        "job_id": found.job_id,
        "state": f"JOB_STATE_{found.state.name}",
        "last_seq": found.last_seq,
        "summary": summary(found),
        "next_steps": list(next_steps(found)),
        "limits": [limit.value for limit in found.limits],
        "waits": [_wait_document(wait, holders) for wait in found.waits],
        "silences": [{"since_seq": each.since_seq} | _span(each.start_time, each.end_time) for each in found.silences],
        "output": [_stream_document(stream) for stream in found.streams],
        "artifacts": [message_document(artifact) for artifact in found.artifacts],
        "signals": [_fact(each) for each in found.signals],
        "survivors": [_fact(each) for each in found.survivors],
    }
    single = {
        "submitted": found.submitted,
        "started": found.started,
        "progress": found.progress,
        "cancel_requested": found.cancellation,
    }
    whole |= {name: _fact(each) for name, each in single.items() if each is not None}
    if found.finished is not None:
        whole["finished"] = _fact(found.finished) | {"outcome": _outcome(found.finished.fact)}
        whole["finished"].pop("provenance", None)
    if found.grace is not None:
        whole["grace_s"] = found.grace.total_seconds()
    if found.failure is not None:
        whole["failure_reason_code"] = found.failure.code.value
    return whole


def _timeline(found: "Explanation", holders: "Holders") -> list[tuple[datetime, str]]:
    """What happened, in order: by number, and a time of silence or waiting where it begins."""
    told = [*_beginning(found, holders), *_running(found), *_end(found)]
    return [(time, words) for _, time, words in sorted(told, key=lambda each: each[0])]


def _beginning(found: "Explanation", holders: "Holders") -> Iterator[tuple[float, datetime, str]]:
    if found.submitted is not None:
        asked, first = found.submitted.fact.requester, found.submitted.fact.retry_of_job_id
        words = f"accepted from {asked_by(asked)}" if asked else "accepted"
        yield found.submitted.seq, found.submitted.time, f"{words}, a retry of {first}" if first else words
    for place, wait in enumerate(found.waits):
        waited = f"waited {duration(wait.start_time, wait.end_time)}" if wait.end_time is not None else "waits"
        yield 1 + (place + 1) / (len(found.waits) + 1), wait.start_time, f"{waited} for {_awaited(wait, holders)}"
    if found.started is not None:
        yield found.started.seq, found.started.time, f"started: {_with_what(found.started.fact)}"


def _running(found: "Explanation") -> Iterator[tuple[float, datetime, str]]:
    for silence in found.silences:
        words = f"silent for {duration(silence.start_time, silence.end_time)}"
        yield silence.since_seq + 0.5, silence.start_time, words
    if found.progress is not None:
        yield found.progress.seq, found.progress.time, f"last said how far it is: {progress_line(found.progress.fact)}"
    if found.cancellation is not None:
        asked = found.cancellation.fact
        who = f" by {asked_by(asked.requester)}" if asked.requester is not None else ""
        yield (
            found.cancellation.seq,
            found.cancellation.time,
            f"end asked for{who}: {asked.reason or 'no reason given'}",
        )
    for sent in found.signals:
        cause = (sent.fact.cause.name or str(int(sent.fact.cause))).replace("_", " ").lower()
        yield sent.seq, sent.time, f"sent {signal_name(sent.fact.signal)}: {cause}"


def _end(found: "Explanation") -> Iterator[tuple[float, datetime, str]]:
    for left in found.survivors:
        yield left.seq, left.time, f"process {left.fact.pid} was still there: {left.fact.command}"
    if found.finished is not None:
        ran = f" after {length(found.finished.time - found.started.time)}" if found.started is not None else ""
        yield found.finished.seq, found.finished.time, f"ended{ran}: {found.finished.fact.state.name}"


def _sums(found: "Explanation") -> Iterator[tuple[str, str]]:
    if found.submitted is not None and found.started is not None:
        yield "queued", length(found.started.time - found.submitted.time)
    for stream in found.streams:
        cut = f"; {stream.left_out_bytes} bytes ({stream.left_out_lines} lines) are not recorded"
        records = f"{stream.records} record{'' if stream.records == 1 else 's'}"
        words = f"{stream.bytes} bytes in {records}{cut if stream.left_out_bytes else ''}"
        yield (stream.stream.name or "output").lower(), words
    for artifact in found.artifacts:
        yield "artifact", f"{artifact.name}  {artifact.size_bytes} bytes  {artifact.digest}"
    if found.grace is not None:
        yield "grace", f"{length(found.grace)} between the first signal and the final one"
    if found.limits:
        yield "limit", ", ".join(limit.value for limit in found.limits)
    yield "why", summary(found)
    for step in next_steps(found):
        yield "next", step


def _awaited(wait: "Wait", holders: "Holders") -> str:
    if not wait.lock:
        return "a free place"
    held = holders.get(wait.holder_job_id)
    what = f"{held.skill_id} {held.tool_version}" if held is not None else "a job that is not kept any more"
    return f"the lock {wait.lock}, held by {wait.holder_job_id} ({what})"


def _with_what(started: "Started") -> str:
    parts = [f"attempt {started.attempt}", started.executor_backend]
    record = started.provenance
    if record is not None:
        dirty = " with changes" if record.dirty_flag else ""
        parts += [f"commit {record.commit_sha[:12]}{dirty}"] if record.commit_sha else []
        parts += [f"in {record.working_directory}"] if record.working_directory else []
    return ", ".join(parts)


def _wait_document(wait: "Wait", holders: "Holders") -> dict[str, Any]:
    whole: dict[str, Any] = {"cause": f"WAIT_CAUSE_{wait.cause.name}"} | _span(wait.start_time, wait.end_time)
    if wait.lock:
        whole |= {"lock": wait.lock, "holder_job_id": wait.holder_job_id}
        held = holders.get(wait.holder_job_id)
        if held is not None:
            whole["holder"] = {"skill_id": held.skill_id, "tool_version": held.tool_version}
    return whole


def _span(start: datetime, end: datetime | None) -> dict[str, Any]:
    if end is None:
        return {"start_time": timestamp(start)}
    return {
        "start_time": timestamp(start),
        "end_time": timestamp(end),
        "duration_s": (end - start).total_seconds(),
    }


def _stream_document(stream: "Stream") -> dict[str, Any]:
    return {
        "stream": f"OUTPUT_STREAM_{stream.stream.name}",
        "bytes": stream.bytes,
        "records": stream.records,
        "left_out_bytes": stream.left_out_bytes,
        "left_out_lines": stream.left_out_lines,
    }


def _outcome(finished: "Finished") -> dict[str, Any]:
    """How it ended, without the result, which may be large: `dome job` has it."""
    shown = message_document(finished.outcome) if finished.outcome is not None else {}
    return {name: value for name, value in shown.items() if name != "result"}


def _fact(happened: "Happened[Any]") -> dict[str, Any]:
    return {"seq": happened.seq, "occur_time": timestamp(happened.time)} | message_document(happened.fact)
