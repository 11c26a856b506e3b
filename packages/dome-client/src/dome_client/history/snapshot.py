"""Holds the events of a job against the job as the daemon shows it, which it keeps apart from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dome_contracts.runtime.v1 import (
    Artifact,
    Finished,
    Job,
    JobEvent,
    Outcome,
    Progress,
    RunProvenance,
    Started,
    Submitted,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not agree."""

    message: str
    seq: int
    """First number of the event that says it; 0 where no event does."""


class Facts:
    """What the events say of the things that the job shows, too."""

    def __init__(self) -> None:
        self._submitted: tuple[int, datetime | None, Submitted] | None = None
        self._started: tuple[int, datetime | None, Started] | None = None
        self._finished: tuple[int, datetime | None, Finished] | None = None
        self._progress: tuple[int, Progress] | None = None
        self._artifacts: list[Artifact] = []
        self._artifact_seq = 0
        self._cancel_seq = 0
        self._last_seq = 0

    def add(self, event: JobEvent) -> None:
        """The next event."""
        self._last_seq = max(self._last_seq, event.last_seq)
        if event.submitted is not None:
            self._submitted = (event.seq, event.occur_time, event.submitted)
        elif event.started is not None:
            self._started = (event.seq, event.occur_time, event.started)
        elif event.finished is not None:
            self._finished = (event.seq, event.occur_time, event.finished)
        elif event.progress is not None:
            self._progress = (event.seq, event.progress)
        elif event.cancel_requested is not None:
            self._cancel_seq = event.seq
        elif event.artifact_produced is not None and event.artifact_produced.artifact is not None:
            self._artifacts.append(event.artifact_produced.artifact)
            self._artifact_seq = event.seq

    @property
    def artifacts(self) -> Sequence[Artifact]:
        """What the events say was produced, in order."""
        return self._artifacts

    def differences(self, job: Job) -> Iterator[Difference]:
        """Where the events and the job do not say the same."""
        yield from self._accepted(job)
        yield from self._begun(job)
        yield from self._ended(job)
        seq, progress = self._progress or (0, None)
        pairs: list[tuple[str, int, Any, Any]] = [
            ("last_seq", 0, self._last_seq, job.last_seq),
            ("progress", seq, progress, job.progress),
            ("artifacts", self._artifact_seq, self._artifacts, job.artifacts),
            ("cancel_requested", self._cancel_seq, self._cancel_seq > 0, job.cancel_requested),
        ]
        yield from _compared("The events say", pairs)

    def _accepted(self, job: Job) -> Iterator[Difference]:
        if self._submitted is None:
            yield Difference("No event says that the job was accepted.", 0)
            return
        seq, time, fact = self._submitted
        names = ("skill_id", "tool_version", "tool_digest", "request_digest", "correlation", "retry_of_job_id")
        pairs = [(name, seq, getattr(fact, name), getattr(job, name)) for name in names]
        yield from _compared("Submitted says", [*pairs, ("create_time", seq, time, job.create_time)])

    def _begun(self, job: Job) -> Iterator[Difference]:
        seq, time, fact = self._started or (0, None, None)
        attempt, record = (fact.attempt, fact.provenance) if fact is not None else (0, None)
        pairs: list[tuple[str, int, Any, Any]] = [
            ("start_time", seq, time, job.start_time),
            ("attempt", seq, attempt, job.attempt),
        ]
        # The record of a job that ended without a start is made at its end.
        if fact is not None or self._finished is None:
            pairs.append(("provenance", seq, _as_at_start(record), _as_at_start(job.provenance)))
        yield from _compared("Started says", pairs)

    def _ended(self, job: Job) -> Iterator[Difference]:
        if self._finished is None:
            return  # that it is missing is told by whoever looks for the end
        seq, time, fact = self._finished
        pairs: list[tuple[str, int, Any, Any]] = [
            ("state", seq, fact.state, job.state),
            ("end_time", seq, time, job.end_time),
            ("outcome", seq, _without_result(fact.outcome), _without_result(job.outcome)),
        ]
        if fact.provenance is not None or self._started is None:
            pairs.append(("provenance", seq, fact.provenance, job.provenance))
        yield from _compared("Finished says", pairs)


def _compared(who: str, pairs: list[tuple[str, int, Any, Any]]) -> Iterator[Difference]:
    for name, seq, said, shown in pairs:
        if said != shown:
            yield Difference(f"{who} another {name} than the job as the daemon shows it.", seq)


def _as_at_start(record: RunProvenance | None) -> RunProvenance | None:
    return record and replace(record, result_digest="", stdout_digest="", stderr_digest="", artifacts=[])


def _without_result(outcome: Outcome | None) -> Outcome | None:
    # The daemon keeps it in the event alone; its digest tells whether it is the one.
    return outcome and replace(outcome, result=b"")
