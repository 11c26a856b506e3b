"""Descriptors that can be read are told of, each to whoever asked, for as long as they want to hear of it."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from domed.executors import readiness

SOON_S = 5.0


@pytest.fixture
def pipes() -> Iterator[list[tuple[int, int]]]:
    with ExitStack() as stack:
        made = [os.pipe() for _ in range(2)]
        for end in (end for pair in made for end in pair):
            stack.callback(os.close, end)
        yield made


async def test_whoever_asked_is_told_again_and_again(pipes: list[tuple[int, int]]) -> None:
    told: asyncio.Queue[int] = asyncio.Queue()
    for number, (reading, _) in enumerate(pipes):
        readiness.when_readable(reading, lambda number=number: told.put_nowait(number))  # type: ignore[misc]
    os.write(pipes[1][1], b"x")
    async with asyncio.timeout(SOON_S):
        assert [await told.get(), await told.get()] == [1, 1]
    for reading, _ in pipes:
        readiness.forget(reading)


async def test_nobody_is_told_of_what_was_forgotten_a_moment_before(pipes: list[tuple[int, int]]) -> None:
    told: asyncio.Queue[int] = asyncio.Queue()
    left = {reading for reading, _ in pipes}

    def forget_both(mine: int) -> None:
        told.put_nowait(mine)
        while left:
            readiness.forget(left.pop())

    for reading, writing in pipes:
        readiness.when_readable(reading, lambda reading=reading: forget_both(reading))  # type: ignore[misc]
        os.write(writing, b"x")
    async with asyncio.timeout(SOON_S):
        await told.get()
    for _ in range(3):
        await asyncio.sleep(0)
    assert told.empty()


async def test_an_end_is_told_as_well() -> None:
    reading, writing = os.pipe()
    heard = asyncio.Event()
    readiness.when_readable(reading, heard.set)
    os.close(writing)
    async with asyncio.timeout(SOON_S):
        await heard.wait()
    readiness.forget(reading)
    os.close(reading)
