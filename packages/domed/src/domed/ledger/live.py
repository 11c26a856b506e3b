"""What is kept in memory of a job that has not ended: where it stands, its output so far, the head of its chain.

Turns facts into events with seqs. Knows no store and does not wait.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dome_contracts import chain
from dome_contracts.canonical import Digester
from dome_contracts.runtime.v1 import (
    Finished,
    JobState,
    Outcome,
    Output,
    OutputTotals,
    RunProvenance,
)
from domed.jobs import encoding
from domed.jobs.model import Fact, Job, StoredEvent
from domed.jobs.paging import STREAMS, record_count
from domed.jobs.states import advance


@dataclass(slots=True)
class _Tally:
    """What one stream has written."""

    bytes: int = 0
    records: int = 0
    digester: Digester = field(default_factory=Digester)

    def add(self, page: Output, *, records: int) -> None:
        self.bytes += len(page.data)
        self.records += records
        self.digester.update(page.data)


class LiveJob:
    """One job that has not ended."""

    def __init__(self, job: Job) -> None:
        """A job without events, or one whose stored events will be given to `restore`."""
        self.job = job
        """Where it stands with everything that was accepted; may be ahead of the disk."""
        self.durable: Job | None = None
        """Where it stands on the disk."""
        self.last_write: asyncio.Future[Any] | None = None
        self.payload: bytes | None = None
        """Its input, where it is at hand."""
        self.accepted_s = 0.0
        """When it was accepted, on the clock that nobody sets."""
        self._chain = chain.genesis(job.job_id)
        self._tallies = {stream: _Tally() for stream in STREAMS}
        self._uncounted: list[tuple[Fact, StoredEvent]] = []

    def has(self, uid: int, key: str) -> bool:
        """Whether the job is this user's by this idempotency key."""
        return (self.job.submission.requester.uid, self.job.submission.idempotency_key) == (uid, key)

    def append(self, facts: Sequence[Fact], *, time: datetime) -> list[StoredEvent]:
        """Number the facts and take them in: all, or none and InvalidTransition.

        The chain and the digests of output follow with `count`, which is much the dearest part and need not come first.
        """
        job = self.job
        events = []
        for fact in facts:
            seq = job.last_seq + 1
            last_seq = job.last_seq + (record_count(fact) if isinstance(fact, Output) else 1)
            job = advance(job, fact, seq=seq, last_seq=last_seq, time=time)
            data = encoding.event(job.job_id, fact, seq=seq, last_seq=last_seq, time=time)
            events.append(StoredEvent(seq, last_seq, data))
        self._uncounted += zip(facts, events, strict=True)
        self.job = job
        return events

    def count(self) -> None:
        """Take what was appended into the chain and the digests. Changes no answer: whoever needs them counts first."""
        for fact, event in self._uncounted:
            self._take(fact if isinstance(fact, Output) else None, event)
        self._uncounted.clear()

    def restore(self, event: StoredEvent) -> None:
        """Count a stored event, of which the job knows already."""
        self._take(encoding.page_of(event.data), event)

    def finished(self, state: JobState, outcome: Outcome, *, provenance: RunProvenance | None) -> Finished:
        """The last fact, as of everything that was appended."""
        self.count()
        totals = [
            OutputTotals(stream=stream, bytes=tally.bytes, records=tally.records)
            for stream, tally in self._tallies.items()
            if tally.records
        ]
        return Finished(
            state=state, outcome=outcome, output_totals=totals, provenance=provenance, chain_head=self._chain
        )

    def output_digests(self) -> tuple[str, str]:
        """Digests of everything recorded from standard output and standard error."""
        self.count()
        stdout, stderr = (self._tallies[stream].digester.digest() for stream in STREAMS)
        return stdout, stderr

    def record(self) -> RunProvenance | None:
        """The record that the job has, with what is known of its output and its artifacts."""
        stdout_digest, stderr_digest = self.output_digests()
        return self.job.provenance and replace(
            self.job.provenance,
            stdout_digest=stdout_digest,
            stderr_digest=stderr_digest,
            artifacts=list(self.job.artifacts),
        )

    def _take(self, page: Output | None, event: StoredEvent) -> None:
        self._chain = chain.link(self._chain, event.data)
        if page is not None:
            self._tallies[page.stream].add(page, records=event.last_seq - event.seq + 1)
