# @generated from contracts/proto: grpc/health/v1/health.proto. Do not edit: change the source, then run `just gen`.
# mypy: disable-error-code="unreachable"
"""Messages, enums and stubs of the proto package `grpc.health.v1`."""

__all__ = (
    "HealthBase",
    "HealthCheckRequest",
    "HealthCheckResponse",
    "HealthCheckResponseServingStatus",
    "HealthListRequest",
    "HealthListResponse",
    "HealthStub",
)

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import betterproto2
import grpclib
from betterproto2 import grpclib as betterproto2_grpclib

from dome_contracts.message_pool import default_message_pool

if TYPE_CHECKING:
    import grpclib.server
    from betterproto2.grpclib.grpclib_client import MetadataLike
    from grpclib.metadata import Deadline

_COMPILER_VERSION = "0.10.1"
betterproto2.check_compiler_version(_COMPILER_VERSION)


class HealthCheckResponseServingStatus(betterproto2.Enum):
    """
    The states of a service.
    """

    UNKNOWN = 0
    """
    Nothing is known.
    """

    SERVING = 1
    """
    It answers.
    """

    NOT_SERVING = 2
    """
    It does not answer at present.
    """

    SERVICE_UNKNOWN = 3
    """
    There is no such service; only Watch says so.
    """


@dataclass(eq=False, repr=False)
class HealthCheckRequest(betterproto2.Message):
    """
    Asks about one service.
    """

    service: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The full name of the service; empty asks about the whole server.
    """


default_message_pool.register_message("grpc.health.v1", "HealthCheckRequest", HealthCheckRequest)


@dataclass(eq=False, repr=False)
class HealthCheckResponse(betterproto2.Message):
    """
    Says how one service is.
    """

    status: "HealthCheckResponseServingStatus" = betterproto2.field(
        1, betterproto2.TYPE_ENUM, default_factory=lambda: HealthCheckResponseServingStatus(0)
    )
    """
    The state of the service.
    """


default_message_pool.register_message("grpc.health.v1", "HealthCheckResponse", HealthCheckResponse)


@dataclass(eq=False, repr=False)
class HealthListRequest(betterproto2.Message):
    """
    Asks about all services.
    """

    pass


default_message_pool.register_message("grpc.health.v1", "HealthListRequest", HealthListRequest)


@dataclass(eq=False, repr=False)
class HealthListResponse(betterproto2.Message):
    """
    Says how all services are.
    """

    statuses: "dict[str, HealthCheckResponse]" = betterproto2.field(
        1, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_MESSAGE)
    )
    """
    The state of each service, by its full name.
    """


default_message_pool.register_message("grpc.health.v1", "HealthListResponse", HealthListResponse)


class HealthStub(betterproto2_grpclib.ServiceStub):
    """
    Tells whether the server and its services answer.
    """

    async def check(
        self,
        message: "HealthCheckRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "HealthCheckResponse":
        """
        Answers with the state of one service at present.

        Idempotent. Does not promise that the next call to the service succeeds.

        Errors:
        * `NOT_FOUND`: the server has no such service. Ask without a name, or call List.
        """

        return await self._unary_unary(
            "/grpc.health.v1.Health/Check",
            message,
            HealthCheckResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def list(
        self,
        message: "HealthListRequest | None" = None,
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "HealthListResponse":
        """
        Answers with the states of all services at present.

        Idempotent. Does not promise a consistent moment over all services.

        Errors:
        * `RESOURCE_EXHAUSTED`: there are too many services to list. Ask for one with Check.
        """

        if message is None:
            message = HealthListRequest()

        return await self._unary_unary(
            "/grpc.health.v1.Health/List",
            message,
            HealthListResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def watch(
        self,
        message: "HealthCheckRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "AsyncIterator[HealthCheckResponse]":
        """
        Answers with the state of one service at once, and again whenever it changes.

        Ordered. Does not promise to report states that lasted only a moment, and does not
        end for an unknown service: it answers SERVICE_UNKNOWN and waits.

        Errors:
        * `UNIMPLEMENTED`: the server does not watch. Poll with Check instead.
        """

        async for response in self._unary_stream(
            "/grpc.health.v1.Health/Watch",
            message,
            HealthCheckResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        ):
            yield response


class HealthBase(betterproto2_grpclib.ServiceBase):
    """
    Tells whether the server and its services answer.
    """

    async def check(self, message: "HealthCheckRequest") -> "HealthCheckResponse":
        """
        Answers with the state of one service at present.

        Idempotent. Does not promise that the next call to the service succeeds.

        Errors:
        * `NOT_FOUND`: the server has no such service. Ask without a name, or call List.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def list(self, message: "HealthListRequest") -> "HealthListResponse":
        """
        Answers with the states of all services at present.

        Idempotent. Does not promise a consistent moment over all services.

        Errors:
        * `RESOURCE_EXHAUSTED`: there are too many services to list. Ask for one with Check.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def watch(self, message: "HealthCheckRequest") -> "AsyncIterator[HealthCheckResponse]":
        """
        Answers with the state of one service at once, and again whenever it changes.

        Ordered. Does not promise to report states that lasted only a moment, and does not
        end for an unknown service: it answers SERVICE_UNKNOWN and waits.

        Errors:
        * `UNIMPLEMENTED`: the server does not watch. Poll with Check instead.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)
        yield HealthCheckResponse()

    async def __rpc_check(self, stream: "grpclib.server.Stream[HealthCheckRequest, HealthCheckResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.check(request)
        await stream.send_message(response)

    async def __rpc_list(self, stream: "grpclib.server.Stream[HealthListRequest, HealthListResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.list(request)
        await stream.send_message(response)

    async def __rpc_watch(self, stream: "grpclib.server.Stream[HealthCheckRequest, HealthCheckResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        await self._call_rpc_handler_server_stream(
            self.watch,
            stream,
            request,
        )

    def __mapping__(self) -> "dict[str, grpclib.const.Handler]":
        return {
            "/grpc.health.v1.Health/Check": grpclib.const.Handler(
                self.__rpc_check,
                grpclib.const.Cardinality.UNARY_UNARY,
                HealthCheckRequest,
                HealthCheckResponse,
            ),
            "/grpc.health.v1.Health/List": grpclib.const.Handler(
                self.__rpc_list,
                grpclib.const.Cardinality.UNARY_UNARY,
                HealthListRequest,
                HealthListResponse,
            ),
            "/grpc.health.v1.Health/Watch": grpclib.const.Handler(
                self.__rpc_watch,
                grpclib.const.Cardinality.UNARY_STREAM,
                HealthCheckRequest,
                HealthCheckResponse,
            ),
        }
