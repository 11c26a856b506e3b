"""The daemon with its jobs: ended without loss, and taken up again."""

import asyncio
import resource
import signal
import time
from collections.abc import Iterator

import pytest
from grpclib.client import Channel
from grpclib.exceptions import GRPCError, StreamTerminatedError

from dome_contracts.runtime.v1 import JobState, OutcomeCause, RuntimeServiceStub, StreamJobEventsRequest
from tests.e2e.calls import execute, status
from tests.e2e.daemon_process import DOMED, Place, a_place, reason

QUIET = "[jobs]\ndrain_timeout_s = 20\ngrace_s = 1\n"


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        made.configure(QUIET)
        yield made


async def said(channel: Channel, job_id: str, data: bytes) -> None:
    """Wait until the job's program has written something."""
    stream = RuntimeServiceStub(channel).stream_job_events(StreamJobEventsRequest(job_id=job_id, follow=True))
    async with asyncio.timeout(20):
        async for answer in stream:
            if any(event.output and data in event.output.data for event in answer.events):
                break
    await stream.aclose()  # type: ignore[attr-defined]


async def followed(channel: Channel, job_id: str) -> list[str]:
    """Names of the terminal states that a follower hears of."""
    stream = RuntimeServiceStub(channel).stream_job_events(StreamJobEventsRequest(job_id=job_id, follow=True))
    return [
        event.finished.state.name or ""
        async for answer in stream
        for event in answer.events
        if event.finished is not None
    ]


async def test_after_a_kill_socket_and_state_are_taken_over(place: Place) -> None:
    daemon = place.ready()
    channel = daemon.channel()
    done = (await execute(channel, "true", key="done")).job_id
    assert await followed(channel, done) == ["SUCCEEDED"]
    lost = (await execute(channel, "sh", "-c", "echo up; sleep 60")).job_id
    await said(channel, lost, b"up")
    daemon.signal(signal.SIGKILL)
    channel.close()
    daemon.ended()
    assert place.socket.exists()
    again = place.ready()
    channel = again.channel()
    job = await status(channel, lost)
    assert job.state is JobState.FAILED
    assert job.outcome is not None
    assert job.outcome.cause is OutcomeCause.LOST
    assert (await execute(channel, "true", key="done")).job_id == done
    channel.close()
    assert again.stop()[0] == 0


async def test_a_stop_lets_running_jobs_end_and_followers_see_it(place: Place) -> None:
    daemon = place.ready()
    channel = daemon.channel()
    go = place.work / "go"
    job_id = (await execute(channel, "sh", "-c", f"echo up; until [ -e {go} ]; do sleep 0.02; done")).job_id
    await said(channel, job_id, b"up")
    async with asyncio.TaskGroup() as tasks:
        follower = tasks.create_task(followed(channel, job_id))
        await status(channel, job_id)
        daemon.signal(signal.SIGTERM)
        assert await asyncio.to_thread(daemon.heard, "STOPPING=1")
        with pytest.raises(GRPCError) as refused:
            await execute(channel, "true")
        assert reason(refused.value.details) == "SHUTTING_DOWN"
        assert (await status(channel, job_id)).state is JobState.RUNNING
        go.touch()
    assert follower.result() == ["SUCCEEDED"]
    channel.close()
    code, log = await asyncio.to_thread(daemon.ended)
    assert code == 0, log


async def test_a_second_signal_hurries(place: Place) -> None:
    place.configure("[jobs]\ndrain_timeout_s = 3600\n")
    daemon = place.ready()
    channel = daemon.channel()
    job_id = (await execute(channel, "sh", "-c", "echo up; sleep 3600")).job_id
    await said(channel, job_id, b"up")
    daemon.signal(signal.SIGTERM)
    assert await asyncio.to_thread(daemon.heard, "STOPPING=1")
    daemon.signal(signal.SIGTERM)
    channel.close()
    code, log = await asyncio.to_thread(daemon.ended)
    assert code == 0, log
    again = place.ready()
    channel = again.channel()
    assert (await status(channel, job_id)).state is JobState.CANCELED
    channel.close()
    assert again.stop()[0] == 0


