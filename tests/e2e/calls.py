"""Calls of a client on a daemon's socket, and what holds of every stream of a job's events, whatever happened."""

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grpclib.client import Channel

from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    GetJobStatusRequest,
    Job,
    JobEvent,
    JobState,
    RuntimeServiceStub,
    SkillExecuteRequest,
    StreamJobEventsRequest,
)

TERMINAL = {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED}
WAIT_S = 30.0


async def execute(channel: Channel, *argv: str, key: str = "", **fields: Any) -> Job:
    """Submit a program with its arguments."""
    request = SkillExecuteRequest(
        skill_id="process.run", input=json.dumps({"argv": argv}).encode(), idempotency_key=key, **fields
    )
    job = (await RuntimeServiceStub(channel).skill_execute(request)).job
    assert job is not None
    return job


async def status(channel: Channel, job_id: str) -> Job:
    job = (await RuntimeServiceStub(channel).get_job_status(GetJobStatusRequest(job_id=job_id))).job
    assert job is not None
    return job


async def cancel(channel: Channel, job_id: str) -> Job:
    job = (await RuntimeServiceStub(channel).cancel_job(CancelJobRequest(job_id=job_id))).job
    assert job is not None
    return job


@dataclass(slots=True)
class Seen:
    """What one reader has seen of a job: grows while it follows, and is checked as it grows."""

    job_id: str
    since_seq: int = 0
    events: list[JobEvent] = field(default_factory=list)

    @property
    def position(self) -> int:
        return self.events[-1].last_seq if self.events else self.since_seq

    @property
    def ended(self) -> bool:
        return bool(self.events) and self.events[-1].finished is not None

    @property
    def stdout(self) -> bytes:
        return b"".join(event.output.data for event in self.events if event.output is not None)

    async def follow(self, channel: Channel, *, until: bytes = b"") -> None:
        """Go on from where the reader stands, to the end of the job, or until it has written something."""
        request = StreamJobEventsRequest(job_id=self.job_id, since_seq=self.position, follow=True)
        stream = RuntimeServiceStub(channel).stream_job_events(request)
        async for answer in stream:
            for event in answer.events:
                self.take(event)
            if until and until in self.stdout:
                break
        await stream.aclose()  # type: ignore[attr-defined]

    def take(self, event: JobEvent) -> None:
        """The next event: it follows the one before, and nothing follows the end."""
        assert event.seq == self.position + 1, f"{self.job_id}: after {self.position} came {event.seq}"
        assert event.last_seq >= event.seq
        assert not self.ended, f"{self.job_id}: an event follows the end"
        self.events.append(event)

    def records(self) -> Iterator[tuple[int, object]]:
        """What is said of each seq: the same for every reader, wherever it began inside a page."""
        for event in self.events:
            if event.output is None:
                yield event.seq, event
                continue
            for number, line in enumerate(_lines(event.output.data)):
                yield event.seq + number, (event.output.stream, line)


def _lines(data: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop().removesuffix(b"\n")
    return [*lines, last] if last else lines


async def seen(channel: Channel, job_id: str, *, since_seq: int = 0) -> Seen:
    """Everything after a position, to the end of the job."""
    reader = Seen(job_id, since_seq)
    async with asyncio.timeout(WAIT_S):
        await reader.follow(channel)
    return reader


def times_of(events: Sequence[JobEvent]) -> list[float]:
    """When the daemon observed each."""
    assert all(event.occur_time is not None for event in events)
    return [event.occur_time.timestamp() for event in events if event.occur_time is not None]


def processes_of(job_ids: set[str]) -> list[tuple[int, str]]:
    """The processes that name one of the jobs in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            words = (entry / "environ").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        named = [os.fsdecode(word)[len("DOME_JOB_ID=") :] for word in words if word.startswith(b"DOME_JOB_ID=")]
        found += [(int(entry.name), job_id) for job_id in named if job_id in job_ids]
    return found
