"""Starts the user's daemon on demand, exactly once however many clients ask for it.

By the user's service manager where the unit is installed there, else with the interpreter of this client. Never for an
endpoint that somebody named.
"""

import asyncio
import fcntl
import importlib.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_client.endpoint import Endpoint, state_directory
from dome_client.errors import StartFailed
from dome_client.service import systemd
from dome_client.service.daemon_environment import daemon_environment
from dome_client.service.probe import is_answering, silent_daemon

_IDLE_EXIT_S: Final = 600
_LOG_NAME: Final = "domed.log"
_LOG_TAIL_BYTES_MAX: Final = 2000
_COMPLAINT: Final = "domed: "
"""How a daemon begins its last line when it cannot start."""
_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class StartLimits:
    """How long a start may take."""

    ready_s: float = 20.0
    """Until it answers. One that takes longer goes on, and its client is told."""
    turn_s: float = 25.0
    """For another client that is starting the daemon at this moment."""


LIMITS: Final = StartLimits()


def check_startable(endpoint: Endpoint) -> None:
    """Raises StartFailed where the endpoint was named: whoever named it starts the daemon there."""
    if endpoint.explicit:
        raise StartFailed(
            f"The daemon at {endpoint} is not this client's to start, because {endpoint.source} names it.",
            remedy="Start it where it belongs, or leave the name out to use this user's own daemon.",
        )


async def ensure_running(
    endpoint: Endpoint, environ: Mapping[str, str], *, limits: StartLimits = StartLimits()
) -> None:
    """Return when a daemon answers at the endpoint. Raises StartFailed, with the end of the daemon's log.

    Raises ManagerSilent where a service manager does not say whether it has one.
    """
    check_startable(endpoint)
    directory = Path(endpoint.path).parent
    try:
        for needed in (state_directory(environ), directory):  # the second may lie in the first
            needed.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with _turn(directory / "start.lock", wait_s=limits.turn_s):
            # A manager that is stuck shall not hold up what else its client does.
            waiting = await asyncio.to_thread(systemd.is_waiting, directory.parent)
            if not waiting and is_answering(endpoint):
                return
            if waiting or await asyncio.to_thread(systemd.is_installed, directory.parent):
                await _start_unit(endpoint, directory.parent, ready_s=limits.ready_s)
            else:
                await _start_process(endpoint, environ, ready_s=limits.ready_s)
    except OSError as error:
        raise StartFailed(
            f"The daemon cannot be started: {error.strerror}: {error.filename}.",
            remedy="`dome doctor` looks at the directories it needs.",
            cause=error,
        ) from error


@asynccontextmanager
async def _turn(path: Path, *, wait_s: float) -> AsyncIterator[None]:
    """Hold the lock that clients take before they start a daemon."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        give_up_at = asyncio.get_running_loop().time() + wait_s
        while not _locked(descriptor):
            if asyncio.get_running_loop().time() > give_up_at:
                raise StartFailed(
                    f"Another client has been starting the daemon for {wait_s:.0f} s and holds {path}.",
                    remedy="See what it does, or end it.",
                )
            await asyncio.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _start_unit(endpoint: Endpoint, runtime_root: Path, *, ready_s: float) -> None:
    problem = await asyncio.to_thread(systemd.start, runtime_root, timeout_s=ready_s)
    if problem is not None or not is_answering(endpoint):
        said = await asyncio.to_thread(systemd.last_words, runtime_root)
        why = said or problem or f"nothing answers at {endpoint}"
        raise StartFailed(
            f"The service manager did not start the daemon: {why.rstrip('.')}.",
            remedy="Look at `systemctl --user status domed` and `journalctl --user --unit domed`.",
        )


async def _start_process(endpoint: Endpoint, environ: Mapping[str, str], *, ready_s: float) -> None:
    if importlib.util.find_spec("domed") is None:  # looks it up, imports nothing
        raise StartFailed(
            f"No daemon runs, and none is installed beside this client (for {sys.executable}).",
            remedy="Install `domed` there, or start one and name its socket in DOMED_ENDPOINT.",
        )
    log = state_directory(environ) / _LOG_NAME
    give_up_at = asyncio.get_running_loop().time() + ready_s
    while (earlier := silent_daemon(endpoint, environ)) is not None:
        if is_answering(endpoint):
            return
        if asyncio.get_running_loop().time() > give_up_at:
            raise _goes_on(earlier.pid, endpoint, log, ready_s=ready_s)
        await asyncio.sleep(_POLL_S)
    log_start = log.stat().st_size if log.exists() else 0
    process = _spawn(endpoint, environ, log=log)
    while not is_answering(endpoint):
        if process.poll() is not None:
            raise StartFailed(
                f"The daemon ended at once, with exit code {process.returncode}. The end of {log}:\n"
                f"{_tail(log, log_start)}",
                remedy="`dome doctor` explains what it needs.",
            )
        if asyncio.get_running_loop().time() > give_up_at:
            _let_go(process)
            raise _goes_on(process.pid, endpoint, log, ready_s=ready_s)
        await asyncio.sleep(_POLL_S)
    _let_go(process)


def _goes_on(pid: int, endpoint: Endpoint, log: Path, *, ready_s: float) -> StartFailed:
    """It is not ended: one that brings a large store up to date would never be done."""
    return StartFailed(
        f"The daemon (process {pid}) does not answer at {endpoint} after {ready_s:.0f} s, and goes on. A large store "
        "on a slow disk takes its time, a full disk is waited for, and one whose socket was removed is never found.",
        remedy=f"Say the same command again in a while. `dome doctor` looks at disk and store, {log} is what it said, "
        f"and `kill {pid}` ends it.",
    )


def _let_go(process: "subprocess.Popen[bytes]") -> None:
    """It outlives this client on purpose: Popen shall not wait for it, nor warn."""
    process.returncode = 0


def _spawn(endpoint: Endpoint, environ: Mapping[str, str], *, log: Path) -> "subprocess.Popen[bytes]":
    with open(log, "ab", opener=_private) as output:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "domed", "--socket", endpoint.path, "--idle-exit", str(_IDLE_EXIT_S)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=daemon_environment(environ),
            start_new_session=True,
            close_fds=True,
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def last_failure(state: Path) -> str:
    """Why the last daemon that was started on demand did not start; empty where it did. `state`: its directory."""
    try:
        _, _, last = _tail(state / _LOG_NAME, 0).rstrip().rpartition("\n")
    except OSError:
        return ""
    return last.removeprefix(_COMPLAINT) if last.startswith(_COMPLAINT) else ""


def _tail(log: Path, start: int) -> str:
    with log.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(start, end - _LOG_TAIL_BYTES_MAX))
        return file.read().decode("utf-8", errors="replace").strip() or "(it wrote nothing)"
