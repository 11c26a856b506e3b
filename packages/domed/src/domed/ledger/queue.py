"""The order in which queued jobs are to start: highest priority first, then oldest."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from dome_contracts.ids import JobId
from domed.jobs.model import Job


class Queue:
    """Ids of the jobs that wait."""

    def __init__(self) -> None:
        self._places: list[tuple[int, JobId]] = []

    def add(self, job: Job) -> None:
        """Put a job in its place."""
        insort(self._places, _place(job))

    def discard(self, job: Job) -> None:
        """Take a job out, if it is there."""
        place = _place(job)
        index = bisect_left(self._places, place)
        if self._places[index : index + 1] == [place]:
            del self._places[index]

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[JobId]:
        return (job_id for _, job_id in self._places)


def _place(job: Job) -> tuple[int, JobId]:
    return -job.submission.priority, job.job_id
