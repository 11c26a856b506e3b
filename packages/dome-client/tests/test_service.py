"""What can be said of the daemon as a process without one. Real starts and stops are among the end-to-end tests."""

import fcntl
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dome_client.endpoint import Endpoint, resolve
from dome_client.errors import StartFailed
from dome_client.service import StartLimits, StopFailed, ensure_running, find_daemon, is_answering, stop, systemd
from dome_client.service.probe import is_daemon


@pytest.fixture
def environ(short_directory: Path) -> dict[str, str]:
    (short_directory / "run" / "dome").mkdir(parents=True)
    return {"XDG_RUNTIME_DIR": str(short_directory / "run"), "XDG_STATE_HOME": str(short_directory / "state")}


def state_of(environ: dict[str, str], *, lock: str = "") -> list[str]:
    """What is in the state directory. With `lock`, what a daemon leaves in its lock file, too."""
    state = Path(environ["XDG_STATE_HOME"], "dome")
    state.mkdir(parents=True, exist_ok=True)
    if lock:
        (state / "lock").write_text(lock)
    return [path.name for path in state.iterdir()]


@pytest.fixture
def listening(environ: dict[str, str]) -> Iterator[Endpoint]:
    endpoint = resolve(None, environ)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(endpoint.path)
        listener.listen(4)
        yield endpoint


async def test_a_daemon_that_answers_is_not_started_again(environ: dict[str, str], listening: Endpoint) -> None:
    await ensure_running(listening, environ)
    assert "domed.log" not in state_of(environ)


async def test_one_client_at_a_time_starts_and_the_others_do_not_wait_for_ever(environ: dict[str, str]) -> None:
    endpoint = resolve(None, environ)
    lock = os.open(Path(endpoint.path).parent / "start.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(StartFailed, match="Another client has been starting"):
        await ensure_running(endpoint, environ, limits=StartLimits(turn_s=0.05))
    os.close(lock)


async def test_a_directory_that_cannot_be_made_is_said(short_directory: Path) -> None:
    (short_directory / "file").write_text("")
    environ = {"XDG_RUNTIME_DIR": str(short_directory / "file"), "XDG_STATE_HOME": str(short_directory)}
    with pytest.raises(StartFailed, match="Not a directory"):
        await ensure_running(resolve(None, environ), environ)


async def test_directories_are_made_for_the_user_alone(short_directory: Path, listening: Endpoint) -> None:
    await ensure_running(listening, {"XDG_STATE_HOME": str(short_directory / "state")})
    assert (short_directory / "state" / "dome").stat().st_mode & 0o777 == 0o700


async def test_stopping_nothing_says_that_there_was_nothing(environ: dict[str, str]) -> None:
    endpoint = resolve(None, environ)
    assert not is_answering(endpoint)
    assert await stop(endpoint, environ) is False


async def test_a_process_that_is_no_daemon_is_never_signalled(environ: dict[str, str], listening: Endpoint) -> None:
    state_of(environ, lock=f"{os.getpid()}\n{listening.path}\n")
    assert is_answering(listening)
    assert find_daemon(listening, environ) is None
    with pytest.raises(StopFailed, match="cannot be told to be a daemon"):
        await stop(listening, environ)


def test_the_daemon_that_holds_the_state_is_not_taken_for_one_at_another_socket(
    environ: dict[str, str], listening: Endpoint
) -> None:
    named_so = ["domed", "-c", "echo ready; read line"]
    with subprocess.Popen(named_so, executable="/bin/sh", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as daemon:
        try:
            assert daemon.stdout is not None
            assert daemon.stdout.readline() == b"ready\n"
            state_of(environ, lock=f"{daemon.pid}\n{listening.path}\n")
            found = find_daemon(listening, environ)
            assert found is not None
            assert found.pid == daemon.pid
            state_of(environ, lock=f"{daemon.pid}\n{listening.path}-of-another\n")
            assert find_daemon(listening, environ) is None
        finally:
            daemon.kill()


@pytest.mark.parametrize(
    ("command", "is_one"),
    [
        (("/usr/bin/python3", "-P", "-m", "domed", "--idle-exit", "600"), True),
        (("/usr/bin/python3", "/home/me/bin/domed"), True),
        (("/usr/bin/domed",), True),
        (("vim", "-R", "domed"), False),
        (("systemd", "--user"), False),
        ((), False),
    ],
)
def test_a_daemon_is_known_by_its_command(command: tuple[str, ...], is_one: bool) -> None:
    assert is_daemon(command) is is_one


def test_without_a_manager_there_is_no_unit(short_directory: Path) -> None:
    assert not systemd.is_installed(short_directory)
    assert not systemd.is_active(short_directory)
    (short_directory / "systemd").mkdir()
    (short_directory / "systemd" / "private").write_text("nobody listens here")
    assert not systemd.is_installed(short_directory)


def test_a_listener_that_does_not_keep_up_is_one_that_answers(environ: dict[str, str], listening: Endpoint) -> None:
    waiting: list[socket.socket] = []
    try:
        for _ in range(5000):
            connecting = socket.socket(socket.AF_UNIX)
            connecting.setblocking(False)
            waiting.append(connecting)
            try:
                connecting.connect(listening.path)
            except BlockingIOError:
                break
        else:
            pytest.fail("the line of those who wait to be accepted never filled")
        assert is_answering(listening)
        assert find_daemon(listening, environ) is None
    finally:
        for connecting in waiting:
            connecting.close()
