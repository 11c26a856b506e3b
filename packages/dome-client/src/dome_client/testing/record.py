"""One job of the fake runtime: its events, and the snapshot they imply. Assigns the numbers; knows no scripts."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, Final

from dome_client import line_records
from dome_contracts import chain
from dome_contracts.ids import JobId, event_id
from dome_contracts.runtime.v1 import (
    CancelRequested,
    Finished,
    Job,
    JobEvent,
    JobState,
    Output,
    OutputStream,
    OutputTotals,
    Progress,
    Started,
    Submitted,
)

_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
Fact = Submitted | Started | Output | Progress | CancelRequested | Finished
_NAMES: Final[dict[type, str]] = {
    Submitted: "submitted",
    Started: "started",
    Output: "output",
    Progress: "progress",
    CancelRequested: "cancel_requested",
    Finished: "finished",
}


@dataclass(slots=True)
class Record:
    """A job and its events."""

    job: Job
    events: list[JobEvent]
    changed: asyncio.Event

    @classmethod
    def begin(cls, job: Job, submitted: Submitted) -> "Record":
        """A job that was just accepted."""
        record = cls(replace(job, create_time=_EPOCH), [], asyncio.Event())
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
        self.job = _advanced(replace(self.job, last_seq=last), fact, time)
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


def _advanced(job: Job, fact: Fact, time: datetime) -> Job:
    match fact:
        case Started():
            return replace(
                job, state=JobState.RUNNING, attempt=fact.attempt, start_time=time, provenance=fact.provenance
            )
        case Progress():
            return replace(job, progress=fact)
        case CancelRequested():
            return replace(job, cancel_requested=True)
        case Finished():
            return replace(
                job, state=fact.state, outcome=fact.outcome, end_time=time, provenance=fact.provenance or job.provenance
            )
    return job
