"""How much output of a run may be on its way to the record."""

import asyncio
from collections.abc import Sequence

from dome_contracts.runtime.v1 import Output, OutputStream
from domed.executors.capture import (
    BACKLOG_BYTES_MAX,
    SHORT_READ_BYTES,
    Activity,
    Backlog,
    Budget,
)
from domed.executors.port import Observation

LONG = Output(stream=OutputStream.STDOUT, data=b"x\n" * (64 * 1024))
SHORT = Output(stream=OutputStream.STDOUT, data=b"x\n")
LOOPS_MAX = 1000


class SlowRecord:
    """Takes observations and finishes them when it is let."""

    def __init__(self) -> None:
        self.begun: list[Observation] = []
        self.gate = asyncio.Event()

    async def __call__(self, observations: Sequence[Observation]) -> None:
        self.begun += observations
        await self.gate.wait()


async def settle() -> None:
    """Let everything happen that can without the record."""
    for _ in range(LOOPS_MAX):
        await asyncio.sleep(0)


async def test_long_reads_may_be_ahead_of_the_record_up_to_a_limit() -> None:
    record = SlowRecord()
    async with asyncio.TaskGroup() as tasks:
        backlog = Backlog(Activity(record), tasks, Budget())

        async def write() -> None:
            for _ in range(100):
                await backlog.put([LONG])

        writing = tasks.create_task(write())
        await settle()
        assert sum(isinstance(each, Output) and len(each.data) for each in record.begun) == BACKLOG_BYTES_MAX
        assert not writing.done()
        record.gate.set()
    assert record.begun == [LONG] * 100


async def test_of_short_reads_one_is_on_its_way() -> None:
    record = SlowRecord()
    assert len(SHORT.data) < SHORT_READ_BYTES
    async with asyncio.TaskGroup() as tasks:
        backlog = Backlog(Activity(record), tasks, Budget())

        async def write() -> None:
            for _ in range(3):
                await backlog.put([SHORT])

        tasks.create_task(write())
        await settle()
        assert record.begun == [SHORT]
        record.gate.set()
    assert record.begun == [SHORT] * 3


async def test_runs_that_write_much_share_what_may_be_on_its_way() -> None:
    record, budget = SlowRecord(), Budget()
    async with asyncio.TaskGroup() as tasks:

        async def write() -> None:
            backlog = Backlog(Activity(record), tasks, budget)
            for _ in range(100):
                await backlog.put([LONG])

        for _ in range(8):
            tasks.create_task(write())
        await settle()
        on_its_way = sum(isinstance(each, Output) and len(each.data) for each in record.begun)
        # The first ones had more to themselves before the others came.
        assert BACKLOG_BYTES_MAX <= on_its_way <= 3 * BACKLOG_BYTES_MAX
        record.gate.set()
    assert record.begun == [LONG] * 800
    assert budget.sharing == 0
