"""The entry point of `codex.exec`. On SIGTERM and SIGINT codex is ended first, then the program by that signal."""

import asyncio
import os
import signal
from pathlib import Path
from typing import cast

from dome_contracts import tool
from domed.tools.codex_exec.task import do


async def _do(dome: tool.Session) -> int:
    """Do the task. The number of the signal that asked for the end; 0 for none. Raises ToolFailure."""
    asked: list[int] = []
    loop = asyncio.get_running_loop()
    task = cast("asyncio.Task[None]", asyncio.current_task())

    def end(number: int) -> None:
        # Once: what a second signal would break off is the end of codex.
        if not asked:
            task.cancel()
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    try:
        await do(dome, Path.cwd(), os.environ)
    except asyncio.CancelledError:
        if not asked:
            raise
    return asked[0] if asked else 0


def main() -> None:
    """Give codex the task that the input names."""
    with tool.session() as dome:
        number = asyncio.run(_do(dome))
    if number:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


if __name__ == "__main__":
    main()
