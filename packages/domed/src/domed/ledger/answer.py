"""Between a write and whoever waits for it: what it means is noted first, also when nobody waits any more."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def answer(write: asyncio.Future[T], note: Callable[[asyncio.Future[T]], None]) -> asyncio.Future[T]:
    """What a caller waits for: done when `note` has taken the write in, which it does also when the caller leaves."""
    answered: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def settle(write: asyncio.Future[T]) -> None:
        note(write)
        if answered.cancelled():
            return
        if (error := write.exception()) is not None:
            answered.set_exception(error)
        else:
            answered.set_result(write.result())

    write.add_done_callback(settle)
    return answered
