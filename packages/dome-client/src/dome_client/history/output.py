"""Counts what is recorded of a job's output, and holds it against what `Finished` says of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dome_client import line_records
from dome_contracts.canonical import Digester
from dome_contracts.runtime.v1 import Finished, JobEvent, Output, OutputStream

STREAMS: Final = (OutputStream.STDOUT, OutputStream.STDERR)


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not agree."""

    message: str
    seqs: Sequence[int]
    """First numbers of the pages of the stream."""


@dataclass(slots=True)
class Tally:
    """What is counted of one stream."""

    bytes: int = 0
    records: int = 0
    digester: Digester = field(default_factory=Digester)
    seqs: list[int] = field(default_factory=list)


class OutputCount:
    """Bytes, line records and digests of each stream. Holds no output."""

    def __init__(self) -> None:
        self._tallies = {stream: Tally() for stream in STREAMS}

    @staticmethod
    def records(page: Output) -> int:
        """How many line records the page holds."""
        return len(line_records.split(page.data))

    def add(self, event: JobEvent) -> None:
        """Count the event, if it is a page of one of the streams."""
        page = event.output
        if page is not None and page.stream in self._tallies:
            tally = self._tallies[page.stream]
            tally.bytes += len(page.data)
            tally.records += self.records(page)
            tally.digester.update(page.data)
            tally.seqs.append(event.seq)

    def totals(self) -> Mapping[OutputStream, Tally]:
        """What was counted so far, by stream."""
        return self._tallies

    def differences(self, finished: Finished) -> Iterator[Difference]:
        """Where the pages are not what was recorded of them at the end."""
        said = {total.stream: (total.bytes, total.records) for total in finished.output_totals}
        record = finished.provenance
        digests = (record.stdout_digest, record.stderr_digest) if record is not None else ("", "")
        for (stream, tally), recorded in zip(self._tallies.items(), digests, strict=True):
            name, where = (stream.name or "").lower(), _where(tally.seqs)
            counted = (tally.bytes, tally.records)
            if counted != said.get(stream, (0, 0)):
                bytes_, records = said.get(stream, (0, 0))
                yield Difference(
                    f"Of {name} there are {tally.bytes} bytes in {tally.records} records{where}, and Finished says "
                    f"{bytes_} bytes in {records}.",
                    tally.seqs,
                )
            if recorded and tally.digester.digest() != recorded:
                yield Difference(
                    f"What is stored of {name}{where} has the digest {tally.digester.digest()}, and the record of the "
                    f"run says {recorded}: it is not what the program wrote.",
                    tally.seqs,
                )


def _where(seqs: Sequence[int]) -> str:
    if not seqs:
        return ""
    return f", in event {seqs[0]}," if len(seqs) == 1 else f", in {len(seqs)} events from {seqs[0]} to {seqs[-1]},"
