"""The entry point of `web.read`. On SIGTERM and SIGINT the browser is ended first, then the program by that signal."""

import asyncio
import os
import signal
from typing import cast

from dome_contracts import tool
from domed.tools.web_read.reading import read


async def _read(dome: tool.Session) -> int:
    """Read the page. The number of the signal that asked for the end; 0 for none. Raises ToolFailure."""
    asked: list[int] = []
    loop = asyncio.get_running_loop()
    task = cast("asyncio.Task[None]", asyncio.current_task())

    def end(number: int) -> None:
        # Once: what a second signal would break off is the end of the browser.
        if not asked:
            task.cancel()
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    try:
        await read(dome, os.environ)
    except asyncio.CancelledError:
        if not asked:
            raise
    return asked[0] if asked else 0


def main() -> None:
    """Read the page that the input names."""
    with tool.session() as dome:
        number = asyncio.run(_read(dome))
    if number:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


if __name__ == "__main__":
    main()
