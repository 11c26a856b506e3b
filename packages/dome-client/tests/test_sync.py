"""The facade for programs without a loop: held to the same suite, and to what is its own."""

import inspect
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from dome_client import connection, sync
from dome_client.client import Client
from dome_client.errors import DaemonUnreachable
from dome_client.testing import FakeRuntime
from dome_client.testing.conformance import RuntimeConformance
from dome_contracts.runtime import v1
from tests.awaited import Awaited
from tests.scripted_tools import ScriptedRig


class TestTheFacadeOverTheWire(RuntimeConformance):
    @pytest.fixture
    def rig(self, served: str) -> Iterator[ScriptedRig]:
        with sync.connect(served, environ={}) as client:
            yield ScriptedRig(Awaited(client))


class TestTheFacadeOverTheFake(RuntimeConformance):
    @pytest.fixture
    def rig(self, runtime: FakeRuntime) -> Iterator[ScriptedRig]:
        with sync.SyncClient(runtime) as client:
            yield ScriptedRig(Awaited(client))


@pytest.fixture
def dome(served: str) -> Iterator[sync.SyncClient]:
    with sync.connect(served, environ={}) as client:
        yield client


def test_it_has_every_call_of_the_client_and_gives_plain_values(dome: sync.SyncClient) -> None:
    calls = {name for name in dir(Client) if not name.startswith("_")} - {"aclose"}
    assert calls <= set(dir(sync.SyncClient))
    assert dome.wait(dome.execute("test.print", {"lines": 1}).job_id).state is v1.JobState.SUCCEEDED


def test_a_stream_that_is_left_early_is_closed_and_the_client_goes_on(dome: sync.SyncClient) -> None:
    job = dome.execute("test.endless")
    with closing(dome.events(job.job_id)) as events:
        assert next(events).submitted is not None
    assert dome.cancel(job.job_id).cancel_requested


def test_it_can_be_used_from_many_threads_at_once(dome: sync.SyncClient) -> None:
    ended: list[v1.JobState] = []

    def use() -> None:
        ended.append(dome.wait(dome.execute("test.print", {"lines": 1}).job_id).state)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ended == [v1.JobState.SUCCEEDED] * 8


def test_it_is_connected_with_the_same_words() -> None:
    assert inspect.signature(sync.connect).parameters == inspect.signature(connection.connect).parameters


async def test_it_can_be_used_where_a_loop_runs(runtime: FakeRuntime) -> None:
    with sync.SyncClient(runtime) as dome:
        assert dome.capabilities().store_id == "store-00000000000000000000000000"


def test_an_error_is_raised_as_the_client_raises_it_and_closing_twice_is_no_fault() -> None:
    dome = sync.connect("unix:/nonexistent/s", environ={})
    with pytest.raises(DaemonUnreachable):
        dome.jobs()
    dome.close()
    dome.close()
    with pytest.raises(RuntimeError):
        dome.jobs()


@pytest.mark.parametrize("waiting", ["dome.wait(job.job_id)", "list(dome.events(job.job_id))"])
def test_ctrl_c_ends_what_is_waited_for_and_the_client_can_be_used_on(served: str, waiting: str) -> None:
    # Who starts tests in the background may have left them deaf to it.
    program = f"""
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import dome_client.sync
with dome_client.sync.connect({served!r}, environ={{}}) as dome:
    job = dome.execute("test.endless")
    try:
        print("waiting", flush=True)
        {waiting}
    except KeyboardInterrupt:
        print(dome.status(job.job_id).state.name)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"waiting\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (out, err, process.returncode) == (b"RUNNING\n", b"", 0)
