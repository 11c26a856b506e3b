"""Starts one program and holds what the daemon has of it: its pipes, its exit, its accounts.

The program leads a session and a process group of its own. Knows nothing of why it is started or ended.
"""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Self

from dome_contracts.runtime.v1 import ResourceUsage
from domed.executors import launch, limit_mark, readiness
from domed.executors.confinement import Confined
from domed.executors.pipes import Sink, Source
from domed.executors.port import Invocation
from domed.executors.start_fault import SpawnError, failure

JOB_VARIABLE: Final = "DOME_JOB_ID"
SCRATCH_VARIABLE: Final = "DOME_SCRATCH"
CHANNEL_VARIABLE: Final = "DOME_CHANNEL_FD"
UMASK: Final = 0o077
MAXRSS_BYTES: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the kernel says of a program that has ended."""

    exit_code: int | None
    signal: int | None
    usage: ResourceUsage


class Child:
    """One started program. Reaped only when asked for, so that until then its pid and its group's id stay its own."""

    def __init__(
        self,
        pid: int,
        *,
        pidfd: int | None,
        stdin: Sink | None,
        stdout: Source,
        stderr: Source,
        channel: Source,
        status: int | None = None,
        first_pid: int | None = None,
    ) -> None:
        """`status`: where the launcher of a confined program tells how it went.

        `first_pid`: what the run starts has later pids than this, where that is not its own.
        """
        self.pid = pid
        self.first_pid = pid if first_pid is None else first_pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.channel = channel
        self.exited = False
        self.changed = asyncio.Event()
        """Says `look again`: set when the program exits, and by whoever else wants its watcher to look."""
        self._accounts: Accounts | None = None
        self._pidfd = pidfd
        self._status = status
        self._launch: launch.Launch | None = None

    async def __aenter__(self) -> Self:
        if self._pidfd is not None:
            readiness.when_readable(self._pidfd, self._exit_seen)
        else:
            # It reaps at once, so the group's id is safe only as long as the group has a member.
            threading.Thread(target=self._wait_and_tell, args=[asyncio.get_running_loop()], daemon=True).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pidfd is not None:
            if not self.exited:
                readiness.forget(self._pidfd)
            os.close(self._pidfd)
        for end in (self.stdin, self.stdout, self.stderr, self.channel):
            if end is not None:
                end.close()
        if self._status is not None:
            os.close(self._status)

    async def exit_by(self, deadline: float) -> bool:
        """Wait for the exit until `deadline`, in the loop's time. Whether it came."""
        while not self.exited:
            self.changed.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self.changed.wait()
            except TimeoutError:
                return self.exited
        return True

    def signal_group(self, number: signal.Signals) -> bool:
        """Send a signal to the program's process group. False where the group has no member."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return self._signal_alone(number)
        except PermissionError:
            # Some systems say so of a group of zombies.
            return False
        return True

    def _signal_alone(self, number: signal.Signals) -> bool:
        """Of a launcher that was just born and has not made its group. What has ended hears nothing."""
        if self._pidfd is None or self.exited:
            return False
        try:
            signal.pidfd_send_signal(self._pidfd, number)
        except ProcessLookupError:
            return False
        return True

    def reap(self) -> Accounts:
        """Let the kernel forget the program, which has exited, and give its accounts. May be called again."""
        if self._accounts is None:
            self._wait()
        assert self._accounts is not None
        if (told := self.launch()) is not None and told.wait_status is not None:
            code, number = _ended(told.wait_status)
            self._accounts = replace(self._accounts, exit_code=code, signal=number)
        return self._accounts

    def launch(self) -> launch.Launch | None:
        """What was told of the start of a confined program, which has exited; None of another. May be called again."""
        if self._launch is None and self._status is not None:
            self._launch = launch.read(self._status)
        return self._launch

    def _exit_seen(self) -> None:
        if self._pidfd is not None:
            readiness.forget(self._pidfd)
        self.exited = True
        self.changed.set()

    def _wait_and_tell(self, loop: asyncio.AbstractEventLoop) -> None:
        self._wait()
        loop.call_soon_threadsafe(self._exit_seen)

    def _wait(self) -> None:
        _, status, used = os.wait4(self.pid, 0)
        exit_code, number = _ended(status)
        # Until its exec the program borrowed the daemon's memory, and the kernel counts that. A peak that does not
        # exceed the daemon's own says nothing of the program.
        own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._accounts = Accounts(
            exit_code=exit_code,
            signal=number,
            usage=ResourceUsage(
                user_cpu_us=round(used.ru_utime * 1_000_000),
                system_cpu_us=round(used.ru_stime * 1_000_000),
                resident_bytes_max=used.ru_maxrss * MAXRSS_BYTES if used.ru_maxrss > own_peak else 0,
            ),
        )


def spawn(invocation: Invocation, confined: Confined | None = None, *, group: int | None = None) -> Child:
    """Start the program, through the launcher where it is confined. Raises SpawnError.

    `group`: descriptor of the control group that the launcher enters before it becomes the program.
    """
    cwd = invocation.scratch if invocation.working_directory is None else invocation.working_directory
    ends: list[int] = []
    try:
        # Each pair: the reading end, the writing end. Not inheritable but for what `Popen` passes on.
        for _ in range(4 if confined is None else 5):
            ends += os.pipe()
        stdin_r, stdin_w, stdout_r, stdout_w, stderr_r, stderr_w, channel_r, channel_w, *status = ends
        sink = Sink(stdin_w, invocation.payload)
        complete = sink.push()
        # No preexec_fn: with it, Python forks the whole daemon instead of borrowing its memory until exec.
        with _signals_held_back(confined), limit_mark.on_what_is_started(limit_mark.number(invocation.job_id)):
            process = subprocess.Popen(
                list(invocation.argv)
                if confined is None
                else confined.command(invocation.argv, status=status[1], group=group),
                stdin=stdin_r,
                stdout=stdout_w,
                stderr=stderr_w,
                pass_fds=(channel_w, *status[1:], *(() if group is None else (group,))),
                cwd=cwd,
                env=environment(invocation, confined, channel_fd=channel_w),
                start_new_session=True,
                umask=UMASK,
            )
    except (OSError, ValueError) as error:
        _close(ends)
        raise failure(error, program=invocation.argv[0], cwd=cwd) from error
    try:
        pidfd = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
    except OSError as error:
        process.kill()
        process.wait()
        _close(ends)
        raise SpawnError(f"The program {invocation.argv[0]!r} cannot be watched: {error.strerror}.") from error
    # The exit is waited for by the descriptor of the process; Popen must neither wait nor warn.
    process.returncode = 0
    _close([stdin_r, stdout_w, stderr_w, channel_w, *status[1:]])
    if complete:
        sink.close()
    return Child(
        process.pid,
        pidfd=pidfd,
        stdin=None if complete else sink,
        stdout=Source(stdout_r),
        stderr=Source(stderr_r),
        channel=Source(channel_r),
        status=status[0] if status else None,
    )


@contextmanager
def _signals_held_back(confined: Confined | None) -> Iterator[None]:
    """What stands between the daemon and a program hears none of the signals to the group: they are the program's."""
    if confined is None or not confined.wrapper:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended(wait_status: int) -> tuple[int | None, int | None]:
    """Exit code and signal."""
    code = os.waitstatus_to_exitcode(wait_status)
    return (code, None) if code >= 0 else (None, -code)


def environment(invocation: Invocation, confined: Confined | None, *, channel_fd: int) -> dict[str, str]:
    """The environment of a program: the given one, and what the executor adds."""
    return {
        **invocation.environment,
        **({} if confined is None else confined.environment),
        JOB_VARIABLE: invocation.job_id,
        SCRATCH_VARIABLE: str(invocation.scratch),
        CHANNEL_VARIABLE: str(channel_fd),
    }


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
