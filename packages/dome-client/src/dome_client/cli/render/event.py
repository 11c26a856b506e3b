"""Events as lines of text: one for each seq."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from dome_client.cli.render.document import records
from dome_client.cli.render.words import line_of, printable

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Finished, JobEvent, Progress, SignalCause


def event_lines(event: "JobEvent") -> Iterator[str]:
    """`seq  time  kind  what`, one line for each seq of the event."""
    import betterproto2

    kind, fact = betterproto2.which_one_of(event, "fact")
    time = f"{event.occur_time:%H:%M:%S.%f}"[:-3] if event.occur_time is not None else "-"
    if event.output is not None:
        stream = event.output.stream.name.lower()
        for seq, data, ends_partial in records(event):
            yield _line(seq, time, stream, line_of(data) + (" ..." if ends_partial else ""))
        return
    yield _line(event.seq, time, kind or "unknown", printable(_WORDS[kind](fact)) if kind in _WORDS else "")


def progress_line(progress: "Progress") -> str:
    """How far a job is, in one line."""
    count = ""
    if progress.done is not None:
        total = f"/{progress.total}" if progress.total is not None else ""
        count = f" {progress.done}{total} {progress.unit}".rstrip()
    return printable(f"{progress.message}{count}".strip())


def finished_line(finished: "Finished") -> str:
    """How a job ended, in one line."""
    outcome = finished.outcome
    if outcome is None:
        return finished.state.name
    parts = [finished.state.name]
    if outcome.failure_reason_code not in ("", "NONE"):
        parts.append(outcome.failure_reason_code)
    if outcome.exit_code:
        parts.append(f"exit code {outcome.exit_code}")
    if outcome.signal:
        parts.append(f"signal {outcome.signal}")
    head = ", ".join(parts)
    return printable(f"{head}: {outcome.message}" if outcome.message else head)


def _cause(cause: "SignalCause") -> str:
    """A cause as words: `left behind`. One that this client does not know is its number."""
    return cause.name.replace("_", " ").lower() if cause.name else str(int(cause))


def _line(seq: int, time: str, kind: str, what: str) -> str:
    return f"{seq:>6}  {time}  {kind:<16}  {what}".rstrip()


_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "submitted": lambda fact: f"{fact.skill_id} {fact.tool_version}",
    "waiting": lambda fact: f"for lock {fact.lock}, held by {fact.holder_job_id}" if fact.lock else "for a free place",
    "started": lambda fact: f"attempt {fact.attempt}, {fact.executor_backend}",
    "progress": progress_line,
    "artifact_produced": lambda fact: f"{fact.artifact.name}, {fact.artifact.size_bytes} bytes, {fact.artifact.digest}",
    "cancel_requested": lambda fact: fact.reason,
    "signaled": lambda fact: f"signal {fact.signal}: {_cause(fact.cause)}",
    "survivor_found": lambda fact: f"process {fact.pid} still lives: {fact.command}",
    "truncated": lambda fact: f"{fact.bytes} bytes ({fact.lines} lines) of {fact.stream.name.lower()} are not recorded",
    "finished": finished_line,
}
"""What there is to say of a fact, by its name in the contract."""
