r"""What `\p{…}` and `\w` stand for, asked of the validator itself, so that its tables and ours cannot differ."""

import sys
from array import array
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from jsonschema_rs import Draft202012Validator, ValidationError

from dome_spec.contracts.compatibility.strings.charset import ALL, CharSet, union

_BLOCK: Final = 2048
"""Characters asked about at once, at first."""


def property_set(name: str) -> CharSet | None:
    """The characters with a Unicode property, such as `L` or `Script=Greek`; None where the validator knows it not."""
    return _asked(f"\\p{{{name}}}", f"\\P{{{name}}}")


def shorthand_set(letter: str) -> CharSet | None:
    r"""The characters of `\d`, `\s` or `\w` in a pattern that looks ahead.

    In any other pattern they are those of ECMA-262, which are ASCII but for spaces; in these the validator takes those
    of Unicode.
    """
    return _asked(f"(?=)\\{letter}", f"(?=)\\{letter.upper()}")


@lru_cache(maxsize=64)
def _asked(inside: str, outside: str) -> CharSet | None:
    """The characters that the first matches. The second matches all the others."""
    try:
        only_inside = Draft202012Validator({"pattern": f"^(?:{inside})*$"})
        only_outside = Draft202012Validator({"pattern": f"^(?:{outside})*$"})
    except ValidationError:
        return None
    return union([tuple(_members(only_inside, only_outside))])


def _members(inside: Draft202012Validator, outside: Draft202012Validator) -> Iterator[tuple[int, int]]:
    for first, last in ALL:
        characters = array("I", range(first, last + 1)).tobytes().decode(f"utf-32-{sys.byteorder[0]}e")
        stack = [(low, min(low + _BLOCK, len(characters))) for low in range(0, len(characters), _BLOCK)]
        while stack:
            low, high = stack.pop()
            text = characters[low:high]
            if outside.is_valid(text):
                continue
            if inside.is_valid(text):
                yield first + low, first + high - 1
                continue
            middle = (low + high) // 2
            stack += [(low, middle), (middle, high)]
