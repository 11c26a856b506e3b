"""Messages of the runtime contract to bytes, and bytes to fields. Byte-equal to betterproto2, and many times faster.

The field tables are compiled from the generated classes, so the contract stays the only source. Fields that no
message of ours has (floats, fixed numbers) are refused when a class is compiled, never encoded wrongly.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Final

import betterproto2
from betterproto2 import Message

from dome_contracts.runtime.v1 import Correlation, Requester, RunProvenance

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LENGTH_DELIMITED: Final = 2
"""Wire type of everything that has a length: texts, bytes, messages, maps, packed lists."""
SHORT_MAX: Final = 1 << 11
"""Smaller integers take at most two bytes."""
KEPT_MAX: Final = 64
"""So many messages are kept with their bytes: those that were written last."""
_SAID_OFTEN: Final = frozenset({Correlation, Requester, RunProvenance})
_Append = Callable[[bytes], None]
_Write = Callable[[_Append, Any], None]
_SHORT: Final = tuple(
    bytes((number,)) if number < 0x80 else bytes((number & 0x7F | 0x80, number >> 7)) for number in range(SHORT_MAX)
)
_VARINTS: Final = frozenset(
    {
        betterproto2.TYPE_BOOL,
        betterproto2.TYPE_ENUM,
        betterproto2.TYPE_INT32,
        betterproto2.TYPE_INT64,
        betterproto2.TYPE_UINT32,
        betterproto2.TYPE_UINT64,
    }
)


def encode(message: Message) -> bytes:
    """The bytes of any message of the runtime contract."""
    out: list[bytes] = []
    append = out.append
    for name, has_presence, write in _plan(type(message)):
        value = getattr(message, name)
        if value is None or not (has_presence or value):
            continue
        write(append, value)
    append(message._unknown_fields)
    return b"".join(out)


def varint(number: int) -> bytes:
    """An integer as protobuf writes it: seven bits a byte, the lowest first; negative ones in ten bytes."""
    if 0 <= number < SHORT_MAX:
        return _SHORT[number]
    if number < 0:
        number += 1 << 64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def scan(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number of each field, with its integer or its text."""
    position = 0
    while position < len(data):
        tag, position = number(data, position)
        integer, position = number(data, position)
        if tag & 7 == LENGTH_DELIMITED:
            yield tag >> 3, 0, data[position : position + integer]
            position += integer
        else:
            yield tag >> 3, integer, b""


def number(data: bytes, position: int) -> tuple[int, int]:
    """The integer that begins at a position, and where the next thing begins."""
    result = shift = 0
    while True:
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, position
        shift += 7


@lru_cache(maxsize=KEPT_MAX)  # what is said of a job names each of its times more than once
def timestamp(time: datetime) -> bytes:
    """The bytes of a `Timestamp`."""
    since = time - EPOCH
    seconds = since.days * 86_400 + since.seconds
    out = b"\x08" + varint(seconds) if seconds else b""
    return out + b"\x10" + varint(since.microseconds * 1000) if since.microseconds else out


@cache
def _plan(cls: type[Any]) -> tuple[tuple[str, bool, _Write], ...]:
    """One row a field of a message: name, whether an empty value is written too, and what writes it."""
    plan = []
    for field in fields(cls):
        meta = betterproto2.FieldMetadata.get(field)
        plan.append((field.name, bool(meta.optional or meta.group), _writer(cls, meta)))
    return tuple(plan)


def _writer(cls: type[Message], meta: betterproto2.FieldMetadata) -> _Write:
    if meta.map_meta:
        return _map_writer(cls, meta)
    if meta.proto_type in _VARINTS:
        return _packed_writer(meta.number) if meta.repeated else _varint_writer(meta.number)
    single = _length_delimited_writer(cls, meta)
    if not meta.repeated:
        return single

    def write_each(append: _Append, values: Any) -> None:
        for value in values:
            single(append, value)

    return write_each


def _varint_writer(number: int) -> _Write:
    tag = varint(number << 3)

    def write(append: _Append, value: Any) -> None:
        append(tag + (_SHORT[value] if 0 <= value < SHORT_MAX else varint(value)))

    return write


def _packed_writer(number: int) -> _Write:
    tag = varint(number << 3 | LENGTH_DELIMITED)

    def write(append: _Append, values: Any) -> None:
        body = b"".join(map(varint, values))
        append(tag + varint(len(body)) + body)

    return write


def _length_delimited_writer(cls: type[Message], meta: betterproto2.FieldMetadata) -> _Write:
    tag = varint(meta.number << 3 | LENGTH_DELIMITED)
    body_of = _body(cls, meta)

    def write(append: _Append, value: Any) -> None:
        body = body_of(value)
        size = len(body)
        append(tag + (_SHORT[size] if size < SHORT_MAX else varint(size)))
        append(body)

    return write


def _map_writer(cls: type[Message], meta: betterproto2.FieldMetadata) -> _Write:
    tag = varint(meta.number << 3 | LENGTH_DELIMITED)
    if meta.map_meta is None or {side.proto_type for side in meta.map_meta} != {betterproto2.TYPE_STRING}:
        raise TypeError(f"{cls.__name__} has a map that is not from text to text")
    write_key, write_value = (_length_delimited_writer(cls, side) for side in meta.map_meta)

    def write(append: _Append, values: Any) -> None:
        for key, value in values.items():
            out: list[bytes] = []
            write_key(out.append, key)
            write_value(out.append, value)
            body = b"".join(out)
            append(tag + varint(len(body)) + body)

    return write


def _body(cls: type[Message], meta: betterproto2.FieldMetadata) -> Callable[[Any], bytes]:
    if meta.proto_type == betterproto2.TYPE_STRING:
        return str.encode
    if meta.proto_type == betterproto2.TYPE_BYTES:
        return bytes
    if meta.proto_type != betterproto2.TYPE_MESSAGE:
        raise TypeError(f"{cls.__name__} has a field of the type {meta.proto_type}, which has no writer")
    if meta.unwrap is None:
        return _part
    wrapper: Any = meta.unwrap()
    if wrapper.__name__ == "Timestamp":
        return timestamp
    return lambda value: encode(wrapper.from_wrapped(value))


def _part(message: Message) -> bytes:
    """The bytes of a message within another. Of those that several others say, they are kept for a while.

    The event of a start, the row of its job and the event of its end say the same of whose job it is and of where it
    ran. Messages are built once and never changed, so that the same one has the same bytes.
    """
    if type(message) not in _SAID_OFTEN:
        return encode(message)
    known = _kept.get(id(message))
    if known is not None and known[0] is message:
        return known[1]
    body = encode(message)
    if len(_kept) >= KEPT_MAX:
        del _kept[next(iter(_kept))]
    _kept[id(message)] = (message, body)
    return body


_kept: Final[dict[int, tuple[Message, bytes]]] = {}
