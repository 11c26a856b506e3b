"""Wakes whoever waits for something to change. Carries no data: what changed stands in the store.

Listen, read, then wait, in this order, and nothing falls between: a ring after `listen` is kept until the next wait.
For one event loop; not for several threads.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

QUEUE: Final = "queue"
"""Rung when a job was submitted or a place became free."""
CHANGES: Final = "changes"
"""Rung when a job changed its state. Every other topic is the id of a job."""


class Bell:
    """One for the daemon."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    def ring(self, topic: str) -> None:
        """Wake everybody who listens to `topic`. Rings that nobody has waited for yet count as one."""
        for listener in tuple(self._listeners.get(topic, ())):
            listener.hear()

    def listen(self, topic: str) -> "Listener":
        """From the call on, rings of `topic` are kept for this listener. Use it with `with`."""
        listener = Listener(self, topic)
        self._listeners.setdefault(topic, set()).add(listener)
        return listener

    def tell(self, topic: str, call: Callable[[], None]) -> "Listener":
        """Make the call at each ring of `topic`, as long as the block lasts. What the call does must be quick."""
        listener = _Told(self, topic, call)
        self._listeners.setdefault(topic, set()).add(listener)
        return listener

    def forget(self, listener: "Listener") -> None:
        """Keep no more rings for this listener. Harmless when repeated."""
        listeners = self._listeners.get(listener.topic, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(listener.topic, None)


class Listener:
    """One who listens to one topic."""

    def __init__(self, bell: Bell, topic: str) -> None:
        self.topic = topic
        self.rung = asyncio.Event()
        self._bell = bell
        self._waiting: asyncio.Future[None] | None = None

    def hear(self) -> None:
        """The topic was rung."""
        self.rung.set()
        self._wake()

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for a ring after `listen` or the wait before. False when `timeout_s` passed without one.

        One at a time. Hundreds may listen to one topic, so this costs as little as a wait with a timeout can.
        """
        if not self.rung.is_set():
            loop = asyncio.get_running_loop()
            self._waiting = loop.create_future()
            timer = None if timeout_s is None else loop.call_later(timeout_s, self._wake)
            try:
                await self._waiting
            finally:
                self._waiting = None
                if timer is not None:
                    timer.cancel()
        has_rung = self.rung.is_set()
        self.rung.clear()
        return has_rung

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bell.forget(self)


class _Told(Listener):
    """One for whom a call is made instead."""

    def __init__(self, bell: Bell, topic: str, call: Callable[[], None]) -> None:
        super().__init__(bell, topic)
        self._call = call

    def hear(self) -> None:
        super().hear()
        self._call()
