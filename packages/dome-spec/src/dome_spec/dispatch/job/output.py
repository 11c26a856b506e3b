"""The output of a job as it stands in the daemon's record: its stored events, each after its length, as one text.

So the head of their chain, which the manifest of the run carries, is still to be computed when the daemon has removed
them. No more is read than is kept: of a longer record only the first part is, and that shows no head.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from dome_contracts import chain
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobEvent

LOG_BYTES_MAX: Final = 8 * 1024 * 1024
"""Most bytes of a record that are kept."""
WHOLE: Final = "application/vnd.dome.job-events"
FIRST_PART: Final = "application/vnd.dome.job-events.first-part"
MEDIA_TYPES: Final = frozenset({WHOLE, FIRST_PART})
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was read of a record."""

    data: bytes
    media_type: str


async def record_of(events: AsyncGenerator[bytes, None], job_id: str, *, chain_head: str) -> Recorded | None:
    """The record of a job that wrote output; None where it wrote none, or where its bytes do not give their head."""
    data, head, has_output = bytearray(), chain.genesis(JobId(job_id)), False
    async with aclosing(events):
        async for each in events:
            frame = _length(len(each)) + each
            if len(data) + len(frame) > LOG_BYTES_MAX:
                return Recorded(bytes(data), FIRST_PART) if has_output else None
            data += frame
            event = JobEvent.parse(each)
            has_output = has_output or event.output is not None
            if event.finished is None:
                head = chain.link(head, each)
    return Recorded(bytes(data), WHOLE) if has_output and head == chain_head else None


def head_of_record(data: bytes, job_id: str) -> str:
    """The head of the chain over the events of a whole record."""
    head = chain.genesis(JobId(job_id))
    for each in events_of(data):
        if JobEvent.parse(each).finished is None:
            head = chain.link(head, each)
    return head


def events_of(data: bytes) -> Iterator[bytes]:
    """The stored events of a record, in their order."""
    place = 0
    while place < len(data):
        length, shift = 0, 0
        while data[place] & _MORE:
            length |= (data[place] & _SEVEN_BITS) << shift
            place, shift = place + 1, shift + 7
        length |= data[place] << shift
        yield data[place + 1 : place + 1 + length]
        place += 1 + length


def _length(count: int) -> bytes:
    """A length, seven bits at a time, the lowest first."""
    written = bytearray()
    while count > _SEVEN_BITS:
        written.append(count & _SEVEN_BITS | _MORE)
        count >>= 7
    return bytes([*written, count])
