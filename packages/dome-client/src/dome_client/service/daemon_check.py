"""Asks the program of a daemon what it is and whether its configuration will do, without starting a daemon."""

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from dome_client.service.daemon_environment import daemon_environment

_TIMEOUT_S: Final = 30.0
_COMPLAINT: Final = "domed: "
_WRONG_CONFIGURATION: Final = 2


def daemon_fault(interpreter: str) -> str:
    """Why that interpreter finds no daemon without anything of this shell, as a service manager starts it. Or empty."""
    code, said = _ask(interpreter, "--version", environ={"PATH": "/usr/bin:/bin"})
    return "" if code == 0 else said or f"it ended with {code}"


def configuration_fault(environ: Mapping[str, str]) -> str:
    """Why the daemon would not start with this user's configuration. Empty where it would, or none is installed."""
    if importlib.util.find_spec("domed") is None:
        return ""
    code, said = _ask(sys.executable, "--check-config", environ=daemon_environment(environ))
    return said.removeprefix(_COMPLAINT) if code == _WRONG_CONFIGURATION else ""


def command(interpreter: str, option: str) -> list[str]:
    """How the daemon's program is asked."""
    return [interpreter, "-P", "-m", "domed", option]


def _ask(interpreter: str, option: str, *, environ: Mapping[str, str]) -> tuple[int | None, str]:
    """Exit code, and what it complained of. Without a code it could not be asked."""
    try:
        done = subprocess.run(
            command(interpreter, option), env=environ, cwd="/", capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    return done.returncode, done.stderr.decode("utf-8", errors="replace").strip()
