r"""Reads patterns of ECMA-262 with the flag `u`, as people write them in schemas and as the validator takes them.

What is not read is named: backreferences, `\b`, lookbehind, flags, and what only some engines allow. A pattern that is
no pattern at all may be read: the validator has refused it before.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from dome_spec.contracts.compatibility.strings import charset
from dome_spec.contracts.compatibility.strings.charset import CharSet
from dome_spec.contracts.compatibility.strings.properties import property_set, shorthand_set
from dome_spec.contracts.compatibility.strings.syntax import (
    NOTHING,
    Ahead,
    Begin,
    Chars,
    Choice,
    End,
    Node,
    PatternUnsupported,
    Regex,
    Repeat,
    Sequence,
)

PATTERN_CHARS_MAX: Final = 20_000
DEPTH_MAX: Final = 100
"""Deepest nesting of groups."""

_CLASSES: Final[Mapping[str, CharSet]] = {
    "d": charset.DIGIT,
    "D": charset.complement(charset.DIGIT),
    "w": charset.WORD,
    "W": charset.complement(charset.WORD),
    "s": charset.SPACE,
    "S": charset.complement(charset.SPACE),
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_PLAIN_ESCAPES: Final = frozenset("^$\\.*+?()[]{}|/-_@#%&,:;=!\"'~` ")
_NAMED: Final = dict.fromkeys("bB", "a word boundary") | dict.fromkeys("k123456789", "a backreference")
_COUNT: Final = re.compile(r"\{(\d{1,6})(,(\d{1,6})?)?\}", re.ASCII)
_CODE: Final = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}", re.ASCII)
_PROPERTY: Final = re.compile(r"[pP]\{([A-Za-z0-9_]+(?:=[A-Za-z0-9_]+)?)\}", re.ASCII)
_GROUP_NAME: Final = re.compile(r"\(\?P?<[A-Za-z_][A-Za-z0-9_]*>", re.ASCII)


@lru_cache(maxsize=2048)
def parse(pattern: str) -> Regex:
    """Reads a pattern. Raises PatternUnsupported, which names what is not read."""
    if len(pattern) > PATTERN_CHARS_MAX:
        raise PatternUnsupported(pattern, f"more than {PATTERN_CHARS_MAX} characters")
    reader = _Reader(pattern, _CLASSES.__getitem__)
    root = reader.read()
    if reader.looks_ahead:
        root = _Reader(pattern, _unicode_class).read()
    return Regex(pattern, root)


def _unicode_class(letter: str) -> CharSet:
    members = shorthand_set(letter.lower()) or _CLASSES[letter.lower()]
    return members if letter.islower() else charset.complement(members)


class _Reader:
    def __init__(self, pattern: str, class_of: Callable[[str], CharSet]) -> None:
        self.looks_ahead = False
        self._pattern = pattern
        self._class_of = class_of
        self._at = 0
        self._depth = 0

    def read(self) -> Node:
        node = self._choice()
        if self._at < len(self._pattern):
            raise self._unsupported("a parenthesis that closes nothing")
        return node

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._unsupported(f"more than {DEPTH_MAX} groups within each other")
        options = [self._sequence()]
        while self._took("|"):
            options.append(self._sequence())
        self._depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._at < len(self._pattern) and self._next() not in "|)":
            parts.append(self._repeated(self._atom()))
        if not parts:
            return NOTHING
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, atom: Node) -> Node:
        counts = self._counts()
        if counts is None:
            return atom
        if isinstance(atom, Begin | End | Ahead):
            raise self._unsupported("a repeated assertion")
        self._took("?")
        if self._next() in {"*", "+", "?"} or _COUNT.match(self._pattern, self._at):
            raise self._unsupported("a repetition of a repetition")
        least, most = counts
        return Repeat(atom, least, most)

    def _counts(self) -> tuple[int, int | None] | None:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._took(sign):
                return counts
        if self._next() != "{":
            return None
        match = _COUNT.match(self._pattern, self._at)
        if match is None:
            raise self._unsupported("a brace that counts nothing")
        self._at = match.end()
        least = int(match[1])
        most = least if match[2] is None else None if match[3] is None else int(match[3])
        if most is not None and most < least:
            raise self._unsupported("a count that ends before it begins")
        return least, most

    def _atom(self) -> Node:
        character = self._next()
        match character:
            case "^":
                self._at += 1
                return Begin()
            case "$":
                self._at += 1
                return End()
            case ".":
                self._at += 1
                return Chars(charset.ANY_BUT_NEWLINE)
            case "(":
                return self._group()
            case "[":
                return Chars(self._class())
            case "\\":
                self._at += 1
                return Chars(self._escape())
            case "*" | "+" | "?" | "{":
                raise self._unsupported("a repetition of nothing")
            case _:
                self._at += 1
                return Chars(charset.of(character))

    def _group(self) -> Node:
        ahead: bool | None = None
        captures = False
        rest = self._pattern[self._at : self._at + 4]
        if rest.startswith(("(?=", "(?!")):
            ahead = rest[2] == "!"
            self.looks_ahead = True
            self._at += 3
        elif rest.startswith(("(?<=", "(?<!")):
            raise self._unsupported("lookbehind")
        elif match := _GROUP_NAME.match(self._pattern, self._at):
            self._at = match.end()
            captures = True
        elif rest.startswith("(?:"):
            self._at += 3
        elif rest.startswith("(?"):
            raise self._unsupported(f"the group {rest!r}")
        else:
            self._at += 1
            captures = True
        body = self._choice()
        if not self._took(")"):
            raise self._unsupported("a parenthesis that is not closed")
        if ahead is not None:
            return Ahead(body, ahead)
        return Sequence((body,)) if captures else body

    def _class(self) -> CharSet:
        self._at += 1
        negated = self._took("^")
        if self._next() == "]":
            raise self._unsupported("a class that begins with its end")
        sets: list[CharSet] = []
        while not self._took("]"):
            low = self._class_atom()
            if self._next() == "-" and self._pattern[self._at + 1 : self._at + 2] not in {"]", ""}:
                self._at += 1
                high = self._class_atom()
                low = self._range(low, high)
            sets.append(low)
        members = charset.union(sets)
        return charset.complement(members) if negated else members

    def _class_atom(self) -> CharSet:
        character = self._next()
        if not character:
            raise self._unsupported("a class that is not closed")
        self._at += 1
        return self._escape() if character == "\\" else charset.of(character)

    def _range(self, low: CharSet, high: CharSet) -> CharSet:
        (first, *more), (last, *others) = low or ((1, 0),), high or ((1, 0),)
        if more or others or first[0] != first[1] or last[0] != last[1]:
            raise self._unsupported("a range that does not go from character to character")
        if first[0] > last[0]:
            raise self._unsupported("a range that ends before it begins")
        return charset.union([((first[0], last[0]),)])

    def _escape(self) -> CharSet:
        """What is written after a backslash."""
        character = self._next()
        if character in _CLASSES:
            self._at += 1
            return self._class_of(character)
        if character in _CONTROLS:
            self._at += 1
            return charset.of(_CONTROLS[character])
        if character in _PLAIN_ESCAPES and character:
            self._at += 1
            return charset.of(character)
        if match := _CODE.match(self._pattern, self._at):
            self._at = match.end()
            return self._code(int(match[1] or match[2] or match[3], 16))
        if match := _PROPERTY.match(self._pattern, self._at):
            self._at = match.end()
            return self._property(match[1], negated=character == "P")
        if character == "c" and re.match(r"c[A-Za-z]", self._pattern[self._at :], re.ASCII):
            self._at += 2
            return charset.of(chr(ord(self._pattern[self._at - 1]) % 32))
        raise self._unsupported(_NAMED.get(character, f"the escape \\{character}"))

    def _code(self, code: int) -> CharSet:
        members = charset.intersection(((code, code),), charset.ALL)
        if not members:
            raise self._unsupported("half of a surrogate pair")
        return members

    def _property(self, name: str, *, negated: bool) -> CharSet:
        members = property_set(name)
        if members is None:
            raise self._unsupported(f"the property {name}")
        return charset.complement(members) if negated else members

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _took(self, sign: str) -> bool:
        if self._next() != sign:
            return False
        self._at += 1
        return True

    def _unsupported(self, what: str) -> PatternUnsupported:
        return PatternUnsupported(self._pattern, what)
