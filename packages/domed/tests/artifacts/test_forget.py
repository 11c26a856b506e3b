"""Files of artifacts go when no kept job has them, and never while somebody produces them anew."""

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

from domed.artifacts.disk import Disk
from packages.domed.tests.artifacts.bench import Bench, where


async def nobody(digest: str) -> bool:
    return False


async def kept(bench: Bench, name: str, data: bytes, *, settled: bool = True) -> str:
    """An artifact that an event names, or is about to."""
    found = await bench.keep(bench.declare(name, data))
    if settled:
        await bench.artifacts.settle(found)
    return found.artifacts[0].digest


async def test_what_nobody_names_is_removed_and_counts_no_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    one, two = await kept(bench, "one", b"1"), await kept(bench, "two", b"22")
    assert list(await bench.artifacts.forget({one: 1}, is_named=nobody)) == [one]
    assert (bench.files(), bench.artifacts.total_bytes) == ({where(two)}, 2)


async def test_what_an_event_names_by_now_stays_and_is_settled(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    one = await kept(bench, "one", b"1")

    async def everybody(digest: str) -> bool:
        return True

    assert list(await bench.artifacts.forget({one: 1}, is_named=everybody)) == [one]
    assert (bench.files(), bench.artifacts.total_bytes) == ({where(one)}, 1)


async def test_what_is_kept_and_has_no_event_yet_stays_for_a_later_look(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    found = await bench.keep(bench.declare("one", b"1"))
    one = found.artifacts[0].digest
    assert list(await bench.artifacts.forget({one: 1}, is_named=nobody)) == []
    assert bench.shelf() == {where(one)}
    await bench.artifacts.settle(found)
    assert list(await bench.artifacts.forget({one: 1}, is_named=nobody)) == [one]
    assert bench.files() == set()


async def test_what_is_produced_between_the_look_and_the_removal_stays(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    one = await kept(bench, "one", b"1")

    async def produced_meanwhile(digest: str) -> bool:
        await kept(bench, "again", b"1")
        return False

    assert list(await bench.artifacts.forget({one: 1}, is_named=produced_meanwhile)) == []
    assert await bench.read(one) == b"1"
    assert bench.artifacts.total_bytes == 1
    assert list(await bench.artifacts.forget({one: 1}, is_named=nobody)) == [one]


async def test_a_file_that_is_not_there_is_settled(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    one = await kept(bench, "one", b"1")
    os.unlink(bench.root / where(one))
    assert list(await bench.artifacts.forget({one: 1}, is_named=nobody)) == [one]


async def test_an_error_of_the_disk_leaves_one_for_later_and_takes_the_others(tmp_path: Path) -> None:
    refused: set[Path] = set()

    class Refusing(Disk):
        def remove(self, path: Path) -> None:
            if path in refused:
                raise OSError(errno.EIO, "Input/output error")
            super().remove(path)

    bench = Bench(tmp_path, disk=Refusing())
    one, two = await kept(bench, "one", b"1"), await kept(bench, "two", b"22")
    refused.add(bench.root / where(one))
    assert list(await bench.artifacts.forget({one: 1, two: 2}, is_named=nobody)) == [two]
    assert (bench.files(), bench.artifacts.total_bytes) == ({where(one)}, 1)
    refused.clear()
    assert list(await bench.artifacts.forget({one: 1}, is_named=nobody)) == [one]


async def test_a_reader_that_began_reads_to_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    data = os.urandom(3_000_000)
    one = await kept(bench, "one", data)
    reading: Any = bench.artifacts.read(one, offset=0)
    pieces = [await anext(reading)]
    assert list(await bench.artifacts.forget({one: len(data)}, is_named=nobody)) == [one]
    pieces += [piece async for piece in reading]
    assert b"".join(pieces) == data


async def test_producing_and_forgetting_at_the_same_time_never_loses_what_is_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    named: set[str] = set()

    async def is_named(digest: str) -> bool:
        await asyncio.sleep(0)
        return digest in named

    async def produce(number: int) -> None:
        for turn in range(20):
            found = await bench.keep(bench.declare(f"{number}-{turn}", b"same"))
            named.add(found.artifacts[0].digest)
            await bench.artifacts.settle(found)
            assert await bench.read(found.artifacts[0].digest) == b"same"
            await asyncio.sleep(0)

    async def forget(digest: str) -> None:
        for _ in range(40):
            await bench.artifacts.forget({digest: 4}, is_named=is_named)

    first = await kept(bench, "first", b"same")
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(forget(first))
        for number in range(2):
            tasks.create_task(produce(number))
    assert await bench.read(first) == b"same"
    assert bench.files() == {where(first)}
