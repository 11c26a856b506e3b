"""Verifies the record of a job that has ended: its stored bytes against the head of their chain and against themselves.

The chain says whether any byte before `Finished` was changed, not which. So everything that is recorded twice is
compared as well, and where two records differ the event is named: numbers and ids, digests and totals of the output,
the digest of the result, and the job as the daemon shows it. `Finished` stands outside of the chain that it seals, and
is held against the others only. Whoever changes everything alike is found with a head that was kept elsewhere.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from dome_client.history import order, snapshot
from dome_client.history.output import OutputCount
from dome_contracts import chain, ids
from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Artifact, Finished, Job, JobEvent


class Check(StrEnum):
    """What is verified."""

    FORM = "form"
    """Every event can be read, belongs to the job and has the id of its number."""
    ORDER = "order"
    """The numbers have no gaps, and every event stands in its place."""
    END = "end"
    """There is one terminal event, and it is the last."""
    CHAIN = "chain"
    """The head that the stored bytes give is the one in `Finished`."""
    HEAD = "head"
    """It is also the one that the caller kept."""
    OUTPUT = "output"
    """Totals and digests of standard output and standard error."""
    RESULT = "result"
    """The digest of the result."""
    SNAPSHOT = "snapshot"
    """The job as the daemon shows it says the same as its events."""
    ARTIFACTS = "artifacts"
    """The record names the artifacts that the events name, and the daemon has each in the bytes of its digest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    check: Check
    message: str
    event_ids: Sequence[str] = ()
    """The events that it is about, where they can be named."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it."""

    job_id: str
    events: int
    """How many stored events there are."""
    last_seq: int
    chain_head: str
    """As `Finished` has it. Empty where there is none."""
    computed_chain_head: str
    checks: Sequence[Check]
    """What was looked at, in order."""
    findings: Sequence[Finding]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def of(self, check: Check) -> Sequence[Finding]:
        """What is wrong by one check."""
        return [finding for finding in self.findings if finding.check is check]


class Verifier:
    """Takes the stored events of one job in the order in which they are stored, and holds none of them."""

    def __init__(self, job_id: str) -> None:
        self._job_id = JobId(job_id)
        self._head = chain.genesis(self._job_id)
        self._sealed = self._head
        """The head before the newest terminal event."""
        self._spans: list[order.Span] = []
        self._ends: list[int] = []
        """Which of the events are terminal, counted from 0."""
        self._finished: Finished | None = None
        self._output = OutputCount()
        self._facts = snapshot.Facts()
        self._findings: list[Finding] = []

    def add(self, data: bytes) -> None:
        """The next event."""
        before, self._head = self._head, chain.link(self._head, data)
        event = _decoded(data)
        if event is None:
            self._spans.append(order.Span.unreadable())
            place = f"The event in place {len(self._spans)}, after event {self._position()},"
            self._find(Check.FORM, f"{place} cannot be read: its bytes are no event.")
            return
        if event.finished is not None:
            self._ends.append(len(self._spans))
            self._finished, self._sealed = event.finished, before
        self._spans.append(order.Span(event.seq, event.last_seq))
        for message in _misfits(event, self._job_id):
            self._find(Check.FORM, message, _name(self._job_id, event.seq))
        self._output.add(event)
        self._facts.add(event)

    def conclude(self, job: Job | None = None, *, head: str = "") -> Verification:
        """What is wrong. `job`: the job as the daemon shows it. `head`: the chain's head as it was kept elsewhere."""
        checks = [Check.FORM, Check.ORDER, Check.END, Check.CHAIN, *([Check.HEAD] if head else [])]
        checks += [Check.OUTPUT, Check.RESULT, *([Check.SNAPSHOT] if job is not None else []), Check.ARTIFACTS]
        computed = self._sealed if self._finished is not None else self._head
        found = [*self._findings, *self._order(), *self._end(), *self._chain(computed)]
        if head and head != computed:
            found.append(Finding(Check.HEAD, f"The stored events give the head {computed}, and not {head}."))
        if self._finished is not None:
            found += self._totals(self._finished)
        if job is not None:
            found += [
                Finding(Check.SNAPSHOT, each.message, [_name(self._job_id, each.seq)] if each.seq else [])
                for each in self._facts.differences(job)
            ]
        return Verification(
            job_id=self._job_id,
            events=len(self._spans),
            last_seq=self._position(),
            chain_head=self._finished.chain_head if self._finished is not None else "",
            computed_chain_head=computed,
            checks=checks,
            findings=found,
        )

    def _order(self) -> Iterator[Finding]:
        for fault in order.faults(self._spans):
            names = [_name(self._job_id, seq) for seq in fault.seqs]
            yield Finding(Check.ORDER, fault.message, names)

    def _end(self) -> Iterator[Finding]:
        if not self._ends:
            yield Finding(Check.END, f"There is no terminal event: the record breaks off after {self._position()}.")
            return
        names = [_name(self._job_id, self._spans[place].seq) for place in self._ends]
        if len(names) > 1:
            yield Finding(Check.END, f"There are {len(names)} terminal events: {', '.join(names)}.", names)
        if self._ends[-1] != len(self._spans) - 1:
            yield Finding(Check.END, f"Events follow {names[-1]}, which is terminal.", names[-1:])

    def _chain(self, computed: str) -> Iterator[Finding]:
        if self._finished is not None and self._finished.chain_head != computed:
            yield Finding(
                Check.CHAIN,
                f"The stored events give the head {computed}, and Finished says {self._finished.chain_head}: at least "
                "one event is not as it was recorded.",
            )

    def _totals(self, finished: Finished) -> Iterator[Finding]:
        for difference in self._output.differences(finished):
            names = [_name(self._job_id, seq) for seq in difference.seqs]
            yield Finding(Check.OUTPUT, difference.message, names)
        provenance, outcome = finished.provenance, finished.outcome
        if provenance is None or outcome is None:
            return
        result_digest = digest_bytes(outcome.result) if outcome.result else ""
        if result_digest != provenance.result_digest:
            message = f"The result has the digest {result_digest or '(none)'}, and the record says "
            name = _name(self._job_id, self._spans[self._ends[-1]].seq)
            yield Finding(Check.RESULT, f"{message}{provenance.result_digest or '(none)'}.", [name])
        if provenance.artifacts != self._facts.artifacts:
            name = _name(self._job_id, self._spans[self._ends[-1]].seq)
            yield Finding(Check.ARTIFACTS, f"{_artifacts(provenance.artifacts, self._facts.artifacts)}.", [name])

    def _position(self) -> int:
        return max((span.last_seq for span in self._spans), default=0)

    def _find(self, check: Check, message: str, *event_ids: str) -> None:
        self._findings.append(Finding(check, message, event_ids))


