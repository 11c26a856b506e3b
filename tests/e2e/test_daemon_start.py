"""How the daemon starts: one at a time, private, ready when it says so; or not at all, and then it says why."""

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import ListJobsRequest, RuntimeServiceStub
from tests.e2e.daemon_process import DOMED, Place, a_place


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


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
