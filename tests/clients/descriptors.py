"""The messages of the protos of this repository, as Google's protobuf makes them at run time: no generated code."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import any_pb2, duration_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass

from tests.clients.foreign_client import PROTOS, TIMEOUT_S, Message

BUF = Path(sys.executable).parent / "buf"
WELL_KNOWN = (any_pb2, duration_pb2, timestamp_pb2)


@cache
def _pool() -> DescriptorPool:
    argv = [str(BUF), "build", str(PROTOS), "--as-file-descriptor-set", "-o", "-#format=binpb"]
    built = subprocess.run(argv, capture_output=True, timeout=TIMEOUT_S, check=True)
    pool = DescriptorPool()
    for module in WELL_KNOWN:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    known = {module.DESCRIPTOR.name for module in WELL_KNOWN}
    for file in FileDescriptorSet.FromString(built.stdout).file:
        if file.name not in known:
            pool.AddSerializedFile(file.SerializeToString())
    return pool


def types_of(service: str, method: str) -> tuple[Any, Any]:
    """The classes of a method's request and answer."""
    found = _pool().FindServiceByName(service).FindMethodByName(method)
    return GetMessageClass(found.input_type), GetMessageClass(found.output_type)


def message_of(kind: Any, document: Message) -> Any:
    """The message that the JSON form says."""
    return ParseDict(dict(document), kind(), descriptor_pool=_pool())


def document_of(message: Any) -> Message:
    """The JSON form of a message."""
    document: Message = MessageToDict(message, descriptor_pool=_pool())
    return document


def parsed(type_name: str, data: bytes) -> Any:
    """The message of a type in these bytes."""
    return GetMessageClass(_pool().FindMessageTypeByName(type_name)).FromString(data)


def details_of(status: bytes) -> dict[str, Message]:
    """The details in the bytes of a `google.rpc.Status`, by the names of their types."""
    named = ((each.type_url.rpartition("/")[2], each.value) for each in parsed("google.rpc.Status", status).details)
    return {name: document_of(parsed(name, value)) for name, value in named}
