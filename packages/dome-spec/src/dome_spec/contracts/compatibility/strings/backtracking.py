"""How long a matcher that tries one way after the other may take for a pattern, at worst. Matches nothing."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations

from dome_spec.contracts.compatibility.strings import charset
from dome_spec.contracts.compatibility.strings.charset import CharSet
from dome_spec.contracts.compatibility.strings.ecma import parse
from dome_spec.contracts.compatibility.strings.syntax import Ahead, Begin, Chars, Choice, End, Node, Repeat, Sequence


@lru_cache(maxsize=2048)
def steps(pattern: str, length: int) -> int | None:
    """A bound on the ways that are tried on a text of this length; None where they may double with each character.

    Raises PatternUnsupported.
    """
    root = parse(pattern).root
    ways = _ways(root, length)
    is_bound = isinstance(root, Sequence) and root.parts[:1] == (Begin(),)
    return ways if ways is None or is_bound else ways * (length + 1)


def _ways(node: Node, length: int) -> int | None:
    match node:
        case Chars() | Begin() | End():
            return 1
        case Ahead(body):
            return _ways(body, length)
        case Sequence(parts):
            return _in_turn(parts, length)
        case Choice(options):
            each = [_ways(option, length) for option in options]
            return None if None in each else sum(ways for ways in each if ways is not None)
        case Repeat(body, least, most):
            return _repeated(body, length, length if most is None else min(length, most - least), most)


def _in_turn(parts: Iterable[Node], length: int) -> int | None:
    """What follows is tried for each way before. What is looked ahead at is tried once, and left alone."""
    product, aside = 1, 0
    for part in parts:
        ways = _ways(part, length)
        if ways is None:
            return None
        if isinstance(part, Ahead):
            aside = max(aside, product * ways)
        else:
            product *= ways
    return max(product, aside)


def _repeated(body: Node, length: int, choices: int, most: int | None) -> int | None:
    if isinstance(body, Chars) or _is_fixed(body):
        return choices + 1
    if most == 1:
        inner = _ways(body, length)
        return None if inner is None else inner + 1
    return length + 1 if _is_separated(body) else None


def _is_fixed(node: Node) -> bool:
    """Whether the next characters alone say how a text is read as this, and where that ends."""
    match node:
        case Chars():
            return True
        case Repeat(body, least, most):
            return least == most and _is_fixed(body)
        case Sequence(parts):
            return all(map(_is_fixed, parts))
        case Choice(options):
            return all(map(_is_fixed, options)) and _are_told_apart(options)
    return False


def _is_single(node: Node) -> bool:
    """Whether a whole text can be read as this in one way at most."""
    match node:
        case Repeat(body, _, _):
            return _is_fixed(body)
        case Choice(options):
            return all(map(_is_single, options)) and _are_told_apart(options)
    parts = list(_flat(node))
    varying = [part for part in parts if not _is_fixed(part)]
    return not varying or (len(varying) == 1 and varying[0] is not node and _is_single(varying[0]))


def _is_separated(node: Node) -> bool:
    """Whether a character that stands nowhere else in it shows where each repetition begins or ends."""
    parts = list(_flat(node))
    for separator, others in ((parts[0], parts[1:]), (parts[-1], parts[:-1])):
        if isinstance(separator, Chars) and _is_single(Sequence(tuple(others))):
            rest = charset.union([members for other in others for members in _members(other)])
            if not charset.intersection(separator.members, rest):
                return True
    return False


def _are_told_apart(options: tuple[Node, ...]) -> bool:
    """Whether each two of them differ in a character that comes before anything of varying length."""
    heads = [_head(option) for option in options]
    return all(
        any(not charset.intersection(*pair) for pair in zip(one, other, strict=False))
        for one, other in combinations(heads, 2)
    )


def _head(node: Node) -> list[CharSet]:
    """The characters that it begins with, as far as that is certain."""
    head: list[CharSet] = []
    for part in _flat(node):
        if isinstance(part, Chars):
            head.append(part.members)
            continue
        if isinstance(part, Repeat) and part.least > 0:
            head += _head(part.body)[:1]
        break
    return head


def _flat(node: Node) -> Iterator[Node]:
    if isinstance(node, Sequence) and node.parts:
        for part in node.parts:
            yield from _flat(part)
    else:
        yield node


def _members(node: Node) -> Iterator[CharSet]:
    match node:
        case Chars(members):
            yield members
        case Repeat(body):
            yield from _members(body)
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from _members(part)
