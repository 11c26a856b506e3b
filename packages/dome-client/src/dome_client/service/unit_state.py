"""The installed service as it is: its files, and what the manager of its user says of it. Changes nothing."""

import re
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_client.endpoint import Endpoint
from dome_client.service import systemd
from dome_client.service.daemon_check import daemon_fault
from dome_client.service.units import is_foreign, read, template_root, unit_files, unit_paths

_OF_THE_SHELL: Final = re.compile(r'ExecStart=.*|Environment=(".*)?')
"""Lines that depend on where and from which shell it was installed. What the unit itself sets has no quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The service that is installed."""

    path: Path
    interpreter: str
    """The program that it starts."""
    fault: str
    """Why that is no daemon. Empty where it is one."""
    is_outdated: bool
    """Whether this version would write other files."""
    is_changed: bool
    """Whether the manager has read other files."""
    has_failed: bool
    result: str
    """How it failed, in the manager's word."""
    last_words: str
    """What the daemon said last of itself."""


def look_at_unit(environ: Mapping[str, str], endpoint: Endpoint) -> Unit | None:
    """The service of this user. None where none is installed, or where its files are the user's own."""
    path = installed_unit(environ)
    if path is None:
        return None
    interpreter = _interpreter(read(path) or "")
    said = systemd.properties(Path(endpoint.path).parent.parent)
    return Unit(
        path=path,
        interpreter=interpreter,
        fault=daemon_fault(interpreter),
        is_outdated=_is_outdated(environ, interpreter),
        is_changed=said.get("NeedDaemonReload") == "yes",
        has_failed=said.get("ActiveState") == "failed",
        result=said.get("Result", ""),
        last_words=said.get("StatusText", ""),
    )


def installed_unit(environ: Mapping[str, str]) -> Path | None:
    """The file of the service that an installation wrote. None where there is none."""
    if sys.platform == "darwin":
        return None
    path = unit_paths(environ, for_launchd=False)[1]
    return path if path.exists() and not is_foreign(path) else None


def _interpreter(text: str) -> str:
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == "ExecStart":
            with suppress(ValueError):  # somebody left a quote open
                return next(iter(shlex.split(value)), "").replace("%%", "%")
    return ""


def _is_outdated(environ: Mapping[str, str], interpreter: str) -> bool:
    templates = template_root()
    if templates is None:
        return False
    files = unit_files(templates, environ, interpreter=interpreter, for_launchd=False)
    return any(_settled(read(file.path) or "") != _settled(file.text) for file in files)


def _settled(text: str) -> list[str]:
    return [line for line in text.splitlines() if _OF_THE_SHELL.fullmatch(line) is None]
