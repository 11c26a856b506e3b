"""The newest durable events, in bounded memory: followers of a job read them here, late ones read the store.

Also the jobs that ended last, because who waited for the end asks for the job next. Forgetting is always allowed.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dome_contracts.ids import JobId
from domed.jobs.model import Job, StoredEvent

BYTES_MAX: Final = 16 * 1024 * 1024
"""Of all jobs together."""
JOB_BYTES_MAX: Final = 2 * 1024 * 1024
"""Of one job. When it is reached, the older half goes."""
OVERHEAD_BYTES: Final = 512
"""What an event takes besides its data, roughly and rather more."""


@dataclass(slots=True)
class _Kept:
    job: Job
    events: list[StoredEvent] = field(default_factory=list)
    size: int = 0


class Recent:
    """Events as they became durable, the newest of each job without a gap."""

    def __init__(self, *, bytes_max: int = BYTES_MAX, job_bytes_max: int = JOB_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._job_bytes_max = job_bytes_max
        self._kept: OrderedDict[JobId, _Kept] = OrderedDict()
        self._size = 0

    def add(self, job: Job, events: Sequence[StoredEvent]) -> None:
        """Keep what became durable: `job` as it stands after `events`."""
        kept = self._kept.setdefault(job.job_id, _Kept(job))
        self._kept.move_to_end(job.job_id)
        kept.job = job
        kept.events.extend(events)
        self._grow(kept, sum(map(_cost, events)))
        if kept.size > self._job_bytes_max:
            self._shorten(kept)
        while self._size > self._bytes_max:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size

    def job(self, job_id: JobId) -> Job | None:
        """The job as of its last durable event, or None where it is not kept."""
        kept = self._kept.get(job_id)
        return kept.job if kept is not None else None

    def events(self, job_id: JobId, *, since_seq: int, bytes_max: int) -> Sequence[StoredEvent] | None:
        """What the store would answer, or None where too little is kept to say."""
        kept = self._kept.get(job_id)
        if kept is None or not kept.events or since_seq + 1 < kept.events[0].seq:
            return None
        first = end = bisect_right(kept.events, since_seq, key=_last_seq)
        size = 0
        while end < len(kept.events):
            size += len(kept.events[end].data)
            if end > first and size > bytes_max:
                break
            end += 1
        return kept.events[first:end]

    def _shorten(self, kept: _Kept) -> None:
        count = dropped = 0
        while kept.size - dropped > self._job_bytes_max // 2 and count < len(kept.events) - 1:
            dropped += _cost(kept.events[count])
            count += 1
        del kept.events[:count]
        self._grow(kept, -dropped)

    def _grow(self, kept: _Kept, size: int) -> None:
        kept.size += size
        self._size += size


def _cost(event: StoredEvent) -> int:
    return OVERHEAD_BYTES + len(event.data)


def _last_seq(event: StoredEvent) -> int:
    return event.last_seq
