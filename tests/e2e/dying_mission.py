"""`dome mission` that is killed at a named moment of a commit, as kill -9 would: nothing is cleaned up, nobody is told.

The moments stand where the command meets the daemon: at its port, which is handed in. So the command that users have
holds nothing of this. At a moment a program may be run instead of dying, to do what somebody else might do just then.

Usage: DYING_AT=job.before python -m tests.e2e.dying_mission mission move ...
"""

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from typing import Any, Final

from dome_client.cli.session import Session
from dome_spec.commands import mission

DYING: Final = "DYING_AT"
MEANWHILE: Final = "MEANWHILE"
"""A program to run at the moment, instead of dying."""
POINTS: Final = (
    "job.before",  # the transition is prepared, and the daemon was not asked
    "job.asked",  # the job is accepted, and runs or waits
    "job.ended",  # the commit is made, and the transition does not know it
)


class Moments:
    """The daemon as the command knows it, with an end at one moment."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def execute(self, *arguments: Any, **named: Any) -> Any:
        _at("job.before")
        job = await self._inner.execute(*arguments, **named)
        _at("job.asked")
        return job

    async def status(self, job_id: str) -> Any:
        found = await self._inner.status(job_id)
        _at("job.ended")
        return found


def _at(point: str) -> None:
    if os.environ.get(DYING) != point:
        return
    if MEANWHILE in os.environ:
        subprocess.run(shlex.split(os.environ[MEANWHILE]), check=True, stdout=subprocess.DEVNULL)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(words: list[str]) -> int:
    """One use of the command."""
    session = Session(environ=os.environ, out=sys.stdout.buffer, err=sys.stderr.buffer)
    session.obey(Namespace(json=False, endpoint=None))

    async def connect() -> Any:
        return Moments(await session.runtime())

    parser = ArgumentParser()
    mission.register(parser.add_subparsers(), connect)
    arguments = parser.parse_args(words)
    begun = arguments.run(arguments)
    try:
        return int(begun if isinstance(begun, int) else await begun)
    finally:
        await session.aclose()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
