"""Starts programs with as little cost of its own as Python allows, so that a peer is not charged for the harness."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.row import CannotRun


class ProgramFailed(CannotRun):
    """A program of the harness ended with another code than 0: its times mean nothing."""

    def __init__(self, argv: Sequence[str], code: int, said: str = "") -> None:
        super().__init__(f"{' '.join(argv)} ended with {code}. {said}".strip(), "Try it by hand.")


@dataclass(frozen=True, slots=True)
class Programs:
    """Starts programs in one environment, with input and output on /dev/null."""

    environ: Mapping[str, str]

    async def run(self, *argv: str) -> None:
        """Run a program to its end. Raises ProgramFailed."""
        code = await _ended(self._begun(argv))
        if code != 0:
            raise ProgramFailed(argv, code)

    def _begun(self, argv: Sequence[str]) -> int:
        null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        return os.posix_spawn(argv[0], list(argv), self.environ, file_actions=null)

    async def output(self, *argv: str) -> bytes:
        """Run a program to its end and give what it wrote. Raises ProgramFailed."""
        process = await asyncio.create_subprocess_exec(
            *argv, env=self.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            raise ProgramFailed(argv, process.returncode or -1, err.decode(errors="replace"))
        return out


async def _ended(pid: int) -> int:
    """The exit code of a child, when it has ended; a signal as a negative number. A cancelled wait ends the child."""
    loop = asyncio.get_running_loop()
    descriptor = os.pidfd_open(pid)
    ended: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, lambda: None if ended.done() else ended.set_result(None))
    try:
        await ended
    except asyncio.CancelledError:
        os.kill(pid, signal.SIGKILL)
        _reaped(pid)
        raise
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return _reaped(pid)


def _reaped(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
