"""That a document is JSON and within the limits, found out without recursion. Knows no schema keywords."""

import math
from collections.abc import Iterator
from typing import Any, Final

from dome_spec.contracts.compatibility.faults import SchemaFault, SchemaRefused
from dome_spec.contracts.compatibility.pointers import named, pointer

BYTES_MAX: Final = 8 * 1024 * 1024
"""Most bytes of text in one document, names included."""
NODES_MAX: Final = 200_000
"""Most values in one document: objects, arrays, texts, numbers, booleans, nulls."""
DEPTH_MAX: Final = 200
"""Deepest nesting of one document: both validators go through their stack, and they end at about 250."""
INTEGER_BITS_MAX: Final = 4096
"""Largest whole number: beyond it arithmetic is an attack, not a contract."""

_NUMBERS: Final = frozenset({int, float})
_PLAIN_MAX: Final = 2**53
_Trail = tuple["_Trail", Any] | None
"""The way to a value, from its end: written out only where there is something to say."""
_SPLIT: Final = "Split the schema into several families, or remove what nobody refers to."
_NAME_PARTS: Final = "Name the inner parts in $defs and refer to them."


class _Fault(Exception):
    """A value is not what it should be; where it stands is added by the one who knows."""

    def __init__(self, reason: SchemaFault, what: str, remedy: str) -> None:
        super().__init__(what)
        self.reason = reason
        self.what = what
        self.remedy = remedy


def measure(document: Any, *, name: str = "") -> None:
    """Refuses what is no JSON, and what is too large or too deep.

    Raises SchemaRefused: MALFORMED, TOO_LARGE, TOO_DEEP.
    """
    if not _is_plain(document):
        _examine(document, name)


def _is_plain(document: Any) -> bool:
    """Whether a look that stops for nothing finds nothing to stop for. Most documents need no other."""
    nodes = size = 0
    level = [document]
    for _ in range(DEPTH_MAX):
        inner: list[Any] = []
        texts: list[str] = []
        for value in level:
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict:
                if not all(type(key) is str for key in value):
                    return False
                texts.extend(value)
                inner.extend(value.values())
            elif kind is list:
                inner.extend(value)
            elif not (value is None or kind is bool or (kind in _NUMBERS and -_PLAIN_MAX < value < _PLAIN_MAX)):
                return False
        nodes += len(inner)
        size += _encoded("".join(texts))
        if nodes > NODES_MAX or size > BYTES_MAX:
            return False
        if not inner:
            return True
        level = inner
    return False


def _encoded(text: str) -> int:
    """The length in bytes; beyond the limit where the text cannot be encoded."""
    try:
        return len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        return BYTES_MAX + 1


def _examine(document: Any, name: str) -> None:
    nodes = size = 0
    stack: list[tuple[Any, _Trail, int]] = [(document, None, 1)]
    while stack:
        value, trail, depth = stack.pop()
        try:
            nodes += len(value) if isinstance(value, dict | list) else 0
            _check_limits(nodes=nodes, depth=depth)
            size += _size(value)
            _check_limits(size=size)
        except _Fault as fault:
            place = named(name, pointer(_way(trail)))
            raise SchemaRefused(fault.reason, place, what=fault.what, remedy=fault.remedy) from None
        if isinstance(value, dict):
            stack.extend([(member, (trail, key), depth + 1) for key, member in value.items()])
        elif isinstance(value, list):
            stack.extend([(item, (trail, index), depth + 1) for index, item in enumerate(value)])


def values_in(document: Any) -> int:
    """How many values a document holds, itself included. For documents that were measured."""
    count = 0
    stack = [document]
    while stack:
        value = stack.pop()
        count += 1
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return count


def _check_limits(*, nodes: int = 0, depth: int = 0, size: int = 0) -> None:
    if nodes > NODES_MAX:
        raise _Fault(SchemaFault.TOO_LARGE, f"Up to here it holds more than {NODES_MAX} values.", _SPLIT)
    if depth > DEPTH_MAX:
        raise _Fault(SchemaFault.TOO_DEEP, f"It is nested more than {DEPTH_MAX} levels deep.", _NAME_PARTS)
    if size > BYTES_MAX:
        raise _Fault(SchemaFault.TOO_LARGE, f"Up to here it holds more than {BYTES_MAX} bytes of text.", _SPLIT)


def _size(value: Any) -> int:
    """The bytes of text in a value, without those of the values within it."""
    match value:
        case None | bool() | list():
            return 0
        case str():
            return _bytes(value)
        case dict():
            return sum(map(_bytes, value))
        case int():
            if value.bit_length() > INTEGER_BITS_MAX:
                raise _Fault(
                    SchemaFault.TOO_LARGE, f"A number has more than {INTEGER_BITS_MAX} bits.", "Use a smaller one."
                )
            return 0
        case float():
            if not math.isfinite(value):
                raise _Fault(SchemaFault.MALFORMED, f"{value} is no number of JSON.", "Use a finite number.")
            return 0
        case _:
            what = f"A value is of type {type(value).__name__}, which JSON does not have."
            raise _Fault(SchemaFault.MALFORMED, what, "Put dates and other words in quotation marks.")


def _bytes(text: Any) -> int:
    if not isinstance(text, str):
        what = f"A member is named by {type(text).__name__} {text!r:.40}, not by text."
        raise _Fault(SchemaFault.MALFORMED, what, "Put the name in quotation marks.")
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        what = "A text holds half of a surrogate pair."
        raise _Fault(SchemaFault.MALFORMED, what, "Write the whole character.") from None


def _way(trail: _Trail) -> Iterator[str | int]:
    steps = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return reversed(steps)
