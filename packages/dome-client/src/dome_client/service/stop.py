"""Ends the daemon at an endpoint in the polite way, and waits until it is gone."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dome_client.endpoint import Endpoint
from dome_client.errors import DomeError
from dome_client.service import systemd
from dome_client.service.probe import find_daemon, is_answering, is_waiting, silent_daemon

STOP_TIMEOUT_S: Final = 60.0
"""A daemon may let its jobs go on for a while before it ends them."""
_DEADLINE_EXCEEDED: Final = 4
_FAILED_PRECONDITION: Final = 9


class StopFailed(DomeError):
    """The daemon was not stopped."""


async def stop(endpoint: Endpoint, environ: Mapping[str, str], *, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Return when no daemon is left at the endpoint. Whether there was one. Raises StopFailed."""
    runtime_root = Path(endpoint.path).parent.parent
    if not endpoint.explicit and systemd.is_active(runtime_root):
        problem = await asyncio.to_thread(systemd.stop, runtime_root, timeout_s=timeout_s)
        if problem is not None:
            raise StopFailed(
                f"The service manager did not stop it: {problem.rstrip('.')}.",
                grpc_status=_FAILED_PRECONDITION,
                remedy="It may be giving jobs their time: `systemctl --user status domed` says how many still run.",
            )
        return True
    if is_waiting(endpoint):
        return False
    answering = is_answering(endpoint)
    daemon = find_daemon(endpoint, environ) if answering else silent_daemon(endpoint, environ)
    if daemon is None and not answering:
        return False
    if daemon is None:
        raise StopFailed(
            f"Something answers at {endpoint} that cannot be told to be a daemon of this user.",
            grpc_status=_FAILED_PRECONDITION,
            remedy="Find it with `ss -xlp` and end it by hand.",
        )
    try:
        handle = os.pidfd_open(daemon.pid)
    except ProcessLookupError:
        return True
    try:
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        async with asyncio.timeout(timeout_s):
            await _readable(handle)
    except TimeoutError:
        raise StopFailed(
            f"The daemon (process {daemon.pid}) was asked to end and has not done so for {timeout_s:.0f} s.",
            grpc_status=_DEADLINE_EXCEEDED,
            remedy=f"See its jobs with `dome jobs`; `kill -9 {daemon.pid}` ends it, and its jobs are lost.",
        ) from None
    finally:
        os.close(handle)
    return True


async def _readable(descriptor: int) -> None:
    """A process handle becomes readable when the process has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(descriptor, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
