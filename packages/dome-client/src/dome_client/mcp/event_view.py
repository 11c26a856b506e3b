"""Events of a job as lines of text, as many as one answer holds.

A job may have millions: of no job is more read than an answer needs, from wherever it begins.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import betterproto2

from dome_client import line_records
from dome_client.client import TERMINAL
from dome_client.errors import DomeError
from dome_client.mcp.answers import shown
from dome_client.mcp.job_view import progress_text
from dome_client.mcp.runtime import Runtime
from dome_contracts.runtime.v1 import Finished, Job, JobEvent

PAGE_CHARACTERS_MAX: Final = 8_000
LINE_CHARACTERS_MAX: Final = 1_000
_TAIL_EVENTS_MAX: Final = 60
_TAIL_CHARACTERS_MAX: Final = 3_000
_TOGETHER_S: Final = 0.2
"""How long to collect what comes right after the first new event."""


@dataclass(slots=True)
class Page:
    """Lines for one answer."""

    next_after: int
    lines: list[str] = field(default_factory=list)
    characters: int = 0
    more: bool = False
    """Whether there was more than fits."""

    def add(self, event: JobEvent) -> bool:
        """Take what fits of an event. False where the page is full."""
        for seq, line in event_lines(event):
            if seq <= self.next_after:
                continue
            if self.lines and self.characters + len(line) > PAGE_CHARACTERS_MAX:
                self.more = True
                return False
            self.lines.append(line)
            self.characters += len(line) + 3
            self.next_after = seq
        return True


async def read_page(runtime: Runtime, job: Job, *, after: int, wait_s: float) -> Page:
    """What follows an event. Where nothing does yet and the job goes on, the first that comes within the wait."""
    start = max(job.last_seq + after, 0) if after < 0 else after
    page = Page(next_after=start)
    async with aclosing(runtime.events(job.job_id, since_seq=start, follow=False)) as events:
        async for event in events:
            if not page.add(event):
                return page
    if page.lines or wait_s <= 0 or job.state in TERMINAL:
        return page
    try:
        async with asyncio.timeout(wait_s) as limit:
            async with aclosing(runtime.events(job.job_id, since_seq=start, follow=True)) as events:
                await _collect(events, page, limit)
    except TimeoutError:
        pass  # the page has what came
    return page


async def _collect(events: AsyncGenerator[JobEvent, None], page: Page, limit: asyncio.Timeout) -> None:
    async for event in events:
        if not page.add(event):
            return
        soon = asyncio.get_running_loop().time() + _TOGETHER_S
        limit.reschedule(min(soon, limit.when() or soon))


async def read_tail(runtime: Runtime, job: Job) -> tuple[list[str], int]:
    """The last lines of a job's record, and the number of the event that they end with.

    Nothing where they are not kept any more.
    """
    since = max(job.last_seq - _TAIL_EVENTS_MAX, 0)
    kept: deque[tuple[int, str]] = deque(maxlen=_TAIL_EVENTS_MAX)
    try:
        async with aclosing(runtime.events(job.job_id, since_seq=since, follow=False)) as events:
            async for event in events:
                kept.extend(event_lines(event))
                if event.last_seq >= since + 2 * _TAIL_EVENTS_MAX:
                    break  # the job goes on faster than it is read
    except DomeError as error:
        if error.reason != "EVENTS_GONE":
            raise
    lines: list[str] = []
    characters = 0
    for _, line in reversed(kept):
        characters += len(line)
        if lines and characters > _TAIL_CHARACTERS_MAX:
            break
        lines.append(line)
    return lines[::-1], kept[-1][0] if kept else job.last_seq


def event_lines(event: JobEvent) -> Iterator[tuple[int, str]]:
    """`seq kind text` for each seq of an event."""
    if event.output is not None:
        stream = (event.output.stream.name or "output").lower()
        for offset, record in enumerate(line_records.split(event.output.data)):
            text = record.removesuffix(b"\n").decode("utf-8", errors="backslashreplace")
            yield event.seq + offset, f"{event.seq + offset} {stream} {shown(text, LINE_CHARACTERS_MAX)}"
        return
    kind, fact = betterproto2.which_one_of(event, "fact")
    yield event.seq, f"{event.seq} {kind or 'unknown'} {shown(_words(kind, fact), LINE_CHARACTERS_MAX)}".rstrip()


def _words(kind: str, fact: Any) -> str:
    match kind:
        case "submitted":
            return f"{fact.skill_id} {fact.tool_version}"
        case "waiting":
            return f"for the lock {fact.lock}, held by {fact.holder_job_id}" if fact.lock else "for a free place"
        case "progress":
            return progress_text(fact)
        case "artifact_produced":
            return f"{fact.artifact.name}, {fact.artifact.size_bytes} bytes, {fact.artifact.digest}"
        case "cancel_requested":
            return str(fact.reason)
        case "signaled":
            return f"signal {fact.signal}"
        case "survivor_found":
            return f"process {fact.pid} still lives: {fact.command}"
        case "truncated":
            return (
                f"{fact.bytes} bytes ({fact.lines} lines) of {(fact.stream.name or 'output').lower()} are not recorded"
            )
        case "finished":
            return _end(fact)
    return ""


def _end(finished: Finished) -> str:
    state = finished.state.name or str(int(finished.state))
    outcome = finished.outcome
    if outcome is None or outcome.failure_reason_code in ("", "NONE"):
        return state
    return f"{state} {outcome.failure_reason_code} {outcome.message}"
