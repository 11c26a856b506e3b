"""What a descriptor set promised is missed where it is gone or otherwise."""

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from dome_contracts.documents import descriptor_set
from dome_spec.contracts.baseline.wire import NotDescriptors, lost


def sample() -> FileDescriptorSet:
    found = FileDescriptorSet()
    file = found.file.add(name="a/v1/a.proto", package="a.v1", syntax="proto3")
    message = file.message_type.add(name="Order")
    message.oneof_decl.add(name="kind")
    message.field.add(name="code", number=1, type=FieldDescriptorProto.TYPE_STRING, label=1, oneof_index=0)
    message.field.add(name="size", number=2, type=FieldDescriptorProto.TYPE_INT32, label=1)
    message.nested_type.add(name="Inner").field.add(name="x", number=1, type=FieldDescriptorProto.TYPE_BOOL, label=3)
    file.enum_type.add(name="State").value.add(name="STATE_UNSPECIFIED", number=0)
    service = file.service.add(name="Orders")
    service.method.add(name="Get", input_type=".a.v1.Order", output_type=".a.v1.Order", server_streaming=True)
    return found


def file_of(found: FileDescriptorSet) -> FileDescriptorProto:
    return found.file[0]


def message_of(found: FileDescriptorSet) -> DescriptorProto:
    return file_of(found).message_type[0]


def test_an_equal_set_and_one_with_more_lose_nothing() -> None:
    more = sample()
    message_of(more).field.add(name="note", number=3, type=FieldDescriptorProto.TYPE_STRING, label=1)
    file_of(more).enum_type[0].value.add(name="STATE_OPEN", number=1)
    file_of(more).message_type.add(name="Other")
    assert lost(sample().SerializeToString(), sample().SerializeToString()) == []
    assert lost(sample().SerializeToString(), more.SerializeToString()) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda s: message_of(s).field.__delitem__(1), "field a.v1.Order.2 is gone"),
        (lambda s: setattr(message_of(s).field[1], "type", 9), "field a.v1.Order.2 was"),
        (lambda s: setattr(message_of(s).field[1], "number", 7), "field a.v1.Order.2 is gone"),
        (lambda s: setattr(message_of(s).field[1], "name", "amount"), "field a.v1.Order.2 was"),
        (lambda s: setattr(message_of(s).field[1], "label", 3), "field a.v1.Order.2 was"),
        (lambda s: message_of(s).field[0].ClearField("oneof_index"), "field a.v1.Order.1 was"),
        (lambda s: message_of(s).nested_type.__delitem__(0), "message a.v1.Order.Inner is gone"),
        (lambda s: setattr(file_of(s).enum_type[0].value[0], "name", "OTHER"), "value a.v1.State.0 was"),
        (lambda s: file_of(s).service[0].method.__delitem__(0), "rpc a.v1.Orders.Get is gone"),
        (lambda s: setattr(file_of(s).service[0].method[0], "server_streaming", False), "rpc a.v1.Orders.Get was"),
        (lambda s: setattr(file_of(s), "package", "a.v2"), "message a.v1.Order is gone"),
    ],
)
def test_what_is_gone_or_otherwise_is_named(change: object, complaint: str) -> None:
    assert callable(change)
    after = sample()
    change(after)
    assert any(each.startswith(complaint) for each in lost(sample().SerializeToString(), after.SerializeToString()))


def test_the_descriptors_of_the_contracts_are_read() -> None:
    found = descriptor_set()
    assert lost(found, found) == []
    assert "message dome.runtime.v1.Job is gone" in lost(found, b"")
    assert not any("google." in each.split(" ")[1] for each in lost(found, b""))


@pytest.mark.parametrize("data", [b"\x0a\xff", b"\x0a", b"\xff" * 11, b"\x0f"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(NotDescriptors):
        lost(data, b"")
