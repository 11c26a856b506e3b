"""The bytes of events: those that betterproto2 would give them, made many times faster.

What every event has, and pages of output, which are large, are written by hand; all else by `wire`. Nothing is
stored or streamed in other bytes than these.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

import betterproto2

from dome_contracts.ids import JobId, event_id
from dome_contracts.parsing import parse, time_of
from dome_contracts.runtime.v1 import Heartbeat, JobEvent, Output
from dome_contracts.wire import LENGTH_DELIMITED, encode, scan, timestamp, varint
from domed.jobs.model import Fact

__all__ = ("PageEvent", "decode", "encode", "event", "fact_of", "is_bulk", "page_event", "page_of", "response")


def event(job_id: JobId, fact: Fact, *, seq: int, last_seq: int, time: datetime) -> bytes:
    """The bytes in which an event is stored and streamed: those of its `JobEvent`."""
    out: list[bytes] = []
    append = out.append
    for tag, text in ((b"\x0a", job_id.encode()), (b"\x22", event_id(job_id, seq).encode())):
        append(tag + varint(len(text)) + text)
    out.insert(1, b"\x10" + varint(seq) + b"\x18" + varint(last_seq))
    when = timestamp(time)
    append(b"\x2a" + varint(len(when)) + when)
    if isinstance(fact, Output):
        _page(append, fact)
    else:
        body = encode(fact)
        append(_FACT_TAGS[type(fact)] + varint(len(body)))
        append(body)
    return b"".join(out)


def decode(data: bytes) -> JobEvent:
    """The event that the bytes hold."""
    return parse(JobEvent, data)


@dataclass(frozen=True, slots=True)
class PageEvent:
    """An event that holds a page of output."""

    job_id: JobId
    time: datetime
    page: Output


def page_event(data: bytes) -> PageEvent | None:
    """The page in the bytes that `event` made, or None for any other fact. Much cheaper than `decode`."""
    texts: dict[int, bytes] = {}
    for number, _, text in scan(data):
        if number == _OUTPUT:
            return PageEvent(JobId(texts[1].decode()), time_of(texts[5]), parse(Output, text))
        texts[number] = text
    return None


def page_of(data: bytes) -> Output | None:
    """The page alone, of which `page_event` says more."""
    found = page_event(data)
    return found.page if found is not None else None


def is_bulk(data: bytes) -> bool:
    """Whether the bytes hold what retention may remove: a page of output, or how far a run had got."""
    return any(number in _BULK for number, _, _ in scan(data))


def fact_of(message: JobEvent) -> Fact:
    """What happened. Raises ValueError for an event that says nothing."""
    for name in _FACT_NAMES:
        if (fact := getattr(message, name)) is not None:
            return fact  # type: ignore[no-any-return]
    raise ValueError(f"the event {message.event_id!r} holds no fact")


def response(records: Iterable[bytes], heartbeat: Heartbeat | None = None) -> bytes:
    """The bytes of a `StreamJobEventsResponse` that holds these events, as stored."""
    out: list[bytes] = []
    for data in records:
        out += (b"\x0a" + varint(len(data)), data)
    if heartbeat is not None:
        body = encode(heartbeat)
        out += (b"\x12" + varint(len(body)), body)
    return b"".join(out)


def _page(append: Callable[[bytes], None], page: Output) -> None:
    head = b"\x08" + varint(page.stream) if page.stream else b""
    size = varint(len(page.data))
    tail = b"\x18\x01" if page.ends_partial else b""
    data_length = 1 + len(size) + len(page.data) if page.data else 0
    append(b"\x6a" + varint(len(head) + data_length + len(tail)) + head)
    if page.data:
        append(b"\x12" + size)
        append(page.data)
    append(tail + page._unknown_fields)


_FACTS: Final = [
    (field.name, betterproto2.FieldMetadata.get(field).number, JobEvent._cls_for(field))
    for field in fields(JobEvent)
    if betterproto2.FieldMetadata.get(field).group == "fact"
]
_OUTPUT: Final = next(number for name, number, _ in _FACTS if name == "output")
_BULK: Final = frozenset(number for name, number, _ in _FACTS if name in {"output", "progress"})
_FACT_NAMES: Final = tuple(name for name, _, _ in _FACTS)
_FACT_TAGS: Final = {cls: varint(number << 3 | LENGTH_DELIMITED) for _, number, cls in _FACTS}
