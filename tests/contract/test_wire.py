"""Every message of ours means the same to the stubs and to google.protobuf, in bytes and in JSON."""

from functools import cache

import pytest
from betterproto2 import Message
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dome_contracts import documents
from tests.contract.wire_messages import instances, messages, wire_name
from tests.suite import tried


@cache
def pool() -> DescriptorPool:
    """The daemon's view: the shipped descriptors, apart from any that google.protobuf brings along."""
    made = DescriptorPool()
    for file in FileDescriptorSet.FromString(documents.descriptor_set()).file:
        made.Add(file)
    return made


@pytest.mark.parametrize("cls", messages(), ids=wire_name)
@settings(max_examples=tried(20, few=10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_message_is_the_same_to_google_protobuf(cls: type[Message], data: st.DataObject) -> None:
    ours = data.draw(instances(cls))
    theirs = GetMessageClass(pool().FindMessageTypeByName(wire_name(cls))).FromString(bytes(ours))
    assert cls.parse(theirs.SerializeToString(deterministic=True)) == ours
    assert cls.from_dict(json_format.MessageToDict(theirs, descriptor_pool=pool())) == ours
