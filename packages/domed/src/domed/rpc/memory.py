"""A channel to a server in the same process: the same bytes, limits and answers, without a path to listen on."""

import asyncio
import socket

from grpclib.client import Channel
from grpclib.protocol import H2Protocol

from domed.rpc.codec import StrictCodec
from domed.rpc.details import DetailsCodec
from domed.rpc.server import DrainingServer


class InProcessChannel(Channel):
    """Connects to `server` through a socket pair, anew where the connection was lost."""

    def __init__(self, server: DrainingServer) -> None:
        super().__init__(codec=StrictCodec(), status_details_codec=DetailsCodec())
        self._in_process = server

    async def _create_connection(self) -> H2Protocol:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        await self._in_process.connect(theirs)
        _, protocol = await asyncio.get_running_loop().create_unix_connection(self._protocol_factory, sock=ours)
        return protocol
