"""The end of a built-in tool that runs a program: first that program, then the tool by the signal that asked for it.

Knows no tool and no program.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import cast

from dome_contracts import tool

Work = Callable[[tool.Session], Coroutine[None, None, None]]


def run(work: Work) -> None:
    """Do the work of the tool. SIGTERM and SIGINT cancel it, and end the process when it is done with that."""
    with tool.session() as dome:
        number = asyncio.run(_until_asked(work, dome))
    if number:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


async def _until_asked(work: Work, dome: tool.Session) -> int:
    """The number of the signal that asked for the end; 0 for none. Raises ToolFailure."""
    asked: list[int] = []
    loop = asyncio.get_running_loop()
    task = cast("asyncio.Task[None]", asyncio.current_task())

    def end(number: int) -> None:
        # Once: what a second signal would break off is the end of the program.
        if not asked:
            task.cancel()
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    try:
        await work(dome)
    except asyncio.CancelledError:
        if not asked:
            raise
    return asked[0] if asked else 0
