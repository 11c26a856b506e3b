"""Programs of the tests, run by the local process; none is left when a test ends."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from domed.executors import survivors
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Exit, Invocation
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id, limits

JOB = fresh_job_id()
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def invoke(tmp_path: Path) -> Callable[..., Invocation]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def invoke(*argv: str, script: str = "", python: str = "", **changes: Any) -> Invocation:
        command = ["sh", "-c", script] if script else [sys.executable, "-I", "-S", "-c", python] if python else argv
        limit = {name: changes.pop(name) for name in ("grace_s", "run_timeout_s") if name in changes}
        values: dict[str, Any] = {
            "job_id": JOB,
            "argv": command,
            "payload": b"",
            "environment": {"PATH": os.environ["PATH"], "SEEN": "yes"},
            "working_directory": None,
            "scratch": scratch,
            "limits": limits(**limit),
        }
        return Invocation(**(values | changes))

    return invoke


@pytest.fixture(autouse=True)
def no_process_or_descriptor_is_left() -> Iterator[None]:
    before = set(os.listdir("/proc/self/fd")) if sys.platform == "linux" else set()
    yield
    if sys.platform == "linux":
        assert survivors.of_jobs([JOB]) == []
        assert len(os.listdir("/proc/self/fd")) <= len(before) + 4


async def run(invocation: Invocation, record: Record, stop: asyncio.Event | None = None) -> Exit:
    async with asyncio.timeout(2 * WAIT_S):
        return await LocalProcessExecutor().run(invocation, emit=record, stop=stop or asyncio.Event())
