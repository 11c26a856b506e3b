"""What the model of following jobs knows: what each seq says, and who has read how far."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from dome_contracts.ids import JobId
from domed.jobs import encoding
from domed.jobs.model import StoredEvent
from domed.jobs.paging import records
from domed.ledger import JobLedger
from domed.tail import Batch


@dataclass(slots=True)
class Told:
    """What the model knows of a job: what each seq says, the first at 1."""

    says: list[object] = field(default_factory=list)
    bulk: set[int] = field(default_factory=set)
    """Seqs that retention removes."""
    ended: bool = False
    expired: bool = False

    @property
    def last_seq(self) -> int:
        return len(self.says)

    @property
    def oldest(self) -> int:
        return max(self.bulk) + 1 if self.expired and self.bulk else 1

    def add(self, *said: object, bulk: bool = False) -> None:
        if bulk:
            self.bulk.update(range(self.last_seq + 1, self.last_seq + len(said) + 1))
        self.says.extend(said)


@dataclass(slots=True, eq=False)
class Reader:
    batches: AsyncIterator[Batch]
    job_id: JobId
    since_seq: int
    position: int
    ledger: JobLedger
    begun: bool = False


async def next_batch(batches: AsyncIterator[Batch]) -> Batch:
    return await anext(batches)


def said(event: StoredEvent) -> list[object]:
    message = encoding.decode(event.data)
    if message.output is not None:
        return [(message.output.stream, line) for line in records(message.output)]
    fact = encoding.fact_of(message)
    names = {"Submitted": "submitted", "CancelRequested": "cancel_requested"}
    name = type(fact).__name__
    return [names.get(name, name.lower())]
