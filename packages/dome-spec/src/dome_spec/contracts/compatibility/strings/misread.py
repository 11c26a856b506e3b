"""Patterns that the validator is known to misread, so that no verdict is built on what it says about them.

Its engine takes `X+ Y? X+` for `X+ (Y X+)?`, which lets a single X pass, and repeats such a part once too freely. Named
here are the patterns that look like that, and some more; a capturing group around a repetition keeps the engine off it.
"""

from collections.abc import Iterator
from typing import Final

from dome_spec.contracts.compatibility.strings.ecma import parse
from dome_spec.contracts.compatibility.strings.syntax import (
    Ahead,
    Choice,
    Node,
    PatternUnsupported,
    Repeat,
    Sequence,
)

REMEDY: Final = "put the first of two equal repetitions in a group, as in `([a-z]+)-?[a-z]+`"


def is_misread(pattern: str) -> bool:
    """Whether the validator may take the pattern for another one. False where the pattern is not read here."""
    try:
        root = parse(pattern).root
    except PatternUnsupported:
        return False
    return any(map(_is_misread, _nodes(root)))


def _nodes(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        match node:
            case Sequence(parts):
                stack.extend(parts)
            case Choice(options):
                stack.extend(options)
            case Repeat(body) | Ahead(body):
                stack.append(body)


def _is_misread(node: Node) -> bool:
    match node:
        case Sequence():
            parts = _flat(node)
            return any(_is_sandwich(window, least=1) for window in zip(parts, parts[1:], parts[2:], strict=False))
        case Repeat(Sequence() as body, least, None) if least < 2:
            return _is_chain(_flat(body))
    return False


def _is_chain(parts: list[Node]) -> bool:
    """Whether the parts are X+ and then, perhaps, something that ends in a loop of X too."""
    match parts:
        case [Repeat(first, 1, None), Repeat(Sequence() as tail, 0, 1)]:
            last = _flat(tail)[-1]
            return isinstance(last, Repeat) and last.body == first and last.most is None
        case [left, middle, right]:
            return _is_sandwich((left, middle, right), least=0)
    return False


def _is_sandwich(parts: tuple[Node, Node, Node], *, least: int) -> bool:
    """Whether the parts are X+, something that may be absent, and a loop of at least so many X."""
    match parts:
        case [Repeat(first, 1, None), Repeat(_, 0, _), Repeat(last, times, None)]:
            return first == last and least <= times <= 1
    return False


def _flat(node: Sequence) -> list[Node]:
    """The parts one after the other; a group that captures is a sequence of one part, and stays together."""
    parts: list[Node] = []
    for part in node.parts:
        if isinstance(part, Sequence) and len(part.parts) != 1:
            parts.extend(_flat(part))
        else:
            parts.append(part)
    return parts
