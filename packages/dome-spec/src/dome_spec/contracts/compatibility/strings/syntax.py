"""The parts of a regular expression. Only values: how they are written, and what they match, stands elsewhere."""

from dataclasses import dataclass
from typing import Final

from dome_spec.contracts.compatibility.strings.charset import CharSet


class PatternUnsupported(Exception):
    """A pattern uses something whose language is not computed here."""

    def __init__(self, pattern: str, what: str) -> None:
        super().__init__(f"The pattern {pattern!r:.120} uses {what}.")
        self.pattern = pattern
        self.what = what


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    members: CharSet


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other. A group that captures is a sequence of its one part."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same several times; whether greedily or not makes no difference to what matches."""

    body: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Begin:
    """The beginning of the text."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of the text."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What follows begins like this, or, negated, does not."""

    body: "Node"
    negated: bool


Node = Chars | Sequence | Choice | Repeat | Begin | End | Ahead

NOTHING: Final = Sequence(())


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern that was read. It matches a text that has such a part anywhere."""

    pattern: str
    root: Node
