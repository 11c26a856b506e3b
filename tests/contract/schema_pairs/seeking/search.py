"""Finds the document that shows a break: accepted by one schema, refused by the other, small, and confirmed.

That nothing is found proves nothing. The same two schemas give the same document in every run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.contracts.compatibility.acceptance import Acceptance
from dome_spec.contracts.compatibility.schema import Schema
from tests.contract.schema_pairs.seeking.goals import Goal
from tests.contract.schema_pairs.seeking.nodes import Root, top_of
from tests.contract.schema_pairs.seeking.shrink import shrink, size
from tests.contract.schema_pairs.seeking.writer import STEPS_MAX, Writer

FOUND_MAX: Final = (3, 24)
"""Documents among which the smallest is chosen; more of them where the reference validator confirms none."""
CONFIRMED_MAX: Final = 40
"""Documents about which the reference validator is asked in one search: it is slow."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document. A value of its own, because `null` is a document too."""

    value: Any


def search(
    accepting: Schema, refusing: Schema, *, hints: Iterable[Any] = (), steps_max: int = STEPS_MAX
) -> Document | None:
    """A small document that the one schema accepts and the other refuses, by both validators; None where none is found.

    Hints are JSON Schemas of documents that may be such; they are looked at first.
    """
    return _Search(accepting, refusing, steps_max).run(hints)


class _Search:
    def __init__(self, accepting: Schema, refusing: Schema, steps_max: int) -> None:
        self._accepting = Acceptance(accepting)
        self._refusing = Acceptance(refusing)
        self._accept = top_of(accepting)
        self._refuse = top_of(refusing)
        self._writer = Writer(steps_max)
        self._asked = 0

    def run(self, hints: Iterable[Any]) -> Document | None:
        for goal in self._goals(hints):
            for count in FOUND_MAX:
                found = sorted(self._writer.documents(goal, count), key=size)
                for document in found:
                    if self._asked >= CONFIRMED_MAX:
                        return None
                    if self._shows(document) and self._confirmed(document):
                        return self._smallest(document)
                if len(found) < count:
                    break
        return None

    def _goals(self, hints: Iterable[Any]) -> Iterator[Goal]:
        for hint in hints:
            yield Goal((Root(hint).top, self._accept), (self._refuse,))
        yield Goal((self._accept,), (self._refuse,))

    def _smallest(self, document: Any) -> Document:
        """The document made smaller, as far as the reference validator follows."""
        smaller = shrink(document, self._shows)
        if smaller == document or self._confirmed(smaller):
            return Document(smaller)
        return Document(document)

    def _shows(self, document: Any) -> bool:
        return self._accepting.accepts(document) and not self._refusing.accepts(document)

    def _confirmed(self, document: Any) -> bool:
        self._asked += 1
        return self._accepting.confirms_acceptance(document) and self._refusing.confirms_refusal(document)
