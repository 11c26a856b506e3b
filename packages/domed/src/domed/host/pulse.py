"""What a service manager is told again and again: that the daemon works, what it does, that it needs time to end.

Runs on the loop that does the daemon's work, so that a loop that is stuck says nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from domed.clock import Clock
from domed.host.notify import Notify

TIMES_IN_IT: Final = 3
"""So often within the time that the service manager allows it hears from the daemon."""
STATUS_EVERY_S: Final = 1.0
"""The status is told at most so often, however fast things change."""
EXTENSION_S: Final = 30.0
"""So much more time the end asks for at a time: a daemon that is stuck in it is ended soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where what is told comes from."""

    status: Callable[[], str]
    changed: Callable[[], Awaitable[object]]
    """Comes back when the status may be another one."""
    answers: Callable[[], Awaitable[None]]
    """Comes back when the parts that work beside the loop have answered."""


@asynccontextmanager
async def pulse(notify: Notify, told: Told, *, watchdog_s: float | None) -> AsyncIterator[None]:
    """Tell the status inside the block and, where there is a watchdog, that all parts work."""
    if not notify.is_heard:
        yield
        return
    async with asyncio.TaskGroup() as tasks:
        telling = [tasks.create_task(_tell_status(notify, told))]
        if watchdog_s is not None:
            telling.append(tasks.create_task(_feed_watchdog(notify, told, watchdog_s=watchdog_s)))
        yield
        for task in telling:
            task.cancel()


async def ask_for_time(notify: Notify, clock: Clock, *, at_most_s: float) -> None:
    """Say again and again that the end takes longer, until that time is over. Runs beside what takes it."""
    give_up_s = clock.monotonic() + at_most_s
    while clock.monotonic() < give_up_s:
        notify.extend(within_s=EXTENSION_S)
        await asyncio.sleep(EXTENSION_S / TIMES_IN_IT)


async def _feed_watchdog(notify: Notify, told: Told, *, watchdog_s: float) -> None:
    while True:
        await told.answers()
        notify.watchdog()
        await asyncio.sleep(watchdog_s / TIMES_IN_IT)


async def _tell_status(notify: Notify, told: Told) -> None:
    last = ""
    while True:
        if (now := told.status()) != last:
            notify.status(now)
            last = now
        await told.changed()
        await asyncio.sleep(STATUS_EVERY_S)
