"""Bytes to messages of the runtime contract: what betterproto2 reads, several times faster.

For bytes that a daemon or a client of ours wrote: what comes from others goes through strict checks first. The field
tables are compiled from the generated classes, so that the contract stays the only source.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final, TypeVar

import betterproto2
from betterproto2 import Message

from dome_contracts.wire import EPOCH, LENGTH_DELIMITED, number, scan

M = TypeVar("M", bound=Message)
_Convert = Callable[[Any], Any]
_Add = Callable[[Any, Any], None]
_Row = tuple[str, _Convert, _Add | None]
"""Name of a field, what makes its value, and how the value is added to those that are there already."""
_SIGNED: Final = frozenset({betterproto2.TYPE_INT32, betterproto2.TYPE_INT64})


def parse(cls: type[M], data: bytes) -> M:
    """The message that the bytes hold. What the contract does not have is kept as it is.

    Raises ValueError, IndexError or OverflowError for bytes that hold none.
    """
    message = cls()
    plan = _plan(cls)
    position, end = 0, len(data)
    # One loop without a call for each tag and length: nearly all of them are one byte long.
    while position < end:
        tag = data[position]
        position += 1
        if tag > 0x7F:
            tag, position = number(data, position - 1)
        value: Any = data[position]
        position += 1
        if value > 0x7F:
            value, position = number(data, position - 1)
        row = plan.get(tag)
        if row is None:
            return cls.parse(data)
        name, convert, add = row
        if tag & 7 == LENGTH_DELIMITED:
            begin, position = position, position + value
            value = data[begin:position]
        if add is None:
            setattr(message, name, convert(value))
        else:
            add(getattr(message, name), convert(value))
    if position > end:
        raise ValueError(f"{cls.__name__}: a field is longer than its message")
    return message


def time_of(data: bytes) -> datetime:
    """The time in the bytes of a `Timestamp`."""
    parts = {field: integer for field, integer, _ in scan(data)}
    return EPOCH + timedelta(seconds=_signed(parts.get(1, 0)), microseconds=parts.get(2, 0) // 1000)


@cache
def _plan(cls: type[Any]) -> dict[int, _Row]:
    """One row for each field of a message, by its tag."""
    plan: dict[int, _Row] = {}
    for field in fields(cls):
        meta = betterproto2.FieldMetadata.get(field)
        wire_type, row = _row(cls, field, meta)
        plan[meta.number << 3 | wire_type] = row
    return plan


def _row(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> tuple[int, _Row]:
    """With the wire type in which the field is sent."""
    if meta.map_meta:
        # Maps of the contract are from text to text; `wire` refuses to write others.
        return LENGTH_DELIMITED, (field.name, _entry, dict.update)
    if meta.proto_type in _TEXTS or meta.proto_type == betterproto2.TYPE_MESSAGE:
        return LENGTH_DELIMITED, (field.name, _of_text(cls, field, meta), list.append if meta.repeated else None)
    each = _of_integer(cls, field, meta)
    if meta.repeated:
        return LENGTH_DELIMITED, (field.name, partial(_packed, each), list.extend)
    return 0, (field.name, each, None)


def _of_text(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> _Convert:
    if meta.proto_type in _TEXTS:
        return _TEXTS[meta.proto_type]
    if meta.unwrap is None:
        return partial(parse, cls._cls_for(field))
    wrapper: Any = meta.unwrap()
    if wrapper.__name__ == "Timestamp":
        return time_of
    return lambda text: parse(wrapper, text).to_wrapped()


def _of_integer(cls: type[Any], field: Any, meta: betterproto2.FieldMetadata) -> _Convert:
    if meta.proto_type == betterproto2.TYPE_ENUM:
        enum = cls._cls_for(field)
        members = {int(member): member for member in enum}
        return lambda integer: members.get(integer) or enum(_signed(integer))
    if meta.proto_type == betterproto2.TYPE_BOOL:
        return bool
    return _signed if meta.proto_type in _SIGNED else int


def _entry(text: bytes) -> dict[str, str]:
    entry = {field: part.decode() for field, _, part in scan(text)}
    return {entry.get(1, ""): entry.get(2, "")}


def _packed(each: _Convert, text: bytes) -> list[Any]:
    integers = []
    position = 0
    while position < len(text):
        integer, position = number(text, position)
        integers.append(each(integer))
    return integers


def _signed(integer: int) -> int:
    return integer - (1 << 64) if integer >> 63 else integer


_TEXTS: Final[dict[str, _Convert]] = {betterproto2.TYPE_STRING: bytes.decode, betterproto2.TYPE_BYTES: bytes}
