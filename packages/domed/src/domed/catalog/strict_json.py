"""JSON text as values, without what JSON leaves open: duplicate keys, NaN, depth, numbers and text that are none.

Knows no schema.
"""

import json
import re
from collections.abc import Sequence
from math import isinf
from typing import Any, Final, NoReturn

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class NotStrictJson(ValueError):
    """The text is no JSON document, or one that two readers would understand differently."""


def parse(text: bytes) -> Any:
    """The value of one JSON document in UTF-8. Raises NotStrictJson."""
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotStrictJson("it holds text with a lone surrogate, which has no UTF-8") from None
    except UnicodeDecodeError as error:
        raise NotStrictJson(f"it is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise NotStrictJson(f"{error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise NotStrictJson("it is nested too deeply") from None
    except ValueError as error:
        # The interpreter refuses to read a number of thousands of digits.
        raise NotStrictJson(str(error)) from None
    return value


def pointer(path: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901) of the keys and indexes on the way."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise NotStrictJson(f"the key {twice!r} stands twice in one object")
    return found


def _float(digits: str) -> float:
    value = float(digits)
    if isinf(value):
        raise NotStrictJson(f"the number {digits[:40]} is too large")
    return value


def _constant(name: str) -> NoReturn:
    raise NotStrictJson(f"{name} is no JSON number")
