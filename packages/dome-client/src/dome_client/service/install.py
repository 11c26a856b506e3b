"""Makes the daemon a service of its user, and takes that back. What is in the files: see `units`.

A state directory is never touched: jobs and events outlive every installation.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_client.client import Client
from dome_client.endpoint import Endpoint, state_directory
from dome_client.errors import DomeError
from dome_client.service import systemd
from dome_client.service.daemon_check import command, daemon_fault
from dome_client.service.probe import is_answering
from dome_client.service.stop import stop
from dome_client.service.units import (
    LAUNCHD_LABEL,
    UnitFile,
    can_be_program,
    is_foreign,
    read,
    template_root,
    unit_files,
    unit_paths,
)
from dome_contracts.runtime.v1 import JobState

_STOP_TIMEOUT_S: Final = 90.0
_FAILED_PRECONDITION: Final = 9
_LAUNCHD_PLATFORM: Final = "darwin"


class InstallFailed(DomeError):
    """The daemon was not made a service, or not taken back from it."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message, grpc_status=_FAILED_PRECONDITION, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Installation:
    """What was done, and what can be done next."""

    files: tuple[Path, ...]
    """Those that were written or removed; where nothing had to change, none."""
    steps: tuple[str, ...]
    """Sentences for people."""


def planned_files(
    environ: Mapping[str, str], *, interpreter: str = sys.executable, platform: str = sys.platform
) -> tuple[UnitFile, ...]:
    """The files that an installation writes. Raises InstallFailed where a service could not start a daemon."""
    templates = template_root()
    if templates is None:
        raise InstallFailed(
            f"No daemon is installed beside this client (for {interpreter}).",
            remedy=f"`{interpreter} -m pip install domed`.",
        )
    for_launchd = platform == _LAUNCHD_PLATFORM
    if not for_launchd and not can_be_program(interpreter):
        raise InstallFailed(
            f"systemd starts no program with a quote, `$`, `\\` or a control character in its path: {interpreter!r}.",
            remedy="Make the environment of this client in a directory with a plainer name.",
        )
    return unit_files(templates, environ, interpreter=interpreter, for_launchd=for_launchd)


async def install(
    client: Client, environ: Mapping[str, str], *, interpreter: str = sys.executable, platform: str = sys.platform
) -> Installation:
    """Make the daemon beside this client a service that its first caller starts. Again: brings it up to date.

    A daemon that was started on demand gives way, unless it runs jobs. Raises InstallFailed, and DomeError where the
    daemon that answers cannot be asked or stopped.
    """
    endpoint = client.endpoint
    _check_unnamed(endpoint)
    files = planned_files(environ, interpreter=interpreter, platform=platform)
    _check_not_foreign([file.path for file in files])
    await asyncio.to_thread(_check_daemon, interpreter)
    if platform == _LAUNCHD_PLATFORM:
        return _write_agent(files, environ)
    runtime_root = _runtime_root(endpoint)
    await asyncio.to_thread(_check_manager, runtime_root, files[0].path.parent)
    on_demand = not systemd.is_listening(runtime_root) and is_answering(endpoint)
    if on_demand:
        await _check_idle(client)
    written = _write(files)
    _obey(await asyncio.to_thread(systemd.reload, runtime_root))
    # The units are known before the daemon goes: a client that misses it meanwhile has the manager start it.
    steps = [f"Wrote {path}." for path in written] or ["The files of the service are as they should be."]
    if on_demand:
        await stop(endpoint, environ)
        steps.append("Stopped the daemon that was started on demand.")
    elif written and systemd.is_active(runtime_root):
        steps.append("The daemon that runs was started before: `dome service restart` takes over what was written.")
    _obey(await asyncio.to_thread(systemd.enable, runtime_root))
    steps.append(f"systemd listens on {endpoint.path}, from every login; the first command starts the daemon.")
    steps.append("Look at it with `systemctl --user status domed` and `journalctl --user --unit domed`.")
    return Installation(written, tuple(steps))


