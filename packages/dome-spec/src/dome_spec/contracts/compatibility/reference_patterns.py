"""Patterns as the reference validator can read them: its language has no classes of Unicode categories.

Only those are rewritten, from the categories that Python itself knows. All else stays as it reads it.
"""

import re
import sys
import unicodedata
from functools import cache
from typing import Any, Final

_TOKEN: Final = re.compile(r"\\([pP])\{(?:gc=|General_Category=)?([A-Z][a-z]?)\}|\\.|[\[\]]|[^\\\[\]]+", re.DOTALL)


def readable(schema: Any) -> Any:
    """The schema with its patterns rewritten; the very same where there is nothing to rewrite."""
    match schema:
        case dict():
            parts = {name: readable(value) for name, value in schema.items()}
            if isinstance(pattern := schema.get("pattern"), str):
                parts["pattern"] = _rewritten(pattern)
            if isinstance(members := parts.get("patternProperties"), dict):
                parts["patternProperties"] = {_rewritten(name): value for name, value in members.items()}
            return parts if parts != schema else schema
        case list():
            items = [readable(value) for value in schema]
            return items if items != schema else schema
        case _:
            return schema


def _rewritten(pattern: str) -> str:
    if "\\p{" not in pattern and "\\P{" not in pattern:
        return pattern
    written, inside = [], False
    for token in _TOKEN.finditer(pattern):
        text, kind, category = token[0], token[1], token[2]
        inside = (inside or text == "[") and text != "]"
        if kind is None:
            written.append(text)
        else:
            members = _members(category, outside=kind == "P")
            written.append(members if inside else f"[{members}]")
    return "".join(written)


@cache
def _members(category: str, *, outside: bool) -> str:
    """The characters of a category, as ranges inside of a class; `outside`: all others."""
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)).startswith(category) is not outside:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
