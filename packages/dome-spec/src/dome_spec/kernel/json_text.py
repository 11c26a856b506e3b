"""JSON as text: read strictly, and where in the text a value stands. Knows nothing of what the documents mean."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.kernel.json_pointer import token

BYTES_MAX: Final = 8 * 1024 * 1024
"""Largest document that is read."""
DEPTH_MAX: Final = 500
"""Deepest nesting that is read: what goes through a document later goes through its stack."""
DIGITS_MAX: Final = 1000
"""Most digits of one number."""
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in a text; both begin at 1."""

    line: int
    column: int


class NotJson(Exception):
    """The bytes are no JSON document that is accepted here: what is wrong, where, and what to do."""

    def __init__(self, what: str, remedy: str, position: Position | None = None) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy
        self.position = position


class _Repeated(Exception):
    """An object names a member twice."""


def read_json(data: bytes, *, bytes_max: int = BYTES_MAX) -> Any:
    """The value. Raises NotJson, also for what other readers guess at: members named twice, NaN, a foreign encoding."""
    if len(data) > bytes_max:
        raise NotJson(f"{len(data)} bytes, at most {bytes_max} are read", "Split the document.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8", "Save the file as UTF-8.") from error
    try:
        if _depth(text) > DEPTH_MAX:
            raise NotJson(f"nested more than {DEPTH_MAX} levels deep", "Make it flatter.")
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_integer, parse_float=_decimal
        )
    except json.JSONDecodeError as error:
        at = Position(error.lineno, error.colno)
        raise NotJson(f"not JSON: {error.msg.lower()}", "Mend the syntax.", at) from error
    except _Repeated as error:
        raise _repeated(text) from error
    except ValueError as error:  # a constant that JSON does not have, or a number with too many digits
        raise NotJson(f"not JSON: {error}", "Write a JSON number.") from error


def positions(text: str) -> dict[str, Position]:
    """The position of every member (of its name) and item of a valid document, by JSON pointer; the root is ''."""
    lines = _LineCounter(text)
    return {"": Position(1, 1)} | {pointer: lines.position(offset) for pointer, offset in _places(text)}


def nearest(known: dict[str, Position], pointer: str) -> Position:
    """The position of the place, or of the closest one above it that the document has."""
    while pointer not in known:
        pointer = pointer.rpartition("/")[0]
    return known[pointer]


class _LineCounter:
    """Lines and columns of ascending offsets."""

    __slots__ = ("_at", "_line", "_start", "_text")

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line, self._start = text, 0, 1, 0

    def position(self, offset: int) -> Position:
        self._line += self._text.count("\n", self._at, offset)
        self._start = max(self._start, self._text.rfind("\n", self._at, offset) + 1)
        self._at = offset
        return Position(self._line, offset - self._start + 1)


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside of texts."""
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return 0
    depth = deepest = 0
    for found in _TOKEN.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(found[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Repeated
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _integer(text: str) -> int:
    _short(text)
    return int(text)


def _decimal(text: str) -> float:
    _short(text)
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text} is beyond the numbers that programs calculate with")
    return value


def _short(text: str) -> None:
    if len(text) > DIGITS_MAX:
        raise ValueError(f"a number has {len(text)} digits, at most {DIGITS_MAX} are read")


def _repeated(text: str) -> NotJson:
    seen: set[str] = set()
    lines = _LineCounter(text)
    for pointer, offset in _places(text):
        at = lines.position(offset)
        if pointer in seen:
            return NotJson(f"{pointer} stands there twice", "Keep one: readers disagree about which one counts.", at)
        seen.add(pointer)
    raise AssertionError("called for a document with a repeated member")


@dataclass(slots=True)
class _Frame:
    """An object or array that is open: its pointer, and the member or item that is being read."""

    pointer: str
    index: int | None
    member: str = ""
    wants_name: bool = False

    def child(self) -> str:
        return f"{self.pointer}/{self.member if self.index is None else self.index}"


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Pointer and offset of every member and item, in the order of the text."""
    frames: list[_Frame] = []
    for found in _TOKEN.finditer(text):
        word, frame = found[0], frames[-1] if frames else None
        if word in "}]":
            frames.pop()
        elif word == ",":
            assert frame is not None
            frame.index, frame.wants_name = (None, True) if frame.index is None else (frame.index + 1, False)
        elif word == ":":
            continue
        elif frame is not None and frame.wants_name:
            frame.member, frame.wants_name = token(json.loads(word)), False
            yield frame.child(), found.start()
        else:
            if frame is not None and frame.index is not None:
                yield frame.child(), found.start()
            if word in "{[":
                pointer = frame.child() if frame else ""
                frames.append(_Frame(pointer, None if word == "{" else 0, wants_name=word == "{"))
