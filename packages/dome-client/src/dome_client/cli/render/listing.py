"""Jobs and refused requests in one table, in the order in which they came."""

from typing import TYPE_CHECKING

from dome_client.cli.render.text import painted_state
from dome_client.cli.render.words import columns, duration, moment, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from typing_extensions import TypeIs

    from dome_contracts.runtime.v1 import Job, ListJobsResponse, RefusedRequest


def table(found: "ListJobsResponse", *, colour: bool) -> str:
    """A line for each, the newest first."""
    return _table([_row(entry) for entry in _entries(found)], colour=colour)


def jobs(found: "Sequence[Job]", *, colour: bool) -> str:
    """A line for each, as they come."""
    return _table([_row(job) for job in found], colour=colour)


def documents(found: "ListJobsResponse") -> "Iterator[dict[str, Any]]":
    """A JSON object for each, the newest first. One with a `refusal_id` is no job."""
    from dome_client.cli.render.document import document

    return map(document, _entries(found))


def _entries(found: "ListJobsResponse") -> "Sequence[Job | RefusedRequest]":
    """The bodies of all ids sort by time."""
    entries: list[Job | RefusedRequest] = [*found.jobs, *found.refused]
    return sorted(entries, key=lambda entry: _id(entry).partition("-")[2], reverse=True)


def _table(rows: "Sequence[tuple[str, str, str, str, str]]", *, colour: bool) -> str:
    if not rows:
        return "No jobs."
    header, *lines = columns([("JOB", "STATE", "ACCEPTED", "RAN", "TOOL"), *rows])
    painted = [
        line.replace(state, painted_state(state, colour=colour), 1)
        for line, (_, state, *_) in zip(lines, rows, strict=True)
    ]
    return "\n".join([header, *painted])


def _is_refused(entry: "Job | RefusedRequest") -> "TypeIs[RefusedRequest]":
    """By what it has: a view of a message is of no class of the stubs."""
    return bool(getattr(entry, "refusal_id", ""))


def _id(entry: "Job | RefusedRequest") -> str:
    return getattr(entry, "refusal_id", "") or getattr(entry, "job_id", "")


def _row(entry: "Job | RefusedRequest") -> tuple[str, str, str, str, str]:
    if _is_refused(entry):
        about = entry.skill_id if entry.method == "SkillExecute" else f"{entry.method} {entry.skill_id}".rstrip()
        more = f" (and {entry.omitted_count} more)" if entry.omitted_count else ""
        what = printable(f"{about or entry.method}: {entry.reason.name or entry.reason.value}{more}")
        return entry.refusal_id, "REFUSED", moment(entry.occur_time), "-", what
    ran = duration(entry.start_time, entry.end_time)
    return entry.job_id, entry.state.name or "", moment(entry.create_time), ran, entry.skill_id
