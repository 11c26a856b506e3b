"""Row `command`: whole processes of the command line."""

import importlib.util
import sys
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import work
from benchmarks.daemon import a_daemon
from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import CannotRun, Missing, Part, Row, Setting
from benchmarks.spawn import Programs

WALL: Final = Metric("process", "ms")
STORED_JOBS: Final = 20
DOME: Final = Path(sys.executable).with_name("dome")

HELP: Final = Contender("dome --help", Role.DOME, "no daemon is asked")
JOBS: Final = Contender("dome jobs", Role.DOME, f"lists {STORED_JOBS} durable jobs")
ARGPARSE: Final = Contender("python: import argparse", Role.LIMIT, "does nothing")
ASYNCIO: Final = Contender("python: import asyncio", Role.LIMIT, "does nothing")
GRPCIO: Final = Contender(
    "grpcio: one ListJobs", Role.PEER, "the same question by Google's library, answer not decoded"
)

ONE_RPC: Final = """
import sys, grpc
with grpc.insecure_channel(sys.argv[1]) as channel:
    ask = channel.unary_unary("/dome.runtime.v1.RuntimeService/ListJobs")
    assert ask(b"", timeout=10)
"""


async def _timed(programs: Programs, *argv: str, count: int) -> Samples:
    times = []
    for _ in range(count):
        began = time.perf_counter()
        await programs.run(*argv)
        times.append((time.perf_counter() - began) * 1000)
    return {WALL: times}


async def _measure(setting: Setting) -> tuple[Part, ...]:
    if not DOME.exists():
        raise CannotRun(f"There is no {DOME}.", "Install dome-client beside this interpreter: `./just`.")
    async with AsyncExitStack() as stack:
        daemon = stack.enter_context(a_daemon(setting.folder / "daemon"))
        async with daemon.client() as client:
            for _ in range(STORED_JOBS):
                await work.run(client, work.TRUE)
        commands = {
            HELP: (str(DOME), "--help"),
            JOBS: (str(DOME), "jobs"),
            ARGPARSE: (sys.executable, "-c", "import argparse"),
            ASYNCIO: (sys.executable, "-c", "import asyncio"),
        }
        missing: tuple[Missing, ...] = ()
        if importlib.util.find_spec("grpc") is None:
            missing = (Missing(GRPCIO.name, "There is no module `grpc` here.", "Install grpcio, a test dependency."),)
        else:
            commands[GRPCIO] = (sys.executable, "-c", ONE_RPC, f"unix:{daemon.home.socket}")
        timed = partial(_timed, Programs(daemon.home.environ), count=setting.many(20, quick=2))
        turns = [Turn(contender, partial(timed, *argv)) for contender, argv in commands.items()]
        return (Part(series=await in_turns(turns, rounds=setting.rounds), missing=missing),)


ROW: Final = Row(
    name="command",
    work="Whole processes of the command line, with cached bytecode.",
    aim="dome --help <= 3x import argparse; dome jobs <= 3x import asyncio",
    measure=_measure,
)
