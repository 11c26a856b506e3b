"""The jobs that the screen knows, in the order in which it shows them. Draws nothing and asks nobody."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from dome_client.cli.render.words import duration, printable
from dome_client.client import TERMINAL
from dome_contracts.runtime.v1 import Job, JobState

JOBS_MAX: Final = 500
"""How many are kept. Of those that have ended, the oldest go first."""
_ORDER: Final = {JobState.RUNNING: 0, JobState.QUEUED: 1}


class Board:
    """Jobs by id, the newest state of each."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    def replace(self, jobs: Iterable[Job]) -> None:
        """Forget what was known, for these."""
        self._jobs = {job.job_id: job for job in jobs}

    def put(self, job: Job) -> None:
        """One job as it stands by now."""
        self._jobs[job.job_id] = job
        if len(self._jobs) > JOBS_MAX:
            ended = sorted(each.job_id for each in self._jobs.values() if each.state in TERMINAL)
            for job_id in ended[: len(self._jobs) - JOBS_MAX]:
                del self._jobs[job_id]

    def job(self, job_id: str) -> Job | None:
        """The job, where it is known."""
        return self._jobs.get(job_id)

    def shown(self, query: str = "", *, live_only: bool = False) -> Sequence[Job]:
        """Those in which every word of the query appears: running ones, queued ones, then the newest."""
        words = query.lower().split()
        found = [
            job
            for job in self._jobs.values()
            if not (live_only and job.state in TERMINAL) and all(word in _text(job) for word in words)
        ]
        newest_first = sorted(found, key=lambda job: job.job_id, reverse=True)
        return sorted(newest_first, key=lambda job: _ORDER.get(job.state, 2))

    def counts(self) -> str:
        """How many there are of which kind."""
        states = [job.state for job in self._jobs.values()]
        return f"{states.count(JobState.RUNNING)} running, {states.count(JobState.QUEUED)} queued, {len(states)} known"


def row(job: Job, now_s: float) -> tuple[str, str, str, str, str]:
    """What is shown of a job: id, state, how long it has run, tool, and where or how it ended."""
    ended = job.end_time or (datetime.fromtimestamp(now_s, UTC) if job.state is JobState.RUNNING else None)
    state = "CANCELING" if job.cancel_requested and job.state not in TERMINAL else job.state.name or "?"
    return job.job_id, state, duration(job.start_time, ended), job.skill_id, printable(_remark(job))


def _remark(job: Job) -> str:
    outcome = job.outcome
    if outcome is not None and outcome.failure_reason_code not in ("", "NONE"):
        return f"{outcome.failure_reason_code} {outcome.message}".rstrip()
    return job.working_directory


def _text(job: Job) -> str:
    labels = " ".join(f"{name}={value}" for name, value in job.labels.items())
    return f"{job.job_id} {job.skill_id} {job.state.name} {job.working_directory} {labels}".lower()
