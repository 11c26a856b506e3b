"""Carries what a program says from its pipes to the record: its output as pages, its declarations by kind.

A program that is faster than the disk is held back by its pipe: only so much of its output is on its way to the
record at a time, and of a short read no more than that read.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from dome_contracts.runtime.v1 import Output, OutputStream, Progress
from domed.executors.channel import ARTIFACTS_MAX, ChannelError, Failure, LineCutter, Result, declaration
from domed.executors.output import Held, OutputLimit, frame
from domed.executors.pipes import Source
from domed.executors.port import DeclaredArtifact, Emit, Observation

PARTIAL_QUIET_S: Final = 0.2
"""A line without its end is shown after so long a quiet."""
PROGRESS_GAP_S: Final = 0.05
"""Progress is recorded at most so often; the newest report counts."""
BACKLOG_BYTES_MAX: Final = 1024 * 1024
"""Output of all runs together of which the record is not yet durable. With its share of it, a program waits: what a
quiet one says stands in line behind all of it."""
BACKLOG_BYTES_MIN: Final = 128 * 1024
"""No share is smaller."""
SHORT_READ_BYTES: Final = 32 * 1024
"""A program that writes less at a time is not so fast that more than one read of it has to be on its way."""
LONG_LINE_BYTES: Final = 256 * 1024
"""A longer declaration is not taken apart on the loop."""
_QUIET_S: Final = {Held.NOTHING: None, Held.PARTIAL_LINE: PARTIAL_QUIET_S, Held.LINES: 0.0}
"""After so long a quiet what is held is flushed."""


class Activity:
    """When the program was last heard of. A program that is held back counts as heard."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._emitting = 0
        self._last = asyncio.get_running_loop().time()

    @property
    def last(self) -> float:
        """The moment, in the loop's time."""
        return asyncio.get_running_loop().time() if self._emitting else self._last

    def heard(self) -> None:
        """The program said something."""
        self._last = asyncio.get_running_loop().time()

    async def emit(self, observations: Sequence[Observation]) -> None:
        """Hand on what it said."""
        self._emitting += 1
        try:
            await self._emit(observations)
        finally:
            self._emitting -= 1
            self.heard()


class Budget:
    """How much output may be on its way to the record, shared by the runs that write much at the time."""

    def __init__(self) -> None:
        self.sharing = 0
        self._turn = asyncio.Lock()

    @property
    def share_bytes(self) -> int:
        return max(BACKLOG_BYTES_MIN, BACKLOG_BYTES_MAX // max(1, self.sharing))

    async def turn(self) -> None:
        """Let the loop serve everybody else once for each run that wants to go on with much output, not for all."""
        async with self._turn:
            await asyncio.sleep(0)


class Backlog:
    """The output of a run that is on its way to the record."""

    def __init__(self, activity: Activity, tasks: asyncio.TaskGroup, budget: Budget) -> None:
        self._activity = activity
        self._tasks = tasks
        self._budget = budget
        self._bytes = 0
        self._drained = asyncio.Event()

    async def put(self, pages: Sequence[Output]) -> None:
        """Send pages on their way, after those that were sent before. Waits for room for more."""
        size = sum(len(page.data) for page in pages)
        self._budget.sharing += not self._bytes
        self._bytes += size
        recording = self._tasks.create_task(self._record(pages, size))
        if size < SHORT_READ_BYTES:
            # What the program writes meanwhile gathers in the pipe and costs one commit instead of many.
            await recording
        elif self._bytes >= self._budget.share_bytes:
            self._drained.clear()
            await self._drained.wait()
        if size >= SHORT_READ_BYTES:
            await self._budget.turn()

    async def _record(self, pages: Sequence[Output], size: int) -> None:
        try:
            await self._activity.emit(pages)
        finally:
            self._bytes -= size
            self._budget.sharing -= not self._bytes
        if self._bytes < self._budget.share_bytes // 2:
            self._drained.set()


async def record_output(
    source: Source,
    stream: OutputStream,
    *,
    limit: OutputLimit,
    activity: Activity,
    backlog: Backlog,
    limit_reached: asyncio.Event,
) -> None:
    """Record a stream to its end. Sets `limit_reached` whenever something was left out."""
    frames = frame(stream)
    framed = next(frames)
    data: bytes | None = None
    while data != b"":
        data = await source.read(timeout_s=_QUIET_S[framed.held])
        if data:
            activity.heard()
        framed = frames.send(data)
        if framed.pages and (pages := limit.take(framed.pages)):
            await backlog.put(pages)
        if limit.reached:
            limit_reached.set()
        # A program that always has something to say must not keep the loop for itself.
        await asyncio.sleep(0)


class Declared:
    """What the tool declared over its channel."""

    def __init__(self, activity: Activity) -> None:
        self.read = asyncio.Event()
        """Set when all of it is read. What is reported may still be on its way to the record."""
        self._activity = activity
        self._progress: Progress | None = None
        self._reporting: asyncio.Task[None] | None = None
        self._progress_due = 0.0
        self.result: Result | None = None
        self.failure: Failure | None = None
        self.artifacts: dict[str, DeclaredArtifact] = {}
        """By name, in the order of their declaration."""
        self.error: ChannelError | None = None

    async def record(self, source: Source, tasks: asyncio.TaskGroup) -> None:
        """Take the channel to its end. After an error it is emptied, so that the tool is not held up, and not read."""
        lines = LineCutter()
        data: bytes | None = None
        while data != b"":
            data = await source.read()
            if data:
                self._activity.heard()
            for line in lines.feed(data) if data else lines.end() if data == b"" else ():
                await self._take(line)
            if self._progress is not None and (self._reporting is None or self._reporting.done()):
                # Beside the reading: what else is declared must not wait for the record.
                self._reporting = tasks.create_task(self._report())
            await asyncio.sleep(0)
        self.read.set()

    async def _take(self, line: bytes | ChannelError) -> None:
        if self.error is not None:
            return
        if isinstance(line, ChannelError):
            self.error = line
            return
        said = await asyncio.to_thread(declaration, line) if len(line) > LONG_LINE_BYTES else declaration(line)
        match said:
            case Progress():
                self._progress = said
            case DeclaredArtifact():
                self._take_artifact(said)
            case Result() if self.result is None:
                self.result = said
            case Failure() if self.failure is None:
                self.failure = said
            case Result() | Failure():
                self.error = ChannelError(f"The tool gave a second {type(said).__name__.lower()}.")
            case ChannelError():
                self.error = said

    def _take_artifact(self, said: DeclaredArtifact) -> None:
        if said.name in self.artifacts:
            self.error = ChannelError(f"The tool declared a second artifact {said.name!r}.")
        elif len(self.artifacts) == ARTIFACTS_MAX:
            self.error = ChannelError(f"The tool declared more than {ARTIFACTS_MAX} artifacts.")
        else:
            self.artifacts[said.name] = said

    async def _report(self) -> None:
        """Report the newest progress as long as there is news, at most so often, and the last at the end."""
        loop = asyncio.get_running_loop()
        while self._progress is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._progress_due):
                    await self.read.wait()
            progress, self._progress = self._progress, None
            self._progress_due = loop.time() + PROGRESS_GAP_S
            await self._activity.emit([progress])
