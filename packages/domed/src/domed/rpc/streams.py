"""Streams of answers that end cleanly and leave the loop to others.

Mends two defects of the generated server code: the generator of a cancelled stream is closed at once, so that its
`finally` runs; and a stream that always has something to send lets other calls in between.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

from grpclib.server import Stream


class StreamSafe:
    """Stands before the generated base class of a service with server streams."""

    async def _call_rpc_handler_server_stream(
        self, handler: Callable[[Any], AsyncGenerator[Any, None]], stream: "Stream[Any, Any]", request: Any
    ) -> None:
        sent = False
        async with contextlib.aclosing(handler(request)) as answers:
            async for answer in answers:
                if sent:
                    await asyncio.sleep(0)
                # The end of the stream goes out with the last answer, so nothing is waited for after it.
                await stream.send_message(answer)
                sent = True
