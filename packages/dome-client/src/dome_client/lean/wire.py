"""Messages of the contract in bytes, by `dome_contracts.wire_table`: fields to bytes, bytes to views.

Reads what a daemon sends, also fields that this version does not know, which it passes over. Knows no call.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dome_client.lean.view import EnumNumber, View
from dome_contracts.wire_table import MESSAGES, Field

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_VARINT: Final = 0
_LENGTH: Final = 2
_VARINT_BYTES_MAX: Final = 10
_NUMBERS: Final = frozenset({"bool", "enum", "int32", "int64", "uint32", "uint64"})


class WireError(ValueError):
    """The bytes are no message of that name, or the values make none."""


def encode(message: str, values: Mapping[str, Any]) -> bytes:
    """The message with these fields. Knows texts, numbers, truth values, and lists and mappings of them."""
    fields = {field[1]: field for field in MESSAGES[message]}
    return b"".join(_field(fields[name], value) for name, value in values.items())


def decode(message: str, data: bytes) -> View:
    """The message in the bytes. Raises WireError."""
    try:
        return _decoded(message, data)
    except (IndexError, UnicodeDecodeError, OverflowError) as error:
        raise WireError(f"{message}: {error}") from error


def _field(field: Field, value: Any) -> bytes:
    number, _, kind, often, _ = field
    if often == "map":
        entries = (_single(1, "string", key) + _single(2, kind, each) for key, each in value.items())
        return b"".join(_prefixed(number, entry) for entry in entries)
    if often == "repeated":
        return b"".join(_single(number, kind, each) for each in value)
    return _single(number, kind, value) if value or often == "optional" else b""


def _single(number: int, kind: str, value: Any) -> bytes:
    if kind == "string":
        return _prefixed(number, value.encode())
    if kind == "bytes":
        return _prefixed(number, value)
    if kind in _NUMBERS:
        return _varint(number << 3 | _VARINT) + _varint(int(value) & 0xFFFF_FFFF_FFFF_FFFF)
    raise WireError(f"no values of the kind {kind} are sent")


def _prefixed(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _decoded(message: str, data: bytes) -> View:
    by_number = _by_number(message)
    values: dict[str, Any] = {}
    for number, raw in _parts(data):
        field = by_number.get(number)
        if field is None:
            continue
        _, name, kind, often, holds = field
        if often == "one" or often == "optional":
            values[name] = _value(kind, holds, raw)
        elif often == "map":
            key, value = _entry(kind, holds, raw)
            values.setdefault(name, {})[key] = value
        elif kind in _NUMBERS and isinstance(raw, bytes):  # packed
            values.setdefault(name, []).extend(_value(kind, holds, each) for each in _varints(raw))
        else:
            values.setdefault(name, []).append(_value(kind, holds, raw))
    return View(message, values)


_FIELDS: Final[dict[str, dict[int, Field]]] = {}


def _by_number(message: str) -> dict[int, Field]:
    if message not in _FIELDS:
        _FIELDS[message] = {field[0]: field for field in MESSAGES[message]}
    return _FIELDS[message]


def _parts(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and raw value of each field, in the order in which they stand."""
    at, end = 0, len(data)
    while at < end:
        key, at = _read_varint(data, at)
        match key & 7:
            case 0:
                value, at = _read_varint(data, at)
                yield key >> 3, value
                continue
            case 2:
                length, at = _read_varint(data, at)
            case 1:
                length = 8
            case 5:
                length = 4
            case _:
                raise WireError(f"wire type {key & 7}")
        if at + length > end:
            raise WireError("a field is longer than its message")
        yield key >> 3, data[at : at + length]
        at += length


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _read_varint(data, at)
        yield value


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value = shift = 0
    for place in range(at, at + _VARINT_BYTES_MAX):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place + 1
        shift += 7
    raise WireError("a number without an end")


def _entry(kind: str, holds: str, raw: int | bytes) -> tuple[str, Any]:
    key: Any = b""
    value: Any = b"" if kind in {"string", "bytes", "message"} else 0
    for number, each in _parts(_bytes(raw)):
        if number == 1:
            key = each
        elif number == 2:
            value = each
    return _value("string", "", key), _value(kind, holds, value)


def _value(kind: str, holds: str, raw: int | bytes) -> Any:
    match kind:
        case "string":
            return _bytes(raw).decode()
        case "message":
            return _decoded(holds, _bytes(raw))
        case "bytes":
            return _bytes(raw)
        case "timestamp":
            return _EPOCH + _span(_bytes(raw))
        case "duration":
            return _span(_bytes(raw))
    if not isinstance(raw, int):
        raise WireError(f"no {kind}")
    match kind:
        case "bool":
            return raw > 0
        case "enum":
            return EnumNumber.of(holds, _signed(raw, 32))
        case "int32" | "int64":
            return _signed(raw, int(kind[3:]))
    return raw & (1 << int(kind[4:])) - 1


def _bytes(raw: int | bytes) -> bytes:
    if isinstance(raw, int):
        raise WireError("a number where bytes belong")
    return raw


def _span(data: bytes) -> timedelta:
    """Seconds and nanoseconds of a timestamp or duration."""
    parts: dict[int, int] = {number: _signed(raw, 64) for number, raw in _parts(data) if isinstance(raw, int)}
    return timedelta(seconds=parts.get(1, 0), microseconds=parts.get(2, 0) // 1000)


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value