async def test_queued_jobs_survive_a_stop_and_run_afterwards(place: Place) -> None:
    place.configure("[jobs]\nparallel_max = 1\ndrain_timeout_s = 0\ngrace_s = 1\n")
    daemon = place.ready()
    channel = daemon.channel()
    running = (await execute(channel, "sh", "-c", "echo up; sleep 60")).job_id
    await said(channel, running, b"up")
    queued = (await execute(channel, "true")).job_id
    waiting = asyncio.ensure_future(followed(channel, queued))
    assert (await status(channel, queued)).state is JobState.QUEUED
    daemon.signal(signal.SIGTERM)
    with pytest.raises((GRPCError, StreamTerminatedError)):
        assert await waiting == [], "the stream must not end as if the job had"
        raise StreamTerminatedError
    channel.close()
    assert (await asyncio.to_thread(daemon.ended))[0] == 0
    again = place.ready()
    channel = again.channel()
    assert await followed(channel, queued) == ["SUCCEEDED"]
    assert (await status(channel, running)).state is JobState.CANCELED
    channel.close()
    assert again.stop()[0] == 0


async def test_an_idle_daemon_ends_by_itself_and_a_busy_one_stays(place: Place) -> None:
    daemon = place.ready("--idle-exit", "0.5")
    channel = daemon.channel()
    job_id = (await execute(channel, "sleep", "2.5")).job_id
    assert await followed(channel, job_id) == ["SUCCEEDED"]
    ended = time.monotonic()
    code, log = await asyncio.to_thread(daemon.ended, timeout_s=10)
    assert code == 0, log
    assert time.monotonic() - ended >= 0.4
    channel.close()


async def test_a_store_that_fails_ends_the_daemon_loudly(place: Place) -> None:
    daemon = place.ready()
    channel = daemon.channel()
    await execute(channel, "true")
    # The log is written on, which is shorter.
    full = (place.state / "domed.sqlite-wal").stat().st_size
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (full, full))
    with pytest.raises((GRPCError, StreamTerminatedError, ConnectionError)):
        await execute(channel, "true", "x" * 10_000)
    channel.close()
    code, log = await asyncio.to_thread(daemon.ended)
    assert code == 1, log
    assert "level=error" in log
    assert "nothing goes on without a record" in log


async def test_an_aborted_daemon_says_where_it_was(place: Place) -> None:
    daemon = place.ready()
    channel = daemon.channel()
    await execute(channel, "true")
    daemon.signal(signal.SIGABRT)
    channel.close()
    code, log = await asyncio.to_thread(daemon.ended)
    assert code == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in log
    assert "in run_forever" in log, "the loop"
    assert 'store/writer.py", line' in log, "the thread that writes"
    assert not list(place.root.rglob("core*"))


async def test_a_daemon_that_is_watched_says_that_it_works_until_it_is_gone(place: Place) -> None:
    daemon = place.ready(command=["env", "WATCHDOG_USEC=300000", *DOMED])
    for _ in range(3):
        assert daemon.heard("WATCHDOG=1")
    channel = daemon.channel()
    running = (await execute(channel, "sh", "-c", "echo up; sleep 60")).job_id
    await said(channel, running, b"up")
    daemon.signal(signal.SIGTERM)
    assert await asyncio.to_thread(daemon.heard, "STOPPING=1")
    assert await asyncio.to_thread(daemon.heard, "EXTEND_TIMEOUT_USEC=")
    assert await asyncio.to_thread(daemon.heard, "WATCHDOG=1"), "while it drains, too"
    daemon.signal(signal.SIGTERM)
    channel.close()
    assert (await asyncio.to_thread(daemon.ended))[0] == 0
