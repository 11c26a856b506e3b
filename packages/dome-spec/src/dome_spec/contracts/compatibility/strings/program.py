"""A pattern as a list of small steps, each of which says where it goes on. Runs nothing."""

from dataclasses import dataclass
from typing import Final

from dome_spec.contracts.compatibility.strings.charset import CharSet
from dome_spec.contracts.compatibility.strings.syntax import (
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

STEPS_MAX: Final = 20_000
"""Most steps of one pattern: counted repetitions are written out."""


@dataclass(frozen=True, slots=True)
class Read:
    """Reads one character."""

    members: CharSet
    after: int


@dataclass(slots=True)
class Fork:
    """Goes on at any of several steps."""

    after: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AtBegin:
    """Goes on where nothing was read yet."""

    after: int


@dataclass(frozen=True, slots=True)
class AtEnd:
    """Goes on where nothing is left to be read."""

    after: int


@dataclass(frozen=True, slots=True)
class LookAhead:
    """Goes on where the body would match what is left, or, negated, would not."""

    body: int
    negated: bool
    after: int


@dataclass(frozen=True, slots=True)
class Matched:
    """The pattern has matched, whatever may follow."""


Step = Read | Fork | AtBegin | AtEnd | LookAhead | Matched


@dataclass(frozen=True, slots=True)
class Program:
    """The steps of one pattern."""

    steps: tuple[Step, ...]
    start: int


def program(regex: Regex) -> Program:
    """The steps of a pattern. Raises PatternUnsupported where they are too many."""
    writer = _Writer(regex.pattern)
    matched = writer.add(Matched())
    start = writer.write(regex.root, matched, matched)
    return Program(tuple(writer.steps), start)


class _Writer:
    """Writes from the end to the beginning, so that every step knows where it goes on."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.steps: list[Step] = []

    def add(self, step: Step) -> int:
        if len(self.steps) >= STEPS_MAX:
            raise PatternUnsupported(self._pattern, f"counts that come to more than {STEPS_MAX} steps")
        self.steps.append(step)
        return len(self.steps) - 1

    def write(self, node: Node, after: int, matched: int) -> int:
        """Writes a part that goes on at `after`; says where it begins."""
        match node:
            case Chars(members):
                return self.add(Read(members, after))
            case Sequence(parts):
                for part in reversed(parts):
                    after = self.write(part, after, matched)
                return after
            case Choice(options):
                return self.add(Fork(tuple(self.write(option, after, matched) for option in options)))
            case Repeat():
                return self._repeat(node, after, matched)
            case Begin():
                return self.add(AtBegin(after))
            case End():
                return self.add(AtEnd(after))
            case Ahead(body, negated):
                return self.add(LookAhead(self.write(body, matched, matched), negated, after))

    def _repeat(self, node: Repeat, after: int, matched: int) -> int:
        start = after
        if node.most is None:
            loop = Fork(())
            start = self.add(loop)
            loop.after = (self.write(node.body, start, matched), after)
        else:
            for _ in range(node.most - node.least):
                start = self.add(Fork((self.write(node.body, start, matched), after)))
        for _ in range(node.least):
            start = self.write(node.body, start, matched)
        return start
