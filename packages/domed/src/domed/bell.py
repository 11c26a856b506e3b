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

    def hear(self) -> None:
        """The topic was rung."""
        self.rung.set()

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for a ring after `listen` or the wait before. False when `timeout_s` passed without one."""
        if not self.rung.is_set():
            try:
                async with asyncio.timeout(timeout_s):
                    await self.rung.wait()
            except TimeoutError:
                return False
        self.rung.clear()
        return True

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
