"""The daemon's life: one at a time, ready when it says so, ended without loss."""

import asyncio
import json
import os
import resource
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from grpclib.client import Channel
from grpclib.exceptions import GRPCError, StreamTerminatedError

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    Job,
    JobState,
    ListJobsRequest,
    OutcomeCause,
    RuntimeServiceStub,
    SkillExecuteRequest,
    StreamJobEventsRequest,
)
from tests.e2e.daemon_process import DOMED, Place, a_place, reason

QUIET = "[jobs]\ndrain_timeout_s = 20\ngrace_s = 1\n"


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        made.configure(QUIET)
        yield made


async def execute(channel: Channel, *argv: str, key: str = "") -> Job:
    request = SkillExecuteRequest(
        skill_id="process.run", input=json.dumps({"argv": argv}).encode(), idempotency_key=key
    )
    job = (await RuntimeServiceStub(channel).skill_execute(request)).job
    assert job is not None
    return job


async def status(channel: Channel, job_id: str) -> Job:
    job = (await RuntimeServiceStub(channel).get_job_status(GetJobStatusRequest(job_id=job_id))).job
    assert job is not None
    return job


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


def test_a_daemon_is_private_ready_and_gone_without_a_trace(place: Place) -> None:
    daemon = place.ready()
    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.state.stat().st_mode) == 0o700
    assert stat.S_IMODE((place.state / "domed.sqlite").stat().st_mode) == 0o600
    assert (place.state / "lock").read_text() == f"{daemon.pid}\n{place.socket}\n"
    assert os.readlink(f"/proc/{daemon.pid}/cwd") == "/"
    daemon.signal(signal.SIGTERM)
    assert daemon.heard("STOPPING=1")
    code, log = daemon.ended()
    assert code == 0, log
    assert not place.socket.exists()


def test_a_second_daemon_of_the_state_directory_is_refused(place: Place) -> None:
    first = place.ready()
    code, said_ = place.start("--socket", str(place.root / "run" / "dome" / "other.sock")).ended()
    assert code == 3
    assert f"process id {first.pid}" in said_
    assert str(place.socket) in said_
    assert said_.count("\n") == 1
    assert first.stop()[0] == 0


def test_a_second_daemon_does_not_take_the_socket(place: Place) -> None:
    first = place.ready()
    code, said_ = place.start("--state-directory", str(place.root / "other")).ended()
    assert code == 3
    assert "Another daemon listens" in said_
    assert place.socket.exists()
    assert first.stop()[0] == 0


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


async def test_a_socket_of_a_service_manager_is_taken_over(place: Place) -> None:
    place.socket.parent.mkdir(mode=0o700)
    hand_over = (
        "import os, sys\n"
        "os.dup2(int(sys.argv[1]), 3, inheritable=True)\n"
        "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'domed'])\n"
    )
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place.socket))
        listening.listen()
        number = listening.fileno()
        daemon = place.ready(str(number), command=[sys.executable, "-c", hand_over], pass_fds=(number,))
        channel = daemon.channel()
        await RuntimeServiceStub(channel).list_jobs(ListJobsRequest())
        channel.close()
        assert daemon.stop()[0] == 0
        assert place.socket.exists()


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


@pytest.mark.parametrize(
    ("prepare", "arguments", "code", "says"),
    [
        ("", ["--state-directory", "{root}/f"], 3, "cannot be made"),
        ("[jobs]\nparallel_max = 'x'", [], 2, "/jobs/parallel_max"),
        ("", ["--config", "/no/such/file"], 2, "no such file"),
        ("", ["--idle-exit", "0"], 2, "more than zero"),
        ("", ["--no-such-option"], 2, "usage: domed"),
        ("", ["--socket", "/" + "x" * 200], 3, "too long"),
    ],
)
def test_a_daemon_that_cannot_start_says_why(
    place: Place, prepare: str, arguments: list[str], code: int, says: str
) -> None:
    (place.root / "f").write_text("in the way")
    place.configure(prepare)
    found, said_ = place.start(*[argument.format(root=place.root) for argument in arguments]).ended()
    assert (found, "Traceback" in said_) == (code, False), said_
    assert says in said_


def test_a_file_that_is_no_store_is_not_touched(place: Place) -> None:
    place.state.mkdir(parents=True, mode=0o700)
    store = place.state / "domed.sqlite"
    store.write_bytes(b"precious" * 1000)
    code, said_ = place.start().ended()
    assert code == 3, said_
    assert str(store) in said_
    assert store.read_bytes() == b"precious" * 1000


def test_a_newer_store_is_refused_and_left_as_it_is(place: Place) -> None:
    assert place.ready().stop()[0] == 0
    store = place.state / "domed.sqlite"
    with closing(sqlite3.connect(store)) as newer:
        newer.execute("PRAGMA user_version = 9999")
    before = store.read_bytes()
    daemon = place.start()
    assert daemon.heard("STATUS=The store has the schema version 9999")
    code, said_ = daemon.ended()
    assert (code, "Traceback" in said_) == (3, False)
    assert "Start the newer daemon that wrote it" in said_
    assert store.read_bytes() == before


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


def test_without_a_runtime_directory_the_daemon_has_a_private_one_and_says_so(place: Place) -> None:
    if Path("/run/user", str(os.getuid())).exists():
        pytest.skip("this user has a runtime directory, so the daemon needs no other: run it as a user without one")
    daemon = place.ready(command=["env", "-u", "XDG_RUNTIME_DIR", *DOMED])
    socket_path = place.state / "run" / "domed.sock"
    assert (stat.S_IMODE(socket_path.stat().st_mode), stat.S_IMODE(socket_path.parent.stat().st_mode)) == (0o600, 0o700)
    code, log = daemon.stop()
    assert (code, "XDG_RUNTIME_DIR is unset" in log) == (0, True), log


def test_the_command_explains_itself(place: Place) -> None:
    def shown(*arguments: str) -> str:
        done = subprocess.run(
            [*DOMED, *arguments], env=place.environ(), capture_output=True, text=True, timeout=20, check=True
        )
        return done.stdout

    assert shown("--version").startswith("domed ")
    assert "exit codes:" in shown("--help")
    assert f"socket_path = {place.socket}" in shown("--check-config")
    assert not place.state.exists()
