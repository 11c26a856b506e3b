"""Runs through launchers, and what is left of launchers in the kernel: for tests of them."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from domed.executors.launch import Kind
from domed.executors.launchers import Launchers
from domed.executors.local_process import NO_JOB, LocalProcessExecutor
from domed.executors.port import Executor, Exit, Invocation
from packages.domed.tests.executors.confined_run import found
from packages.domed.tests.executors.confining import READS
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id, limits

VARIABLE = f"DOME_JOB_ID={NO_JOB}"


def an_invocation(scratch: Path, *argv: str, **changes: Any) -> Invocation:
    invocation = Invocation(
        job_id=fresh_job_id(),
        argv=argv,
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=None,
        scratch=scratch,
        limits=limits(),
        effects=READS,
    )
    return replace(invocation, **changes)


async def run(executor: Executor, invocation: Invocation, record: Record | None = None) -> Exit:
    async with asyncio.timeout(2 * WAIT_S):
        return await executor.run(invocation, emit=record or Record(), stop=asyncio.Event())


def server_pid(executor: LocalProcessExecutor) -> int:
    return server_of(executor.launchers)


def server_of(pool: Launchers) -> int:
    pid = pool.server_pid
    assert pid is not None
    return pid


def kind() -> Kind:
    return Kind.VIEW_WITHOUT_NETWORK if found().namespaces else Kind.PLAIN


def is_alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}/fd/0")


async def until(happened: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while not happened():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.001)


async def until_ready(pool: Launchers, kind: Kind) -> None:
    await until(lambda: pool.ready(kind) > 0)


def is_at_rest(pid: int) -> bool:
    return opened(pid).count("socket") == 1


def opened(pid: int) -> list[str]:
    """What a process has open beside standard error, without numbers."""
    folder = f"/proc/{pid}/fd"
    return [os.readlink(f"{folder}/{number}").partition(":")[0] for number in os.listdir(folder) if number != "2"]


def children() -> set[int]:
    """Of this process, the ended ones too that nobody has buried."""
    return {int(pid) for task in os.listdir("/proc/self/task") for pid in children_of(task)}


def children_of(task: str) -> list[str]:
    return Path("/proc/self/task", task, "children").read_text().split()


def memory(pid: int) -> bytes:
    """What a process has written to its memory."""
    held = b""
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            span, rights, *_ = line.split()
            start, end = (int(each, 16) for each in span.split("-"))
            if rights.startswith("rw"):
                mem.seek(start)
                held += mem.read(end - start)
    return held
