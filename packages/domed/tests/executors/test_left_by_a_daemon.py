"""Processes of jobs whose daemon is gone: all are ended, those too that were being started while others were."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Signaled
from domed.executors import survivors
from domed.executors.local_process import LocalProcessExecutor
from packages.domed.tests.values import CountingIds

PHOENIX = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end = time.monotonic() + 30
open(sys.argv[1], "w").close()
while time.monotonic() < end:
    time.sleep(0.1)
    if os.fork():
        os._exit(0)
"""


@pytest.fixture
def job_id() -> Iterator[JobId]:
    job_id = CountingIds().new_job_id()
    yield job_id
    for process in survivors.of_jobs([job_id]):
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


async def test_one_that_is_never_the_same_process_for_long_is_ended(job_id: JobId, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    with subprocess.Popen(  # noqa: ASYNC220 - it only starts one
        [sys.executable, "-I", "-S", "-c", PHOENIX, str(begun)], env={"DOME_JOB_ID": job_id}
    ):
        begun.read_bytes()
        # While the daemon waits for the first one to go, there is another already.
        facts = await LocalProcessExecutor().end_survivors([job_id], grace_s=0.3)
    assert survivors.of_jobs([job_id]) == []
    said = facts[job_id]
    assert [type(each) for each in said] == [Signaled] * len(said)
    assert signal.SIGKILL in {each.signal for each in said if isinstance(each, Signaled)}
