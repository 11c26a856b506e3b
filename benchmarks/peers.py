"""The peers that Dome is compared with: how each is begun, used and ended, and what it guarantees."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.figures import Contender, Role
from benchmarks.row import CannotRun
from benchmarks.spawn import Programs

TASK_SPOOLER: Final = Contender(
    "task-spooler", Role.PEER, "not durable (queue in memory), output ordered in a file, not resumable"
)


@dataclass(frozen=True, slots=True)
class TaskSpooler:
    """A server of task-spooler with a socket and output files of its own."""

    program: str
    programs: Programs

    async def run(self, *argv: str) -> None:
        """Submit a command and wait for its end, as a user does with `tsp -f`."""
        await self.programs.run(self.program, "-f", *argv)

    async def submit(self, *argv: str) -> str:
        """Submit a command; gives its number."""
        return (await self.programs.output(self.program, *argv)).decode().strip()

    async def follow(self, number: str) -> int:
        """Read the output of a job to its end and count the bytes."""
        process = await asyncio.create_subprocess_exec(
            self.program, "-c", number, env=self.programs.environ, stdout=asyncio.subprocess.PIPE, limit=1 << 22
        )
        assert process.stdout is not None
        total = 0
        while chunk := await process.stdout.read(1 << 20):
            total += len(chunk)
        await process.wait()
        return total

    async def forget(self) -> None:
        """Drop what has ended: its list is searched at each submission."""
        await self.programs.run(self.program, "-C")


@asynccontextmanager
async def task_spooler(folder: Path, *, slots: int = 1) -> AsyncIterator[TaskSpooler]:
    """A task-spooler with so many slots for the length of a block. Raises CannotRun where it is not installed."""
    spooler = _found(folder)
    await spooler.programs.run(spooler.program, "-S", str(slots))
    try:
        yield spooler
    finally:
        await spooler.programs.run(spooler.program, "-K")


def _found(folder: Path) -> TaskSpooler:
    program = shutil.which("tsp") or shutil.which("task-spooler")
    if program is None:
        raise CannotRun("There is no `tsp` on this machine.", "Install it: `apt-get install task-spooler`.")
    folder.mkdir()
    environ = {"PATH": "/usr/bin:/bin", "TS_SOCKET": str(folder / "socket"), "TMPDIR": str(folder)}
    return TaskSpooler(program, Programs(environ))