def _decoded(data: bytes) -> JobEvent | None:
    """The event in the bytes. None for bytes that a daemon does not write.

    The decoder is lenient: it takes values of wrong types, and fields twice. Encoded again, they are other bytes.
    """
    try:
        event = JobEvent.parse(data)
        if bytes(event) != data:
            return None
    except _UNREADABLE:
        return None
    return event if event.seq and event.last_seq >= event.seq else None


def _misfits(event: JobEvent, job_id: JobId) -> Iterator[str]:
    """Why the event is none of this job, or not of its number."""
    name = _name(job_id, event.seq)
    if event.job_id != job_id:
        yield f"{name} belongs to {event.job_id or 'no job'}."
    if event.event_id != name:
        yield f"{name} calls itself {event.event_id or 'nothing'}."
    # What this version does not know is left as it is.
    if not event._unknown_fields and not any(getattr(event, fact) is not None for fact in FACTS):
        yield f"{name} says nothing."
    covered = event.last_seq - event.seq + 1
    held = OutputCount.records(event.output) if event.output is not None else 1
    if held != covered:
        yield f"{name} covers {covered} numbers up to {event.last_seq}, and holds {held} records."


def _artifacts(recorded: Sequence[Artifact], produced: Sequence[Artifact]) -> str:
    """Where the record and the events first name other artifacts."""
    for one, other in zip_longest(recorded, produced):
        if one != other:
            said, was = (f"{each.name!r} ({each.digest})" if each is not None else "none" for each in (one, other))
            return f"The record names the artifact {said}, and the events {was}"
    raise AssertionError("they are the same")


def _name(job_id: JobId, seq: int) -> str:
    try:
        return ids.event_id(job_id, seq)
    except ValueError:
        return f"event {seq}"


FACTS: Final = (
    "submitted", "waiting", "started", "output", "progress", "artifact_produced", "cancel_requested", "signaled",
    "survivor_found", "truncated", "finished",
)  # fmt: skip
"""What an event may say, by the contract."""

# What decoder and encoder raise for bytes that are no message, and for values that Python cannot hold.
_UNREADABLE: Final = (
    ValueError, TypeError, KeyError, EOFError, IndexError, AttributeError, OverflowError, struct.error
)  # fmt: skip
