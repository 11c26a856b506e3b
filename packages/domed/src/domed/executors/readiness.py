"""Tells when descriptors can be read: all of them behind one that the event loop looks at.

A run has four descriptors for a few milliseconds, and to the loop itself each coming and going costs ten times as much.
Where the system has no such thing, the loop looks at each. Knows no pipes and no processes.
"""

import asyncio
import select
from collections.abc import Callable
from typing import Protocol
from weakref import WeakKeyDictionary


class _Watch(Protocol):
    def add(self, descriptor: int, call: Callable[[], None]) -> None: ...

    def remove(self, descriptor: int) -> None: ...


class _Together:
    """Behind one descriptor of the loop."""

    def __init__(self) -> None:
        self._calls: dict[int, Callable[[], None]] = {}
        self._epoll = select.epoll()
        asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._look)

    def add(self, descriptor: int, call: Callable[[], None]) -> None:
        self._epoll.register(descriptor, select.EPOLLIN)
        self._calls[descriptor] = call

    def remove(self, descriptor: int) -> None:
        del self._calls[descriptor]
        self._epoll.unregister(descriptor)

    def _look(self) -> None:
        for descriptor, _ in self._epoll.poll(0):
            # An earlier call may have had this one removed.
            if (call := self._calls.get(descriptor)) is not None:
                call()


class _EachByTheLoop:
    """As the loop does it."""

    def add(self, descriptor: int, call: Callable[[], None]) -> None:
        asyncio.get_running_loop().add_reader(descriptor, call)

    def remove(self, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, _Watch] = WeakKeyDictionary()


def when_readable(descriptor: int, call: Callable[[], None]) -> None:
    """Make the call, in the running loop, whenever there is something to read or the end has come, until `forget`."""
    _watch().add(descriptor, call)


def forget(descriptor: int) -> None:
    """Make the call no more. Before the descriptor is closed, and only once."""
    _watch().remove(descriptor)


def _watch() -> _Watch:
    loop = asyncio.get_running_loop()
    watch = _watches.get(loop)
    if watch is None:
        watch = _watches[loop] = _Together() if hasattr(select, "epoll") else _EachByTheLoop()
    return watch
