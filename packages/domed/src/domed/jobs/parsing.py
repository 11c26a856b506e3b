"""Bytes to messages: what `wire` has written, read several times faster than betterproto2 does.

For bytes that this daemon wrote. What comes from others goes through the strict checks of `domed.rpc`.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar

import betterproto2
from betterproto2 import Message

from domed.jobs.wire import EPOCH, number, scan

M = TypeVar("M", bound=Message)
_Read = Callable[[Message, int, bytes], None]
_Convert = Callable[[Any], Any]
_SIGNED: Final = frozenset({betterproto2.TYPE_INT32, betterproto2.TYPE_INT64})


def parse(cls: type[M], data: bytes) -> M:
    """The message that the bytes hold. A field that the contract does not have is kept as it is."""
    message = cls()
    plan = _plan(cls)
    for field, integer, text in scan(data):
        read = plan.get(field)
        if read is None:
            return cls.parse(data)
        read(message, integer, text)
    return message


def time_of(data: bytes) -> datetime:
    """The time in the bytes of a `Timestamp`."""
    parts = {field: integer for field, integer, _ in scan(data)}
    return EPOCH + timedelta(seconds=_signed(parts.get(1, 0)), microseconds=parts.get(2, 0) // 1000)


@cache
def _plan(cls: type[Any]) -> dict[int, _Read]:
    """What reads each field of a message, by its number."""
    plan = {}
    for field in fields(cls):
        meta = betterproto2.FieldMetadata.get(field)
        plan[meta.number] = _map_reader(field.name) if meta.map_meta else _reader(cls, field, meta)
    return plan


def _reader(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> _Read:
    name = field.name
    if meta.proto_type in _TEXTS or meta.proto_type == betterproto2.TYPE_MESSAGE:
        convert = _text_converter(cls, field, meta)
        if meta.repeated:
            return lambda message, integer, text: getattr(message, name).append(convert(text))
        return lambda message, integer, text: setattr(message, name, convert(text))
    convert = _integer_converter(cls, field, meta)
    if meta.repeated:
        return lambda message, integer, text: getattr(message, name).extend(map(convert, _packed(text)))
    return lambda message, integer, text: setattr(message, name, convert(integer))


def _map_reader(name: str) -> _Read:
    # Maps of the contract are from text to text; `wire` refuses to write others.
    def read(message: Message, integer: int, text: bytes) -> None:
        entry = {field: part.decode() for field, _, part in scan(text)}
        getattr(message, name)[entry.get(1, "")] = entry.get(2, "")

    return read


def _text_converter(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> _Convert:
    if meta.proto_type in _TEXTS:
        return _TEXTS[meta.proto_type]
    if meta.unwrap is None:
        inner = cls._cls_for(field)
        return lambda text: parse(inner, text)
    wrapper: Any = meta.unwrap()
    if wrapper.__name__ == "Timestamp":
        return time_of
    return lambda text: parse(wrapper, text).to_wrapped()


def _integer_converter(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> _Convert:
    if meta.proto_type == betterproto2.TYPE_ENUM:
        enum = cls._cls_for(field)
        return lambda integer: enum(_signed(integer))
    if meta.proto_type == betterproto2.TYPE_BOOL:
        return bool
    return _signed if meta.proto_type in _SIGNED else int


def _packed(text: bytes) -> list[int]:
    integers = []
    position = 0
    while position < len(text):
        integer, position = number(text, position)
        integers.append(integer)
    return integers


def _signed(integer: int) -> int:
    return integer - (1 << 64) if integer >> 63 else integer


_TEXTS: Final[dict[str, _Convert]] = {betterproto2.TYPE_STRING: bytes.decode, betterproto2.TYPE_BYTES: bytes}
