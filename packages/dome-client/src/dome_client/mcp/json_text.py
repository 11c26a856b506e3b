"""A JSON text that somebody keeps by hand: a member is put into it, and all else stays as it was written.

Comments are read as programs do that allow them: `//` to the end of a line, and `/* */`. Knows no agent and no file.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_STRING_OR_COMMENT: Final = re.compile(r'"(?:\\.|[^"\\])*"|//[^\r\n]*|/\*.*?\*/', re.DOTALL)
_SHOWN: Final = re.compile(r"[^\r\n]")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_INDENT: Final = re.compile(r"[ \t]*")
_HALVES: Final = re.compile(r"[\ud800-\udfff]")
"""Halves of characters, where some program cut a text in the middle. JSON has them as escapes only."""
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Object:
    """Where an object stands, and its members."""

    start: int
    end: int
    """Of the closing brace."""
    first: int
    """Of the first name; of the closing brace where there is none."""
    values: Mapping[str, tuple[int, int]]
    last: int
    """Behind the last value."""


def without_comments(text: str) -> str:
    """The same text with blanks for comments: what is left stands where it stood."""
    return _STRING_OR_COMMENT.sub(lambda found: found[0] if found[0][0] == '"' else _SHOWN.sub(" ", found[0]), text)


def put(text: str, path: Sequence[str], value: Any) -> str:
    """The text with the value at the path of names. Raises ValueError for no JSON, and a path that leaves objects."""
    plain = without_comments(text)
    json.loads(plain)
    place = _object(plain, _past_space(plain, 0))
    unit = _indent_of(plain, place.first) or "  "
    *outer, name = path
    for depth, step in enumerate(outer):
        if step not in place.values:
            for missing in reversed(path[depth + 1 :]):
                value = {missing: value}
            name = step
            break
        place = _object(plain, place.values[step][0])
    in_one_line = bool(place.values) and "\n" not in plain[place.start : place.end]
    if name in place.values:
        start, end = place.values[name]
        return text[:start] + _written(value, text, "" if in_one_line else unit, _indent_of(plain, start)) + text[end:]
    if in_one_line:
        return f"{text[: place.last]}, {json.dumps(name)}: {_written(value, text, '', '')}{text[place.last :]}"
    outside = _indent_of(plain, place.start)
    inside = _indent_of(plain, place.first) if place.values else outside + unit
    before = text[: place.end].rstrip()  # behind the last comment
    before = f"{before[: place.last]},{before[place.last :]}" if place.values else before
    member = f"{json.dumps(name)}: {_written(value, text, unit, inside)}"
    return _line_end(text).join([before, inside + member, outside + text[place.end :]])


def _written(value: Any, text: str, unit: str, indent: str) -> str:
    """The value as its surroundings are written: in one line where there is no unit of indentation."""
    written = json.dumps(value, indent=unit or None, ensure_ascii=False)
    written = _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", written)
    return written.replace("\n", _line_end(text) + indent)


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _indent_of(plain: str, at: int) -> str:
    """How far the line of this place is indented."""
    begin = plain.rfind("\n", 0, at) + 1
    found = _INDENT.match(plain, begin, at)
    return found[0] if found else ""


def _past_space(plain: str, at: int) -> int:
    found = _SPACE.match(plain, at)
    return found.end() if found else at


def _object(plain: str, start: int) -> _Object:
    if plain[start : start + 1] != "{":
        raise ValueError(f"there is no object at character {start}")
    values: dict[str, tuple[int, int]] = {}
    first = at = last = _past_space(plain, start + 1)
    while plain[at] != "}":
        name, end = _DECODER.raw_decode(plain, at)
        value = _past_space(plain, _past_space(plain, end) + 1)
        _, last = _DECODER.raw_decode(plain, value)
        values[name] = value, last
        at = _past_space(plain, last)
        at = _past_space(plain, at + 1) if plain[at] == "," else at
    return _Object(start, at, first, values, last)
