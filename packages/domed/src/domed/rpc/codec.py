"""Messages to bytes and back: strict about what comes in, quick about what goes out.

The generated types decode leniently: a field of the wrong wire type or a cut length passes. So every request is parsed
first by the classes that google.protobuf builds from the shipped descriptors, which are exact and take about 10 us.
Outgoing events are spliced in as they are stored, without decoding them.
"""

import struct
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, cast

import betterproto2
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory, unknown_fields
from grpclib.encoding.base import CodecBase

from dome_contracts import documents
from dome_contracts.message_pool import default_message_pool
from dome_contracts.parsing import parse
from dome_contracts.runtime.v1 import Heartbeat, ListToolsResponse, StreamJobEventsResponse, WatchJobsResponse
from domed.errors import FieldViolation, InvalidRequest
from domed.jobs import encoding
from domed.rpc.well_known import refuse_impossible

_RUNTIME: Final = StreamJobEventsResponse.__module__
# What the lenient decoder raises for values that have no Python counterpart, such as a time in the year 300,000.
_UNREPRESENTABLE: Final = (ValueError, TypeError, KeyError, EOFError, AttributeError, OverflowError, struct.error)


class StrictCodec(CodecBase):
    """Decodes what satisfies the contract exactly; raises InvalidRequest for everything else."""

    __content_subtype__ = "proto"

    def encode(self, message: Any, message_type: Any) -> bytes:
        if not isinstance(message, message_type):
            raise TypeError(f"{type(message).__name__} was sent where {message_type.__name__} is promised")
        if type(message).__module__ == _RUNTIME:
            return encoding.encode(message)
        encoded: bytes = message.SerializeToString()
        return encoded

    def decode(self, data: bytes, message_type: Any) -> Any:
        if not issubclass(message_type, betterproto2.Message):
            return _parsed(message_type, data)  # reflection has google.protobuf's own types
        exact = exact_type(message_type)
        try:
            if exact is not None:
                parsed = _parsed(exact, data)
                refuse_impossible(parsed)
                if message_type.__module__ == _RUNTIME and _is_canonical(parsed, data):
                    return parse(message_type, data)
                _refuse_mistyped(_parsed(exact, data), "")
            decoded = message_type.parse(data)
        except _UNREPRESENTABLE as error:
            raise _malformed(message_type.__name__) from error
        _refuse_ambiguous(decoded, "")
        return decoded


class SplicedEvents(StreamJobEventsResponse):
    """A `StreamJobEventsResponse` made of events in their stored bytes."""

    @classmethod
    def of(cls, stored: Sequence[bytes], heartbeat: Heartbeat | None = None) -> "SplicedEvents":
        """The message with these encoded events, in this order."""
        made = cls(heartbeat=heartbeat)
        made._stored = stored  # a field would become part of the message
        return made

    def SerializeToString(self) -> bytes:  # noqa: N802 - the name that the transport calls
        return encoding.response(self._stored, self.heartbeat)

    _stored: Sequence[bytes] = ()


class SplicedChanges(WatchJobsResponse):
    """A `WatchJobsResponse` made of changes that are encoded already."""

    @classmethod
    def of(cls, encoded: Sequence[bytes], *, revision: int, store_id: str) -> "SplicedChanges":
        """The message with these changes, in this order."""
        made = cls(revision=revision, store_id=store_id)
        made._encoded = encoded
        return made

    def SerializeToString(self) -> bytes:  # noqa: N802 - the name that the transport calls
        # The changes are field 1 of their message, as the events are of theirs.
        rest = WatchJobsResponse(revision=self.revision, store_id=self.store_id)
        return encoding.response(self._encoded) + encoding.encode(rest)

    _encoded: Sequence[bytes] = ()


class SplicedTools(ListToolsResponse):
    """A `ListToolsResponse` whose summaries are encoded already."""

    @classmethod
    def of(cls, encoded: Sequence[bytes], rest: ListToolsResponse) -> "SplicedTools":
        """The message with these summaries, in this order, and what `rest` says beside them."""
        made = cls()
        made._encoded, made._rest = encoded, rest
        return made

    def SerializeToString(self) -> bytes:  # noqa: N802 - the name that the transport calls
        # The summaries are field 1 of their message, as the events are of theirs.
        return encoding.response(self._encoded) + encoding.encode(self._rest)

    _encoded: Sequence[bytes] = ()
    _rest: ListToolsResponse = ListToolsResponse()


@cache
def pool() -> descriptor_pool.DescriptorPool:
    """The descriptors of every message and service of the contract, and nothing else."""
    made = descriptor_pool.DescriptorPool()
    files = descriptor_pb2.FileDescriptorSet.FromString(documents.descriptor_set())
    for file in files.file:
        made.Add(file)
    return made


@cache
def exact_type(message_type: type[betterproto2.Message]) -> type[message.Message] | None:
    """The exact class of a generated message; None for one that the descriptors do not hold."""
    url = default_message_pool.type_to_url.get(message_type)
    if url is None:
        return None
    try:
        descriptor = pool().FindMessageTypeByName(url.rpartition("/")[2])
    except KeyError:
        return None
    return message_factory.GetMessageClass(descriptor)


def _parsed(message_type: Any, data: bytes) -> Any:
    try:
        return message_type.FromString(data)
    except message.DecodeError as error:
        raise _malformed(message_type.__name__) from error


def _is_canonical(exact: message.Message, data: bytes) -> bool:
    """Whether the bytes are the ones that the message is written in: then nothing in them is mistyped or ambiguous.

    So are those that most clients send, and they can be read as quickly as what the daemon has written itself.
    """
    exact.DiscardUnknownFields()
    return exact.SerializeToString(deterministic=True) == data


def _refuse_mistyped(exact: message.Message, path: str) -> None:
    """A known number with another wire type is kept as an unknown field by the exact parser: that is how to see it."""
    known = exact.DESCRIPTOR.fields_by_number
    unknown: Any = unknown_fields.UnknownFieldSet(exact)
    for field in unknown:
        if field.field_number in known:
            name = known[field.field_number].name
            raise InvalidRequest([FieldViolation(path + name, "has another wire type than the contract says")])
    for descriptor, value in exact.ListFields():
        child_type = descriptor.message_type
        if child_type is None or child_type.GetOptions().map_entry:
            continue
        for child in value if descriptor.is_repeated else (value,):
            _refuse_mistyped(child, f"{path}{descriptor.name}.")


def _refuse_ambiguous(decoded: betterproto2.Message, path: str) -> None:
    """Of a oneof at most one member may be set; the lenient decoder keeps them all."""
    meta = cast("Any", decoded)._betterproto  # the library has no public description of a type
    for group, fields in meta.oneof_field_by_group.items():
        named = sorted(field.name for field in fields if getattr(decoded, field.name) is not None)
        if len(named) > 1:
            raise InvalidRequest([FieldViolation(path + group, f"only one of {' and '.join(named)} may be set")])
    for name in meta.sorted_field_names:
        value = getattr(decoded, name)
        if isinstance(value, betterproto2.Message):
            _refuse_ambiguous(value, f"{path}{name}.")


def _malformed(type_name: str) -> InvalidRequest:
    return InvalidRequest([FieldViolation(type_name, "the bytes are not an encoded message of this type")])
