"""Processes of jobs whose daemon is gone: all are ended, those too that were being started while others were."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Signaled
from domed.executors import limit_mark, survivors
from domed.executors.local_process import LocalProcessExecutor
from packages.domed.tests.executors.conformance import fresh_job_id

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
    job_id = fresh_job_id()
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


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_RTTIME"), reason="marks are for Linux")
def test_one_that_has_its_order_and_no_mark_yet_is_found(job_id: JobId) -> None:
    """As a launcher is for a moment: it shows the job, and still has the limit with which it waited."""
    with limit_mark.on_what_is_started(limit_mark.WAITING):
        process = subprocess.Popen(["/bin/sleep", "30"], env={"DOME_JOB_ID": job_id})
    with process:
        assert [each.pid for each in survivors.of_jobs([job_id])] == [process.pid]
        process.kill()
