"""The facade without a loop with `await` before it again, so that the suite for runtimes can use it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

from dome_client import sync

STREAMS = ("events", "stored_events", "watch", "artifact")


class Awaited:
    """Each call in a thread of its own."""

    def __init__(self, client: sync.SyncClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        async def call(*arguments: Any, **options: Any) -> Any:
            return await asyncio.to_thread(method, *arguments, **options)

        def stream(*arguments: Any, **options: Any) -> AsyncGenerator[Any, None]:
            return stepped(method(*arguments, **options))

        return stream if name in STREAMS else call


async def stepped(source: Generator[Any, None, None]) -> AsyncGenerator[Any, None]:
    try:
        while (each := await asyncio.to_thread(next, source, None)) is not None:
            yield each
    finally:
        await asyncio.to_thread(source.close)
