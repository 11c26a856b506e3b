"""Reflection: what can be called, for clients without schema files."""

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpclib.reflection.v1 import reflection_pb2
from grpclib.reflection.v1.reflection_grpc import ServerReflectionStub
from grpclib.reflection.v1alpha import reflection_pb2 as alpha_pb2
from grpclib.reflection.v1alpha.reflection_grpc import ServerReflectionStub as AlphaStub

from domed.rpc.health import Health
from domed.rpc.reflection import reflection
from packages.domed.tests.rpc.kit import Scripted, served

SERVICES = ["dome.runtime.v1.RuntimeService", "grpc.health.v1.Health"]


@pytest.mark.parametrize(("messages", "stub"), [(reflection_pb2, ServerReflectionStub), (alpha_pb2, AlphaStub)])
async def test_services_and_their_files_are_listed(messages: object, stub: type) -> None:
    services = [Scripted(), Health(SERVICES[:1])]
    request = messages.ServerReflectionRequest  # type: ignore[attr-defined]
    async with served([*services, *reflection(services)]) as door:
        listed, described, unknown = await stub(door.channel()).ServerReflectionInfo(
            [
                request(list_services="*"),
                request(file_containing_symbol="dome.runtime.v1.RuntimeService"),
                request(file_by_filename="no/such.proto"),
            ]
        )
    assert [service.name for service in listed.list_services_response.service] == SERVICES
    [file] = described.file_descriptor_response.file_descriptor_proto
    assert FileDescriptorProto.FromString(file).name == "dome/runtime/v1/service.proto"
    assert unknown.error_response.error_code == 5
