"""Pages of output: which seqs a page covers, and the rest of a page for a reader who has its beginning.

A record is a line with its newline; only the last record of a page may lack it. One record is one seq.
Knows no stream and no size: pages are cut where output is read.
"""

from dataclasses import replace
from typing import Final

from dome_contracts.runtime.v1 import Output, OutputStream
from domed.jobs import encoding
from domed.jobs.model import StoredEvent

STREAMS: Final = (OutputStream.STDOUT, OutputStream.STDERR)


def record_count(page: Output) -> int:
    """How many seqs the page takes. Raises ValueError for one of no stream, without records or with a false end."""
    if page.stream not in STREAMS:
        raise ValueError("a page belongs to standard output or to standard error")
    if not page.data or page.data.endswith(b"\n") == page.ends_partial:
        raise ValueError("a page has at least one record and says truly whether the last one lacks its newline")
    return page.data.count(b"\n") + page.ends_partial


def records(page: Output) -> list[bytes]:
    """The records of a page, one a seq. Joined, they are its data."""
    return [line + b"\n" for line in page.data.split(b"\n")[:-1]] + _partial(page)


def trim(event: StoredEvent, since_seq: int) -> StoredEvent:
    """The event for a reader who has everything up to `since_seq`, which lies before the event's end.

    A page that begins at or before `since_seq` is given from the record after it on: an event of its own, with its own
    seq and event id. Any other event is given as it is.
    """
    if event.seq > since_seq:
        return event
    if since_seq >= event.last_seq:
        raise ValueError(f"a reader at {since_seq} has all of an event that ends with {event.last_seq}")
    found = encoding.page_event(event.data)
    if found is None:
        raise ValueError(f"an event that covers {event.seq} to {event.last_seq} is no page")
    start = 0
    for _ in range(since_seq + 1 - event.seq):
        start = found.page.data.index(b"\n", start) + 1
    rest = replace(found.page, data=found.page.data[start:])
    seq = since_seq + 1
    data = encoding.event(found.job_id, rest, seq=seq, last_seq=event.last_seq, time=found.time)
    return StoredEvent(seq, event.last_seq, data)


def _partial(page: Output) -> list[bytes]:
    return [page.data[page.data.rfind(b"\n") + 1 :]] if page.ends_partial else []
