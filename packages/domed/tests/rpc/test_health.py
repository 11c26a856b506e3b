"""Health checks."""

import asyncio

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.grpc.health.v1 import (
    HealthCheckRequest,
    HealthCheckResponseServingStatus,
    HealthListRequest,
    HealthStub,
)
from domed.rpc.health import Health
from packages.domed.tests.rpc.kit import served

SERVICE = "dome.runtime.v1.RuntimeService"
ServingStatus = HealthCheckResponseServingStatus


async def test_the_daemon_and_its_service_serve() -> None:
    async with served([Health([SERVICE])]) as door:
        stub = HealthStub(door.channel())
        for name in ("", SERVICE):
            assert (await stub.check(HealthCheckRequest(service=name))).status is ServingStatus.SERVING
        listed = await stub.list(HealthListRequest())
        assert sorted(listed.statuses) == ["", SERVICE]


async def test_an_unknown_service_is_not_found() -> None:
    async with served([Health([SERVICE])]) as door:
        with pytest.raises(GRPCError) as caught:
            await HealthStub(door.channel()).check(HealthCheckRequest(service="other"))
    assert caught.value.status is Status.NOT_FOUND


async def test_who_watches_hears_of_the_end() -> None:
    health = Health([SERVICE])
    async with served([health]) as door:
        stub = HealthStub(door.channel())
        known = stub.watch(HealthCheckRequest(service=SERVICE))
        other = stub.watch(HealthCheckRequest(service="other"))
        async with asyncio.timeout(5):
            assert (await anext(known)).status is ServingStatus.SERVING
            assert (await anext(other)).status is ServingStatus.SERVICE_UNKNOWN
            health.stop_serving()
            assert (await anext(known)).status is ServingStatus.NOT_SERVING
        assert (await stub.check(HealthCheckRequest())).status is ServingStatus.NOT_SERVING
        await known.aclose()  # type: ignore[attr-defined]
        await other.aclose()  # type: ignore[attr-defined]
