"""How the daemon is told to end: by a signal, or by nobody wanting anything for long."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from domed.clock import Clock
from domed.telemetry import Log

LOOK_S: Final = 1.0
"""How often it is looked whether somebody wants something."""

Stops = asyncio.Queue[str]
"""Names of signals that ask for the end, as they come."""

log = Log("host.stop")


@asynccontextmanager
async def stop_signals() -> AsyncIterator[Stops]:
    """SIGTERM and SIGINT, inside the block."""
    loop, stops = asyncio.get_running_loop(), Stops()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stops.put_nowait, number.name)
    try:
        yield stops
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def told_to_stop(
    stops: Stops, clock: Clock, *, idle_exit_s: float | None, last_busy_s: Callable[[], float | None]
) -> None:
    """Wait for a signal, or until `idle_exit_s` have passed since somebody wanted something.

    `last_busy_s` says when that was, by the monotonic clock; None: somebody does.
    """
    since_s = clock.monotonic()
    while True:
        try:
            async with asyncio.timeout(LOOK_S if idle_exit_s is not None else None):
                log.info("told to stop", signal=await stops.get())
                return
        except TimeoutError:
            now_s = clock.monotonic()
            ended_s = last_busy_s()
            since_s = now_s if ended_s is None else max(since_s, ended_s)
            if idle_exit_s is not None and now_s - since_s >= idle_exit_s:
                log.info("nobody wants anything", idle_s=now_s - since_s)
                return
