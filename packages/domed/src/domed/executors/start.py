"""Starts the program of a run in the way that it needs: directly, from a launcher that waits, or in a wrapper.

A launcher is a child of the daemon already: it becomes the program. Knows nothing of why a program is held.
"""

import asyncio
import os
import sys
from typing import Final

from domed.executors import launch, limit_mark, survivors
from domed.executors.confinement import UNHELD, Confined
from domed.executors.launch import Kind
from domed.executors.launch_server import Launcher, LauncherGone
from domed.executors.launchers import Launchers
from domed.executors.pipes import Sink, Source
from domed.executors.port import Invocation
from domed.executors.spawn import JOB_VARIABLE, Child, environment, spawn
from domed.executors.start_fault import SpawnError, failure

ATTEMPTS_MAX: Final = 8
"""Launchers that ended while they waited are passed over so many times."""
CHANNEL: Final = 3
"""The number of the channel in a program that a launcher became."""


async def start(
    invocation: Invocation, confined: Confined | None, *, launchers: Launchers, group: int | None = None
) -> Child:
    """Start the program. Raises SpawnError.

    `group`: descriptor of the control group that it is born in. A wrapper is born outside; what it starts enters.
    """
    if sys.platform != "linux" or (confined is None and group is None) or (confined is not None and confined.wrapper):
        return spawn(invocation, confined, group=group)
    confined = confined or UNHELD
    for _ in range(ATTEMPTS_MAX):
        launcher = await _taken(launchers, confined.kind, group=group)
        try:
            return _launch(launcher, invocation, confined)
        except LauncherGone:
            continue
    raise SpawnError(f"The program {invocation.argv[0]!r} cannot be started: what is to hold it ends at once.")


async def _taken(launchers: Launchers, kind: Kind, *, group: int | None) -> Launcher:
    """A launcher in its group. Raises SpawnError."""
    if group is None:
        return await launchers.take(kind)
    try:
        return await launchers.take(kind, group=group)
    except SpawnError:
        # A kernel before 5.7, or a container that hides the call. It has heard no order: nothing is left behind.
        launcher = await launchers.take(kind)
    try:
        await asyncio.to_thread(_move, launcher.pid, group)
    except asyncio.CancelledError:
        launcher.dismiss()
        raise
    except OSError as error:
        launcher.dismiss()
        raise SpawnError(f"What is to hold the program cannot enter its control group: {error.strerror}.") from error
    return launcher


def _move(pid: int, group: int) -> None:
    members = os.open("cgroup.procs", os.O_WRONLY | os.O_CLOEXEC, dir_fd=group)
    try:
        os.write(members, str(pid).encode())
    finally:
        os.close(members)


def _launch(launcher: Launcher, invocation: Invocation, confined: Confined) -> Child:
    cwd = invocation.scratch if invocation.working_directory is None else invocation.working_directory
    ends: list[int] = []
    try:
        variable = f"{JOB_VARIABLE}={invocation.job_id}"
        held = (*limit_mark.words(invocation.job_id), *confined.words)
        words = launch.words(held, variable=variable, directory=str(cwd))
        program = launch.program(invocation.argv, environment(invocation, confined, channel_fd=CHANNEL))
        # Each pair: the reading end, the writing end.
        for _ in range(5):
            ends += os.pipe()
        stdin_r, stdin_w, stdout_r, stdout_w, stderr_r, stderr_w, channel_r, channel_w, status_r, status_w = ends
        ends.append(os.memfd_create("dome-order"))
        _write(ends[-1], program)
        sink = Sink(stdin_w, invocation.payload)
        complete = sink.push()
    except (OSError, ValueError) as error:
        launcher.dismiss()
        _close(ends)
        raise failure(error, program=invocation.argv[0], cwd=cwd) from error
    first_pid = survivors.newest_pid()
    try:
        launcher.order(words, [stdin_r, stdout_w, stderr_w, channel_w, status_w, ends[-1]])
    except LauncherGone:
        _close(ends)
        raise
    _close([stdin_r, stdout_w, stderr_w, channel_w, status_w, ends[-1]])
    if complete:
        sink.close()
    return Child(
        launcher.pid,
        pidfd=launcher.pidfd,
        stdin=None if complete else sink,
        stdout=Source(stdout_r),
        stderr=Source(stderr_r),
        channel=Source(channel_r),
        status=status_r,
        first_pid=first_pid,
    )


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
