"""The reading end of a pipe: whoever records what is said is called only when something is."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from domed.executors.pipes import PIPE_BYTES, Source

SOON_S = 5.0


@dataclass
class Pipe:
    """A pipe, and how often its reader was called."""

    source: Source
    writing: int
    calls: list[None] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        self.calls.append(None)
        self.heard.set()

    def say(self, data: bytes) -> None:
        os.write(self.writing, data)

    def end(self) -> None:
        os.close(self.writing)
        self.writing = -1


@pytest.fixture
async def pipe() -> AsyncIterator[Pipe]:
    reading, writing = os.pipe()
    made = Pipe(Source(reading), writing)
    yield made
    made.source.close()
    if made.writing >= 0:
        made.end()


async def test_the_first_thing_said_calls_the_reader_who_then_reads_it(pipe: Pipe) -> None:
    pipe.source.when_heard(pipe.begin)
    pipe.say(b"first")
    async with asyncio.timeout(SOON_S):
        await pipe.heard.wait()
    pipe.say(b"second")
    assert not pipe.source.is_silent
    assert [await pipe.source.read(), await pipe.source.read()] == [b"first", b"second"]
    pipe.end()
    assert await pipe.source.read() == b""
    assert len(pipe.calls) == 1


async def test_an_end_without_a_word_calls_nobody(pipe: Pipe) -> None:
    pipe.source.when_heard(pipe.begin)
    pipe.end()
    pipe.source.finish()
    assert pipe.source.is_silent
    assert pipe.calls == []


async def test_what_the_pipe_holds_at_the_finish_is_read_and_a_silent_one_is_not_waited_for(pipe: Pipe) -> None:
    pipe.source.when_heard(pipe.begin)
    pipe.say(b"last words")
    pipe.source.finish()
    assert len(pipe.calls) == 1
    assert [await pipe.source.read(), await pipe.source.read()] == [b"last words", b""]


async def test_a_pipe_that_somebody_holds_open_in_silence_is_silent_at_the_finish(pipe: Pipe) -> None:
    pipe.source.when_heard(pipe.begin)
    pipe.source.finish()
    pipe.say(b"too late")
    for _ in range(3):
        await asyncio.sleep(0)
    assert pipe.source.is_silent
    assert pipe.calls == []


async def test_a_full_pipe_is_read_to_its_last_byte_after_the_finish(pipe: Pipe) -> None:
    pipe.source.when_heard(pipe.begin)
    pipe.say(bytes(PIPE_BYTES))
    pipe.source.finish()
    whole = b""
    while data := await pipe.source.read():
        whole += data
    assert whole == bytes(PIPE_BYTES)
