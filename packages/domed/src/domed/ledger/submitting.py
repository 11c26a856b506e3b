"""What a submission can bring besides its values, and what it is answered with."""

from dataclasses import dataclass
from typing import Protocol

from dome_contracts.runtime.v1 import Started
from domed.jobs.model import Job


class Beginning(Protocol):
    """What begins a job at once, without a place in the queue: it has its seat and its locks."""

    @property
    def started(self) -> Started:
        """What the record says of the start."""
        ...

    def go(self) -> None:
        """The job and its start are durable."""
        ...

    def give_up(self) -> None:
        """It will not be a job."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a submission."""

    job: Job
    deduplicated: bool
    """Whether the key was known and the job is an earlier one."""
