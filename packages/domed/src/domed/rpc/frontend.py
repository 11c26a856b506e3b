"""The door as a whole: services behind one edge behind one server."""

import asyncio
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import betterproto2

from domed.clock import Clock, Ids
from domed.rpc.codec import StrictCodec
from domed.rpc.edge import Audit, Edge, trailers
from domed.rpc.health import Health
from domed.rpc.reflection import reflection
from domed.rpc.server import DrainingServer
from domed.rpc.token import Token
from domed.rpc.wire import WireLimits

INCOMING_MESSAGES: Final = 8
"""How many messages of the largest size may be under way at a time."""
LOOPBACK_CONNECTIONS_MAX: Final = 64
"""Most connections over TCP at a time, which anybody on this machine can open."""
LOOPBACK_MESSAGES: Final = 2
"""The same as INCOMING_MESSAGES for what comes over TCP."""
SETTLE_S: Final = 0.5
"""How long calls may still end by themselves before they are told to."""
END_CALLS_S: Final = 2.0
"""How long they have to end when they are told."""


@dataclass(frozen=True, slots=True)
class Frontend:
    """What calls pass through."""

    edge: Edge
    health: Health
    server: DrainingServer
    """For the Unix socket, and for calls through memory."""
    loopback: DrainingServer
    """For TCP: with limits of its own, so that other users who connect keep nobody from the socket."""

    @classmethod
    def of(
        cls,
        services: Sequence[Any],
        *,
        message_bytes_max: int,
        new_work: Collection[str],
        audit: Audit,
        clock: Clock,
        ids: Ids,
        token: Token,
    ) -> "Frontend":
        """A door to these services, to health checks and to reflection, for this user only.

        `token` is what a call over TCP has to show.
        """
        limits = WireLimits(
            message_bytes_max=message_bytes_max, incoming_bytes_max=INCOMING_MESSAGES * message_bytes_max
        )
        names = {path.split("/")[1] for service in services for path in service.__mapping__()}
        health = Health(names)
        served = (*services, health)
        edge = Edge(
            (*served, *reflection(served)),
            uid=os.getuid(),
            clock=clock,
            ids=ids,
            open_calls_max=limits.open_calls_max,
            new_work=new_work,
            audit=audit,
            token=token,
        )
        fewer = replace(
            limits, connections_max=LOOPBACK_CONNECTIONS_MAX, incoming_bytes_max=LOOPBACK_MESSAGES * message_bytes_max
        )
        return cls(
            edge,
            health,
            server=DrainingServer([edge], limits=limits, refusal=trailers, seldom=edge.seldom),
            loopback=DrainingServer([edge], limits=fewer, refusal=trailers, seldom=edge.seldom, token=token),
        )

    def prepare(self) -> None:
        """Have the codec make now what it makes for the first message of a type."""
        codec = StrictCodec()
        for handler in self.edge.__mapping__().values():
            codec.decode(b"", handler.request_type)
            if issubclass(handler.reply_type, betterproto2.Message):
                codec.encode(handler.reply_type(), handler.reply_type)

    def drain(self) -> None:
        """Accept no further connection and no new work. Open connections are served."""
        self.edge.drain()
        self.health.stop_serving()
        self.server.stop_listening()
        self.loopback.stop_listening()

    async def end(self) -> None:
        """Answer what is still open, and close all connections. Takes a few seconds at most."""
        self.drain()
        await self.edge.end_calls(END_CALLS_S, settle_s=SETTLE_S)
        await asyncio.gather(self.server.end(), self.loopback.end())
