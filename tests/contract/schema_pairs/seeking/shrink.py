"""Makes a document smaller while it stays what it is. Knows no schema: it asks."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

STEPS_MAX: Final = 600
"""Smaller documents that are tried."""


def size(document: Any) -> int:
    """How long the document is, written."""
    return len(json.dumps(document, ensure_ascii=False))


def shrink(document: Any, holds: Callable[[Any], bool]) -> Any:
    """A document for which `holds` still holds, and of which no part can be left out or made plainer."""
    left = STEPS_MAX
    improved = True
    while improved and left > 0:
        improved = False
        for candidate in _smaller(document):
            left -= 1
            if left <= 0:
                break
            if size(candidate) < size(document) and holds(candidate):
                document, improved = candidate, True
                break
    return document


def _smaller(value: Any) -> Iterator[Any]:
    """Documents like this one and smaller, the smallest first."""
    match value:
        case dict():
            for name in value:
                yield {other: part for other, part in value.items() if other != name}
            for name, part in value.items():
                yield from ({**value, name: less} for less in _plainer(part))
        case list():
            for index in range(len(value)):
                yield value[:index] + value[index + 1 :]
            for index, part in enumerate(value):
                yield from ([*value[:index], less, *value[index + 1 :]] for less in _plainer(part))
        case _:
            yield from _plainer(value)


def _plainer(value: Any) -> Iterator[Any]:
    match value:
        case bool() | None:
            return
        case int() | float():
            yield from (plain for plain in (0, 1, -1) if plain != value)
        case str() if value:
            yield ""
            yield value[: len(value) // 2]
            yield value[1:]
            yield value[:-1]
        case dict() | list() if value:
            yield type(value)()
            yield from _smaller(value)