async def uninstall(endpoint: Endpoint, environ: Mapping[str, str], *, platform: str = sys.platform) -> Installation:
    """Stop the service and remove the files that an installation wrote, and nothing else. Raises InstallFailed."""
    _check_unnamed(endpoint)
    present = [path for path in unit_paths(environ, for_launchd=platform == _LAUNCHD_PLATFORM) if path.exists()]
    if not present:
        return Installation((), ("The service is not installed.",))
    _check_not_foreign(present)
    steps = []
    if platform == _LAUNCHD_PLATFORM:
        _remove(present)
        steps.append(f"launchd runs it until the logout, or until `launchctl bootout gui/$(id -u)/{LAUNCHD_LABEL}`.")
    else:
        runtime_root = _runtime_root(endpoint)
        await asyncio.to_thread(_check_manager, runtime_root, present[0].parent)
        units = [path.name for path in present]
        _obey(await asyncio.to_thread(systemd.disable, runtime_root, units, timeout_s=_STOP_TIMEOUT_S))
        _remove(present)
        _obey(await asyncio.to_thread(systemd.reload, runtime_root))
        steps.append("systemd does not listen any more, and the daemon has ended.")
    steps += [f"Removed {path}." for path in present]
    steps.append(f"Jobs and events are kept in {state_directory(environ)}.")
    return Installation(tuple(present), tuple(steps))


def _check_unnamed(endpoint: Endpoint) -> None:
    if endpoint.explicit:
        raise InstallFailed(
            f"A service listens on its user's own socket, and {endpoint.source} names {endpoint}.",
            remedy="Leave that name out.",
        )


def _check_not_foreign(paths: Sequence[Path]) -> None:
    for path in paths:
        if is_foreign(path):
            raise InstallFailed(
                f"{path} was not written by `dome service install`.",
                remedy="It is left alone. Move it away, or keep the service that you made.",
            )


def _check_daemon(interpreter: str) -> None:
    """Raises InstallFailed for an interpreter that finds no daemon."""
    if fault := daemon_fault(interpreter):
        asked = " ".join(command(interpreter, "--version"))
        raise InstallFailed(f"`{asked}` does not work: {fault}", remedy="Install domed there.")


def _check_manager(runtime_root: Path, directory: Path) -> None:
    problem = systemd.why_absent(runtime_root)
    if problem is not None:
        raise InstallFailed(
            f"There is no service manager to install it in: {problem.rstrip('.')}.",
            remedy="In a login session of this user, or after `loginctl enable-linger`, there is one; of one that is "
            "stuck, `systemctl --user status` says more. Nothing needs to be installed, though: the first command "
            "starts a daemon.",
        )
    if not systemd.reads(runtime_root, directory):
        raise InstallFailed(
            f"The service manager of this user does not look for units in {directory}.",
            remedy="It was started with another HOME or XDG_CONFIG_HOME than this shell has: use those, or set the "
            "variable for the manager in ~/.config/environment.d and log in again.",
        )


async def _check_idle(client: Client) -> None:
    running = await client.jobs(states=[JobState.RUNNING], limit=1)
    if running:
        raise InstallFailed(
            f"A daemon that was started on demand runs jobs ({running[0].job_id}).",
            remedy="Wait for them, or end it with `dome service stop`, which gives them a moment; then install again.",
        )


def _write_agent(files: Sequence[UnitFile], environ: Mapping[str, str]) -> Installation:
    state_directory(environ).mkdir(mode=0o700, parents=True, exist_ok=True)  # launchd makes no directory for a log
    written = _write(files)
    steps = [f"Wrote {path}." for path in written] or ["The file of the service is as it should be."]
    steps.append(f"launchd takes it at the next login, or at once: `launchctl bootstrap gui/$(id -u) {files[0].path}`.")
    return Installation(written, tuple(steps))


def _write(files: Sequence[UnitFile]) -> tuple[Path, ...]:
    """Write the files that are not there with that text."""
    missing = [file for file in files if read(file.path) != file.text]
    for file in missing:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        beside = file.path.with_name(f".{file.path.name}.part")
        beside.write_text(file.text, encoding="utf-8")
        beside.replace(file.path)
    return tuple(file.path for file in missing)


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink()


def _runtime_root(endpoint: Endpoint) -> Path:
    return Path(endpoint.path).parent.parent


def _obey(problem: str | None) -> None:
    if problem is not None:
        raise InstallFailed(
            f"The service manager refused: {problem.rstrip('.')}.",
            remedy="Look at `systemctl --user status domed.socket domed.service`, then say the same command again.",
        )
