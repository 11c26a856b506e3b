"""Follows the events of one job: listen, read, yield, wait.

A reader pulls; between two batches nothing is held for it, so a slow one costs nothing and loses nothing.
Knows nothing of how a batch is sent.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from dome_contracts.ids import JobId
from domed.bell import Bell
from domed.errors import EventsGone, SeqAhead
from domed.jobs.model import TERMINAL, Job, StoredEvent
from domed.jobs.paging import trim
from domed.ledger import JobLedger

FIRST_BYTES_MAX: Final = 128 * 1024
"""Most bytes of the first batch, so that the first line is seen soon."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that follow those of the batch before. None: nothing happened, and the reader stands at `position`."""

    records: Sequence[StoredEvent]
    position: int


async def tail(
    ledger: JobLedger, bell: Bell, job_id: JobId, *, since_seq: int, follow: bool, heartbeat_s: float, bytes_max: int
) -> AsyncIterator[Batch]:
    """Everything after `since_seq`, in order and once, up to the job's end or, without `follow`, to what is there.

    A batch has at least one event, and more up to `bytes_max`; one without events comes after `heartbeat_s` in which
    nothing happened. Resuming inside a page gives the rest of that page. Beyond the newest event the reader waits, as
    long as the job lives. Raises JobNotFound, SeqAhead for a job that ended before `since_seq`, and EventsGone where
    retention has removed some of what follows.
    """
    position = since_seq
    batch_bytes_max = min(bytes_max, FIRST_BYTES_MAX)
    with bell.listen(job_id) as listener:
        job = await ledger.job(job_id)
        while True:
            _check_reachable(job, since_seq)
            while position < job.last_seq:
                events = await ledger.events(job_id, since_seq=position, bytes_max=batch_bytes_max)
                if not _follow_each_other(events, position):
                    oldest, job = await ledger.oldest_seq(job_id), await ledger.job(job_id)
                    raise EventsGone(job_id, requested=position, oldest=oldest, latest=job.last_seq)
                records = [trim(events[0], position), *events[1:]]
                position = records[-1].last_seq
                batch_bytes_max = bytes_max
                yield Batch(records, position)
            if job.state in TERMINAL or not follow:
                return
            while (job := await ledger.job(job_id)).last_seq <= position and job.state not in TERMINAL:
                if not await listener.wait(heartbeat_s):
                    yield Batch((), position)


def _follow_each_other(events: Sequence[StoredEvent], position: int) -> bool:
    """Whether no seq after the position is missing. The first event may begin before it."""
    for event in events:
        if event.seq > position + 1:
            return False
        position = event.last_seq
    return True


def _check_reachable(job: Job, since_seq: int) -> None:
    if job.state in TERMINAL and since_seq > job.last_seq:
        raise SeqAhead(job.job_id, requested=since_seq, latest=job.last_seq)
