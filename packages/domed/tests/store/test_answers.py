"""A store answers when its writer has come to it, and not before: what a watchdog goes by."""

import asyncio
import threading
from pathlib import Path

from domed.clock import SystemClock, SystemIds
from domed.store.memory import MemoryStore
from domed.store.sqlite import SqliteStore


async def test_a_writer_that_is_stuck_does_not_answer(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "store.sqlite", SystemIds(SystemClock()))
    stuck, go_on = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        stuck.set()
        go_on.wait(30)

    try:
        await asyncio.wait_for(store.answers(), 10)
        store._writer.write(hang, size=0)
        await asyncio.to_thread(stuck.wait, 10)
        asked = store.answers()
        for _ in range(100):
            await asyncio.sleep(0)
        assert not asked.done()
        go_on.set()
        await asyncio.wait_for(asked, 10)
    finally:
        go_on.set()
        await store.close()


async def test_to_answer_writes_nothing(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "store.sqlite", SystemIds(SystemClock()))
    log = tmp_path / "store.sqlite-wal"
    before = log.stat().st_size
    for _ in range(10):
        await store.answers()
    assert log.stat().st_size == before
    await store.close()


async def test_a_store_in_memory_answers_at_once() -> None:
    await asyncio.wait_for(MemoryStore("store-x").answers(), 10)
