"""Jobs of the fake runtime: events, the snapshots they imply, changes of state. Numbers them; knows no scripts."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, Final

from dome_client import line_records
from dome_client.testing.refusal import refusal
from dome_contracts import chain
from dome_contracts.ids import JobId, event_id
from dome_contracts.runtime.v1 import (
    ArtifactProduced,
    CancelRequested,
    Finished,
    Job,
    JobChange,
    JobEvent,
    JobState,
    Output,
    OutputStream,
    OutputTotals,
    Progress,
    Started,
    Submitted,
)

STORE_ID: Final = f"store-{'0' * 26}"
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
Fact = Submitted | Started | Output | Progress | ArtifactProduced | CancelRequested | Finished
_NAMES: Final[dict[type, str]] = {
    Submitted: "submitted",
    Started: "started",
    Output: "output",
    Progress: "progress",
    ArtifactProduced: "artifact_produced",
    CancelRequested: "cancel_requested",
    Finished: "finished",
}


@dataclass(slots=True)
class History:
    """Changes of state of all jobs, by a revision that counts from 1."""

    changes: list[JobChange] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, job: Job) -> None:
        """The next change."""
        self.changes.append(JobChange(revision=len(self.changes) + 1, job=listed(job)))
        self.changed.set()
        self.changed = asyncio.Event()

    async def follow(self, since_revision: int, fits: Callable[[Job], bool]) -> AsyncGenerator[JobChange, None]:
        """The changes after a revision whose jobs fit, without end."""
        latest = len(self.changes)
        if since_revision > latest:
            raise refusal(
                "EVENTS_GONE",
                f"The revision {since_revision} is none of this store.",
                job_id="",
                requested=str(since_revision),
                oldest="1",
                latest=str(latest),
            )
        while True:
            changed = self.changed
            for change in self.changes[since_revision:]:
                since_revision = change.revision
                if change.job is not None and fits(change.job):
                    yield change
            await changed.wait()


@dataclass(slots=True)
class Record:
    """A job and its events."""

    job: Job
    events: list[JobEvent]
    changed: asyncio.Event
    history: History

    @classmethod
    def begin(cls, job: Job, submitted: Submitted, history: History) -> "Record":
        """A job that was just accepted."""
        record = cls(replace(job, create_time=_EPOCH), [], asyncio.Event(), history)
        record.append(submitted)
        return record

    def append(self, fact: Fact) -> None:
        """The next event, and what it makes of the job."""
        first = self.job.last_seq + 1
        last = first + (max(len(line_records.split(fact.data)), 1) - 1 if isinstance(fact, Output) else 0)
        time = _EPOCH + timedelta(milliseconds=last)
        named: dict[str, Any] = {_NAMES[type(fact)]: fact}
        self.events.append(
            JobEvent(
                job_id=self.job.job_id,
                seq=first,
                last_seq=last,
                event_id=event_id(JobId(self.job.job_id), first),
                occur_time=time,
                **named,
            )
        )
        state = self.job.state
        self.job = _advanced(replace(self.job, last_seq=last), fact, time)
        if isinstance(fact, Submitted) or self.job.state is not state:
            self.history.add(self.job)
        self.changed.set()
        self.changed = asyncio.Event()

    def after(self, since_seq: int) -> Iterator[JobEvent]:
        """The events that a reader lacks who has `since_seq`; the first one trimmed where it covers some of that."""
        for event in self.events:
            if event.seq > since_seq:
                yield event
            elif event.last_seq > since_seq and event.output is not None:
                kept = b"".join(line_records.split(event.output.data)[since_seq - event.seq + 1 :])
                yield replace(event, seq=since_seq + 1, output=replace(event.output, data=kept))

    def chain_head(self) -> str:
        """The head of the chain over the events so far."""
        return reduce(chain.link, map(bytes, self.events), chain.genesis(JobId(self.job.job_id)))

    def totals(self) -> list[OutputTotals]:
        """What was recorded of each stream."""
        pages = [event.output for event in self.events if event.output is not None]
        return [
            OutputTotals(
                stream=stream,
                bytes=sum(len(page.data) for page in pages if page.stream is stream),
                records=sum(len(line_records.split(page.data)) for page in pages if page.stream is stream),
            )
            for stream in (OutputStream.STDOUT, OutputStream.STDERR)
        ]


def job_filter(
    states: Sequence[JobState], skill_id: str, run_id: str, labels: Mapping[str, str] | None
) -> Callable[[Job], bool]:
    """Whether a job fits, as listings and watches mean it."""
    return lambda job: (
        (not states or job.state in states)
        and skill_id in ("", job.skill_id)
        and run_id in ("", job.correlation.run_id if job.correlation is not None else "")
        and (labels or {}).items() <= job.labels.items()
    )


def listed(job: Job) -> Job:
    """The job as lists have it: without its result."""
    return replace(job, outcome=job.outcome and replace(job.outcome, result=b""))


def _advanced(job: Job, fact: Fact, time: datetime) -> Job:
    match fact:
        case Submitted():
            return replace(job, create_time=time)
        case Started():
            return replace(
                job, state=JobState.RUNNING, attempt=fact.attempt, start_time=time, provenance=fact.provenance
            )
        case Progress():
            return replace(job, progress=fact)
        case ArtifactProduced() if fact.artifact is not None:
            return replace(job, artifacts=[*job.artifacts, fact.artifact])
        case CancelRequested():
            return replace(job, cancel_requested=True)
        case Finished():
            return replace(
                job, state=fact.state, outcome=fact.outcome, end_time=time, provenance=fact.provenance or job.provenance
            )
    return job
