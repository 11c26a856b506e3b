"""What a descriptor set promises to those who read and write its messages, and what of it another one lacks.

Strict: everything that was there must be there, of the same type and name. That buf finds a removal harmless is the
concern of its gate; here it is a decision.
"""

from collections.abc import Iterator
from typing import Final

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FOREIGN: Final = ("google.", "grpc.")
Fields = list[tuple[int, int | bytes]]


class NotDescriptors(Exception):
    """The bytes are no descriptor set."""


def lost(old: bytes, new: bytes) -> list[str]:
    """What the old set has and the new one has not, or has otherwise; empty where nothing is. Raises NotDescriptors."""
    before, after = dict(_promises(old)), dict(_promises(new))
    gone = [f"{name} is gone" for name in before if name not in after]
    moved = [
        f"{name} was `{was}` and is `{after[name]}`"
        for name, was in before.items()
        if name in after and after[name] != was
    ]
    return sorted([*gone, *moved])


def _promises(data: bytes) -> Iterator[tuple[str, str]]:
    """Each message, field (by its number), enum value, service and RPC, with what may not change of it."""
    for file in _messages(_fields(data), 1):
        package = _text(file, 2)
        if not f"{package}.".startswith(_FOREIGN):
            yield from _of_messages(file, package, 4)
            yield from _of_enums(file, package, 5)
            yield from _of_services(file, package)


def _of_messages(holder: Fields, scope: str, number: int) -> Iterator[tuple[str, str]]:
    for message in _messages(holder, number):
        name = f"{scope}.{_text(message, 1)}"
        yield f"message {name}", ""
        choices = [_text(choice, 1) for choice in _messages(message, 8)]
        for field in _messages(message, 2):
            kind = (_number(field, 4), _number(field, 5), _text(field, 6), _number(field, 17))
            choice = f" in {choices[_number(field, 9)]}" if _has(field, 9) else ""
            yield f"field {name}.{_number(field, 3)}", f"{_text(field, 1)} {kind}{choice}"
        yield from _of_messages(message, name, 3)
        yield from _of_enums(message, name, 4)


def _of_enums(holder: Fields, scope: str, number: int) -> Iterator[tuple[str, str]]:
    for enum in _messages(holder, number):
        name = f"{scope}.{_text(enum, 1)}"
        yield f"enum {name}", ""
        for value in _messages(enum, 2):
            yield f"value {name}.{_number(value, 2)}", _text(value, 1)


def _of_services(file: Fields, package: str) -> Iterator[tuple[str, str]]:
    for service in _messages(file, 6):
        name = f"{package}.{_text(service, 1)}"
        yield f"service {name}", ""
        for method in _messages(service, 2):
            streams = (_number(method, 5), _number(method, 6))
            yield f"rpc {name}.{_text(method, 1)}", f"{_text(method, 2)} -> {_text(method, 3)} {streams}"


def _messages(fields: Fields, number: int) -> Iterator[Fields]:
    return (_fields(value) for at, value in fields if at == number and isinstance(value, bytes))


def _text(fields: Fields, number: int) -> str:
    found = [value for at, value in fields if at == number and isinstance(value, bytes)]
    return found[-1].decode("utf-8", errors="replace") if found else ""


def _number(fields: Fields, number: int) -> int:
    found = [value for at, value in fields if at == number and isinstance(value, int)]
    return found[-1] if found else 0


def _has(fields: Fields, number: int) -> bool:
    return any(at == number for at, _ in fields)


def _fields(data: bytes) -> Fields:
    """Number and value of each field of one message."""
    found: Fields = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            found.append((tag >> 3, value))
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
        if kind == _BYTES:
            size, at = _varint(data, at)
        if size is None or at + size > len(data):
            raise NotDescriptors(f"byte {at} begins no field of a message")
        found.append((tag >> 3, data[at : at + size]))
        at += size
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise NotDescriptors(f"a number ends after byte {at}")
