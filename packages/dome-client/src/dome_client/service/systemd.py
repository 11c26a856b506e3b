"""The daemon as units of the user's systemd: how they stand, and the words of the manager that change it.

Every function is given the root of the runtime directory, because the manager of that root is the one that is meant: a
client in a test or a sandbox has a root, and so a manager, of its own, or none.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_client.errors import DomeError

UNIT: Final = "domed.service"
SOCKET_UNIT: Final = "domed.socket"
_QUESTION_TIMEOUT_S: Final = 10.0
"""The manager answers from its memory, whatever daemon and disk do: who takes longer is stuck, or the machine is."""
_CHANGE_TIMEOUT_S: Final = 30.0
_UNAVAILABLE: Final = 14
_PATH: Final = "/usr/bin:/bin"
_RUNNING: Final = frozenset({"active", "activating", "deactivating", "reloading"})
_ENDING: Final = frozenset({"deactivating"})


class ManagerSilent(DomeError):
    """The manager did not answer in time. To guess would be to start what was stopped, or a second daemon."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The service manager of this user does not answer: {problem}.",
            grpc_status=_UNAVAILABLE,
            retryable=True,
            remedy="Say the same command again; `systemctl --user status` says whether the manager works at all.",
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the manager said: the problem in words, or None and its output."""

    problem: str | None
    out: str = ""
    silent: bool = False
    """Whether it said nothing in time."""


def is_installed(runtime_root: Path) -> bool:
    """Whether the manager runs and knows the unit. Raises ManagerSilent, as all do that say whether."""
    return _manager_runs(runtime_root) and _asked(runtime_root, "cat", UNIT).problem is None


def is_active(runtime_root: Path) -> bool:
    """Whether the unit runs, begins to or is about to end."""
    return _state(runtime_root, UNIT) in _RUNNING


def is_listening(runtime_root: Path) -> bool:
    """Whether the manager holds the socket. A connection then starts the daemon, if it does not run."""
    return _state(runtime_root, SOCKET_UNIT) == "active"


def is_waiting(runtime_root: Path) -> bool:
    """Whether the manager listens for a daemon that does not run: to ask it by a connection would start it."""
    return is_listening(runtime_root) and not is_active(runtime_root)


def is_asleep(runtime_root: Path) -> bool:
    """Whether the manager listens for a daemon that does not run or is about to end."""
    if not _manager_runs(runtime_root):
        return False
    return tells_asleep(_asked(runtime_root, "show", "--property=ActiveState", "--value", SOCKET_UNIT, UNIT).out)


def tells_asleep(states: str) -> bool:
    """The same from the manager's words for socket and service. What it does not say is taken for awake."""
    match states.split():
        case ["active", service]:
            return service not in _RUNNING - _ENDING
    return False


def why_absent(runtime_root: Path) -> str | None:
    """Why no manager can be asked, in words. None where one answers."""
    if _program() is None:
        return "systemctl is not installed"
    if not _manager_runs(runtime_root):
        return f"no systemd of this user runs: there is no {_manager_socket(runtime_root)}"
    return _ask(runtime_root, "show", "--property=Version").problem


def reads(runtime_root: Path, directory: Path) -> bool:
    """Whether the manager looks for units in the directory."""
    known = _asked(runtime_root, "show", "--property=UnitPath", "--value").out
    return f" {directory} " in f" {known.strip()} "


def start(runtime_root: Path, *, timeout_s: float) -> str | None:
    """Start the unit and wait until it says that it is ready. The problem in words, or None."""
    # After a few failures systemd refuses to try again for a while; whoever asks may have mended what failed.
    problem = _forget_failures(runtime_root, (SOCKET_UNIT, UNIT))
    return problem or _ask(runtime_root, "start", UNIT, timeout_s=timeout_s).problem


def last_words(runtime_root: Path) -> str:
    """What the daemon said last of itself, where the unit has failed. Else empty."""
    if _state(runtime_root, UNIT) != "failed":
        return ""
    return _ask(runtime_root, "show", "--property=StatusText", "--value", UNIT).out.strip()


def properties(runtime_root: Path) -> Mapping[str, str]:
    """What the manager says of the unit, by its own names. Empty where there is no manager."""
    if not _manager_runs(runtime_root):
        return {}
    names = "ActiveState,NeedDaemonReload,Result,StatusText"
    lines = _ask(runtime_root, "show", f"--property={names}", UNIT).out.splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def stop(runtime_root: Path, *, timeout_s: float) -> str | None:
    """Stop the unit and wait until it has ended. The problem in words, or None."""
    return _ask(runtime_root, "stop", UNIT, timeout_s=timeout_s).problem


def reload(runtime_root: Path) -> str | None:
    """Have the manager read its files again. The problem in words, or None."""
    return _ask(runtime_root, "daemon-reload", timeout_s=_CHANGE_TIMEOUT_S).problem


def enable(runtime_root: Path) -> str | None:
    """Listen, from this moment and from every login. The problem in words, or None."""
    return _ask(runtime_root, "enable", "--now", SOCKET_UNIT, timeout_s=_CHANGE_TIMEOUT_S).problem


def disable(runtime_root: Path, units: Sequence[str], *, timeout_s: float) -> str | None:
    """Stop the units, for good, and wait until they have ended. The problem in words, or None."""
    problem = _ask(runtime_root, "disable", "--now", *units, timeout_s=timeout_s).problem
    if problem is not None:
        return problem
    # A unit that has failed would be remembered by name after its file is gone.
    return _forget_failures(runtime_root, units)


def _forget_failures(runtime_root: Path, units: Sequence[str]) -> str | None:
    failed = [unit for unit in units if _state(runtime_root, unit) == "failed"]
    return _ask(runtime_root, "reset-failed", *failed, timeout_s=_CHANGE_TIMEOUT_S).problem if failed else None


def _state(runtime_root: Path, unit: str) -> str:
    """The manager's word for how the unit stands. Empty where there is no manager."""
    if not _manager_runs(runtime_root):
        return ""
    return _asked(runtime_root, "show", "--property=ActiveState", "--value", unit).out.strip()


def _manager_socket(runtime_root: Path) -> Path:
    return runtime_root / "systemd" / "private"


def _manager_runs(runtime_root: Path) -> bool:
    return _manager_socket(runtime_root).exists()


def _program() -> str | None:
    return shutil.which("systemctl", path=_PATH)


def _asked(runtime_root: Path, *words: str) -> _Answer:
    """An answer on which something hangs. Raises ManagerSilent."""
    answer = _ask(runtime_root, *words)
    if answer.silent:
        raise ManagerSilent(str(answer.problem))
    return answer


def _ask(runtime_root: Path, *words: str, timeout_s: float | None = None) -> _Answer:
    timeout_s = timeout_s or _QUESTION_TIMEOUT_S
    program = _program()
    if program is None:
        return _Answer("systemctl is not installed")
    try:
        done = subprocess.run(
            [program, "--user", *words],
            env={"XDG_RUNTIME_DIR": str(runtime_root), "PATH": _PATH},
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _Answer(f"`systemctl --user {words[0]}` was not done within {timeout_s:.0f} s", silent=True)
    if done.returncode == 0:
        return _Answer(None, done.stdout.decode("utf-8", errors="replace"))
    said = done.stderr.decode("utf-8", errors="replace").strip()
    return _Answer(said or f"systemctl {words[0]} ended with {done.returncode}")
