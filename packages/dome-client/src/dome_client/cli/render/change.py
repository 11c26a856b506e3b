"""Changes of state of jobs as text for people: a line each."""

from typing import TYPE_CHECKING, Final

from dome_client.cli.render.text import painted_state
from dome_client.cli.render.words import moment, printable

if TYPE_CHECKING:
    from datetime import datetime

    from dome_contracts.runtime.v1 import Job, JobChange

_STATE_WIDTH: Final = len("SUCCEEDED")


def change_line(change: "JobChange", *, colour: bool) -> str:
    """Revision, time, job, state and tool; how it failed, if it did."""
    job = change.job
    if job is None:
        return str(change.revision)
    state = painted_state(job.state.name, colour=colour) + " " * (_STATE_WIDTH - len(job.state.name))
    reason = job.outcome.failure_reason_code if job.outcome is not None else ""
    why = f"  {reason}" if reason not in ("", "NONE") else ""
    return f"{change.revision:>8}  {moment(_time(job))}  {job.job_id}  {state}  {printable(job.skill_id)}{why}"


def _time(job: "Job") -> "datetime | None":
    """When the job came into its state."""
    return job.end_time or job.start_time or job.create_time
