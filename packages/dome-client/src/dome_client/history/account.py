"""Computes from the events of a job alone how it went.

Works on any beginning of them, so on jobs that have not ended, too. Knows no clock: what is not over has no end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from dome_client.history.explanation import Explanation, Happened, Silence, Stream, Wait
from dome_client.history.output import OutputCount
from dome_contracts.runtime.v1 import JobEvent

SILENCE_MIN: Final = timedelta(seconds=10)
"""A running program that neither writes nor reports anything for so long is silent."""
SILENCES_MAX: Final = 5
"""So many periods of silence are told: the longest."""
T = TypeVar("T")


def explain(events: Iterable[JobEvent]) -> Explanation:
    """How the job went whose events these are, from the first on."""
    account = Account()
    for event in events:
        account.add(event)
    return account.explanation()


class Account:
    """Takes the events of one job in order, and holds none of their output."""

    def __init__(self) -> None:
        self._job_id = ""
        self._last: tuple[int, datetime] | None = None
        """Number and time of the newest event."""
        self._heard: tuple[int, datetime] | None = None
        """The same of the newest event of a program that runs. None while none does."""
        self._happened: dict[str, list[Happened[Any]]] = {name: [] for name in _FACTS}
        self._waits: list[Wait] = []
        self._silences: list[Silence] = []
        self._output = OutputCount()

    def add(self, event: JobEvent) -> None:
        """The next event. Raises ValueError where it has no time or does not follow the one before."""
        before = self._last[0] if self._last is not None else 0
        if event.occur_time is None or event.seq != before + 1 or event.last_seq < event.seq:
            raise ValueError(f"the event {event.event_id!r} does not follow event {before}, or has no time")
        time = event.occur_time
        self._job_id = self._job_id or event.job_id
        self._last = (event.last_seq, time)
        self._listen(event, time)
        self._output.add(event)
        self._wait(event, time)
        for name in _FACTS:
            if (fact := getattr(event, name)) is not None:
                self._keep(name, Happened(event.seq, time, fact))

    def explanation(self) -> Explanation:
        """How the job went so far."""
        facts = self._happened
        return Explanation(
            job_id=self._job_id,
            last_seq=self._last[0] if self._last is not None else 0,
            last_time=self._last[1] if self._last is not None else None,
            submitted=_newest(facts["submitted"]),
            waits=tuple(self._waits),
            started=_newest(facts["started"]),
            silences=self._longest_silences(),
            streams=self._streams(),
            progress=_newest(facts["progress"]),
            artifacts=[each.fact.artifact for each in facts["artifact_produced"] if each.fact.artifact is not None],
            cancellation=_newest(facts["cancel_requested"]),
            signals=tuple(facts["signaled"]),
            survivors=tuple(facts["survivor_found"]),
            finished=_newest(facts["finished"]),
        )

    def _listen(self, event: JobEvent, time: datetime) -> None:
        """A period in which a running program is silent ends with the event, if there was one."""
        if self._heard is not None and not _is_daemons(event):
            seq, since = self._heard
            if time - since >= SILENCE_MIN:
                self._silences.append(Silence(seq, since, time))
            # Only the longest are told, so only they are kept.
            self._silences = list(self._longest_silences())
        if event.started is not None or (self._heard is not None and not _is_daemons(event)):
            self._heard = (event.last_seq, time)
        if event.finished is not None:
            self._heard = None

    def _wait(self, event: JobEvent, time: datetime) -> None:
        """What was waited for is over when something else is waited for, or with the start or the end of the job."""
        is_over = event.waiting is not None or event.started is not None or event.finished is not None
        if is_over and self._waits and self._waits[-1].end_time is None:
            self._waits[-1] = replace(self._waits[-1], end_time=time)
        if event.waiting is not None:
            fact = event.waiting
            self._waits.append(Wait(fact.cause, fact.lock, fact.holder_job_id, start_time=time, end_time=None))

    def _keep(self, name: str, happened: Happened[Any]) -> None:
        # A tool may report for hours: of its reports only the newest is told.
        if name == "progress":
            self._happened[name].clear()
        self._happened[name].append(happened)

    def _longest_silences(self) -> Sequence[Silence]:
        longest = sorted(self._silences, key=lambda each: each.end_time - each.start_time, reverse=True)[:SILENCES_MAX]
        return tuple(sorted(longest, key=lambda each: each.since_seq))

    def _streams(self) -> Sequence[Stream]:
        left_out = {each.fact.stream: each.fact for each in self._happened["truncated"]}
        found = []
        for stream, counted in self._output.totals().items():
            cut = left_out.get(stream)
            cut_bytes, cut_lines = (cut.bytes, cut.lines) if cut is not None else (0, 0)
            if counted.bytes or cut_bytes:
                found.append(Stream(stream, counted.bytes, counted.records, cut_bytes, cut_lines))
        return tuple(found)


def _is_daemons(event: JobEvent) -> bool:
    """Whether the event is what the daemon did, and so nothing that a program says."""
    return event.cancel_requested is not None or event.signaled is not None or event.survivor_found is not None


def _newest(happened: Sequence[Happened[T]]) -> Happened[T] | None:
    return happened[-1] if happened else None


_FACTS: Final = (
    "submitted", "started", "progress", "artifact_produced", "cancel_requested", "signaled", "survivor_found",
    "truncated", "finished",
)  # fmt: skip
"""What is kept of the events as it stands in them."""
