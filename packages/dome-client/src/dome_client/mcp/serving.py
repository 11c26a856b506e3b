"""`dome mcp` from its start to the end of its input: puts bridge, protocol and transport together.

Only what the first answer needs is imported before it; the way to the daemon is, while the client reads that answer.
"""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from dome_client.mcp.extra import ExtraMissing
from dome_client.version import VERSION

if TYPE_CHECKING:
    from dome_client.client import Client
    from dome_client.mcp.bridge import Bridge

CLIENT_NAME: Final = f"dome-mcp/{VERSION}"
"""What the record of a job says of who asked."""
_LOG_FORMAT: Final = "dome mcp: %(message)s"


class Link:
    """The way to the daemon: one client, made when it is first asked for."""

    def __init__(self, environ: Mapping[str, str], endpoint: str | None) -> None:
        self._environ = environ
        self._endpoint = endpoint
        self._client: Client | None = None

    def connect(self) -> "Client":
        """The client. Raises EndpointInvalid, each time it is asked for."""
        if self._client is None:
            from dome_client.connection import connect
            from dome_client.mcp.runtime import PATIENCE

            self._client = connect(self._endpoint, environ=self._environ, patience=PATIENCE, client_name=CLIENT_NAME)
        return self._client

    async def aclose(self) -> None:
        """Close the connections. Jobs go on."""
        if self._client is not None:
            await self._client.aclose()


async def serve(
    environ: Mapping[str, str], *, directory: str, endpoint: str | None = None, exposed: Sequence[str] = ()
) -> None:
    """Serve the client on standard input and output until it leaves, or SIGTERM comes. Jobs go on.

    Starts without a daemon, and whatever is wrong with the endpoint: that is told to whoever calls a tool. Raises
    ExtraMissing.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=_LOG_FORMAT)
    gc.disable()  # what is imported stays, so that looking for garbage in it is waste
    try:
        from dome_client.mcp.server import Protocol
        from dome_client.mcp.stdio import standard_streams
    except ModuleNotFoundError as error:
        raise ExtraMissing(error) from error
    finally:
        gc.freeze()
        gc.enable()
    link = Link(environ, endpoint)

    def make_bridge() -> "Bridge":
        from dome_client.mcp.bridge import Bridge

        return Bridge(link.connect, directory=directory, exposed=exposed)

    def warm_up() -> None:
        import dome_client.connection  # noqa: F401 - the same
        import dome_client.mcp.bridge  # noqa: F401 - so that the first call need not wait for them

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    protocol = Protocol(make_bridge, exposes=bool(exposed), warm_up=warm_up)
    try:
        async with standard_streams(on_end=protocol.close) as (incoming, outgoing):
            await protocol.serve(incoming, outgoing, stop=stop)
    finally:
        await protocol.aclose()
        await link.aclose()
