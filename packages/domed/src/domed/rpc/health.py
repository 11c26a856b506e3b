"""Says whether the daemon answers, in the health protocol that gRPC tools share."""

import asyncio
from collections.abc import AsyncGenerator, Collection

from grpclib.const import Status

from dome_contracts.grpc.health.v1 import (
    HealthBase,
    HealthCheckRequest,
    HealthCheckResponse,
    HealthCheckResponseServingStatus,
    HealthListRequest,
    HealthListResponse,
)
from domed.rpc.status import PlainRefusal
from domed.rpc.streams import StreamSafe

_ServingStatus = HealthCheckResponseServingStatus


class Health(StreamSafe, HealthBase):
    """All services have the state of the daemon: they are served, or it is stopping."""

    def __init__(self, services: Collection[str]) -> None:
        self._known = frozenset({"", *services})
        self._serving = True
        self._changed = asyncio.Event()

    def stop_serving(self) -> None:
        """Say NOT_SERVING from here on, also to those who watch."""
        self._serving = False
        self._changed.set()

    async def check(self, message: HealthCheckRequest) -> HealthCheckResponse:
        if message.service not in self._known:
            raise PlainRefusal(Status.NOT_FOUND, f"There is no service {message.service[:200]!r}.")
        return self._state()

    async def list(self, message: HealthListRequest) -> HealthListResponse:
        return HealthListResponse(statuses={name: self._state() for name in sorted(self._known)})

    async def watch(self, message: HealthCheckRequest) -> AsyncGenerator[HealthCheckResponse, None]:
        if message.service not in self._known:
            yield HealthCheckResponse(status=_ServingStatus.SERVICE_UNKNOWN)
            await asyncio.Event().wait()  # the protocol asks to stay, in case the service appears
        yield self._state()
        if self._serving:
            await self._changed.wait()
            yield self._state()
        await asyncio.Event().wait()

    def _state(self) -> HealthCheckResponse:
        return HealthCheckResponse(status=_ServingStatus.SERVING if self._serving else _ServingStatus.NOT_SERVING)
