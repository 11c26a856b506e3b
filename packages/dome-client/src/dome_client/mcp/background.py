"""Work that a call began and does not wait for: it is held, and at the end of the bridge it is given a moment."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from dome_client.errors import DomeError

T = TypeVar("T")

_LOGGER: Final = logging.getLogger(__name__)


class Background:
    """Tasks of one bridge."""

    def __init__(self, *, grace_s: float) -> None:
        self._grace_s = grace_s
        self._tasks: set[asyncio.Task[Any]] = set()
        self._endless: set[asyncio.Task[None]] = set()
        self.closing = False
        """Whether the client has left. What is cancelled from then on is not cancelled by the client's wish."""

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run beside the caller. Whoever awaits the task meets its error; else it is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def start_endless(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """The same for what nobody misses: at the end it is given no moment."""
        task = self.start(work)
        self._endless.add(task)
        task.add_done_callback(self._endless.discard)
        return task

    async def aclose(self) -> None:
        """Let what was begun end in a moment, then end it."""
        self.closing = True
        for task in list(self._endless):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._grace_s)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, DomeError):
            _LOGGER.info("beside a call: %s", error)
        elif error is not None:
            _LOGGER.error("beside a call", exc_info=error)
