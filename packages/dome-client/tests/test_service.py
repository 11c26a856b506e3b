"""What can be said of the daemon as a process without one. Real starts and stops are among the end-to-end tests."""

import asyncio
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from dome_client.doctor import Verdict, examine
from dome_client.endpoint import Endpoint, resolve
from dome_client.errors import StartFailed
from dome_client.service import StartLimits, StopFailed, ensure_running, find_daemon, is_answering, stop, systemd
from dome_client.service.probe import is_asleep, is_daemon, state_holder


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


@pytest.fixture
def impostor(environ: dict[str, str]) -> Callable[[], AbstractContextManager[int]]:
    """Starts a process that is named like a daemon, and has the lock file open."""
    state_of(environ, lock="\n")
    lock = Path(environ["XDG_STATE_HOME"], "dome", "lock")

    @contextmanager
    def start() -> Iterator[int]:
        named_so = ["domed", "-c", "echo ready; read line"]
        with (
            lock.open("rb") as held,
            subprocess.Popen(
                named_so, executable="/bin/sh", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=held
            ) as daemon,
        ):
            try:
                assert daemon.stdout is not None
                assert daemon.stdout.readline() == b"ready\n"
                yield daemon.pid
            finally:
                daemon.kill()

    return start


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


def until_held(environ: dict[str, str]) -> None:
    give_up_at = time.monotonic() + 20
    while state_holder(environ) is None:
        assert time.monotonic() < give_up_at, "no daemon took the state directory"
        time.sleep(0.01)


async def test_a_daemon_that_takes_its_time_to_start_is_left_to_it(environ: dict[str, str]) -> None:
    endpoint = resolve(None, environ)
    Path(endpoint.path).parent.chmod(0o700)
    with pytest.raises(StartFailed, match=r"process \d+\) does not answer .* and goes on") as told:
        await ensure_running(endpoint, environ, limits=StartLimits(ready_s=0.001))
    try:
        assert "Say the same command again" in told.value.remedy
        await asyncio.to_thread(until_held, environ)
        await ensure_running(endpoint, environ)
        daemon = find_daemon(endpoint, environ)
        assert daemon is not None
        assert f"process {daemon.pid})" in str(told.value), "the one that was waited for, and no second one"
    finally:
        if not await stop(endpoint, environ):
            os.kill(int(str(told.value).partition("process ")[2].partition(")")[0]), signal.SIGKILL)


async def test_one_that_holds_the_state_and_does_not_answer_is_named_and_no_second_one_is_started(
    environ: dict[str, str], impostor: Callable[[], AbstractContextManager[int]]
) -> None:
    endpoint = resolve(None, environ)
    with impostor() as pid:
        state_of(environ, lock=f"{pid}\n{endpoint.path}\n")
        with pytest.raises(StartFailed, match=rf"process {pid}\) does not answer") as told:
            await ensure_running(endpoint, environ, limits=StartLimits(ready_s=0.05))
        assert f"`kill {pid}` ends it" in told.value.remedy
        assert "domed.log" not in state_of(environ)


async def test_one_whose_socket_was_removed_is_told_and_stopped(
    environ: dict[str, str], impostor: Callable[[], AbstractContextManager[int]]
) -> None:
    endpoint = resolve(None, environ)
    with impostor() as pid:
        state_of(environ, lock=f"{pid}\n{endpoint.path}\n")
        (daemon,) = [check for check in await examine(None, environ, directory="/") if check.name == "daemon"]
        assert (daemon.verdict, f"process {pid} is one" in daemon.what) == (Verdict.WARNING, True)
        assert await stop(endpoint, environ)
        assert not await stop(endpoint, environ)


async def test_a_process_with_the_number_of_a_daemon_that_died_is_left_alone(
    environ: dict[str, str], impostor: Callable[[], AbstractContextManager[int]]
) -> None:
    endpoint = resolve(None, environ)
    with impostor() as pid:
        shutil.rmtree(environ["XDG_STATE_HOME"])
        state_of(environ, lock=f"{pid}\n{endpoint.path}\n")
        assert state_holder(environ) is not None
        assert not await stop(endpoint, environ)


async def test_one_that_holds_the_state_for_another_socket_is_not_waited_for(
    environ: dict[str, str], impostor: Callable[[], AbstractContextManager[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = resolve(None, environ)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with impostor() as pid:
        state_of(environ, lock=f"{pid}\n{endpoint.path}-of-another\n")
        with pytest.raises(StartFailed, match="ended at once, with exit code 1"):
            await ensure_running(endpoint, environ)


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
    environ: dict[str, str], listening: Endpoint, impostor: Callable[[], AbstractContextManager[int]]
) -> None:
    with impostor() as pid:
        state_of(environ, lock=f"{pid}\n{listening.path}\n")
        found = find_daemon(listening, environ)
        assert found is not None
        assert found.pid == pid
        state_of(environ, lock=f"{pid}\n{listening.path}-of-another\n")
        assert find_daemon(listening, environ) is None


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


@pytest.fixture
def silent_manager(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A manager of the user that takes connections and says nothing; its runtime directory."""
    if shutil.which("systemctl", path="/usr/bin:/bin") is None:
        pytest.skip("there is no systemctl on this machine: install the package systemd")
    monkeypatch.setattr(systemd, "_QUESTION_TIMEOUT_S", 0.2)
    root = Path(environ["XDG_RUNTIME_DIR"])
    (root / "systemd").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "systemd" / "private"))
        listener.listen(8)
        yield root


async def test_what_a_manager_does_not_say_in_time_is_not_guessed(
    silent_manager: Path, environ: dict[str, str], listening: Endpoint
) -> None:
    told = r"does not answer: `systemctl --user \w+` was not done within 0 s"
    with pytest.raises(systemd.ManagerSilent, match=told) as silent:
        await stop(listening, environ)
    assert "Say the same command again" in silent.value.remedy
    with pytest.raises(systemd.ManagerSilent, match=told):
        await ensure_running(listening, environ)
    assert is_asleep(listening), "who follows a job waits"
    assert not is_asleep(resolve(listening.path, environ)), "a manager has no say in a socket that was named"
    assert "was not done within" in str(systemd.why_absent(silent_manager))
    (daemon,) = [check for check in await examine(None, environ, directory="/") if check.name == "daemon"]
    assert (daemon.verdict, "does not answer" in daemon.what) == (Verdict.PROBLEM, True)


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
