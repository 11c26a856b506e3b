"""Whether one schema accepts every document that another accepts.

Three answers, and none is a guess: a proof, a document that both validators confirm, or neither. A document that only
one validator takes for a break is no witness and no reason to say yes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from dome_spec.contracts.compatibility.acceptance import Acceptance
from dome_spec.contracts.compatibility.effort import effort
from dome_spec.contracts.compatibility.schema import Schema
from dome_spec.contracts.compatibility.sharing import shared
from dome_spec.contracts.compatibility.subsumption import PROOF_STEPS_MAX, Doubtful, Model, Open, Proof, Which

BREAKS_MAX: Final = 20
"""Documents that are shown for one pair of schemas; one is enough for the verdict, several help the author."""
JUDGING_EFFORT_MAX: Final = 200_000
"""Schemas that the validators hold against parts of documents, for all documents of one question: about a second."""

_SHOWN_CHARS_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Covered:
    """Proven: the wider schema accepts all that the narrower one accepts."""


@dataclass(frozen=True, slots=True)
class NotCovered:
    """The narrower schema accepts this document and the wider one refuses it, both by two validators."""

    document: Any


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither a proof nor a document."""

    why: str


def covers(wider: Schema, narrower: Schema, *, steps_max: int = PROOF_STEPS_MAX) -> Covered | NotCovered | Undecided:
    """Whether `wider` accepts every document that `narrower` accepts."""
    found = Pair(wider, narrower, steps_max=steps_max).breaks(wider="first", breaks_max=1)
    return found[0] if found else Covered()


class Pair:
    """Two schemas, and the question in either direction."""

    def __init__(self, first: Schema, second: Schema, *, steps_max: int = PROOF_STEPS_MAX) -> None:
        self._first = first
        self._second = second
        self.both: Final = shared(first.document, second.document)
        """The references that lead to the same in both."""
        self._proof = Proof(first.document, second.document, both=self.both, steps_max=steps_max)

    def breaks(self, *, wider: Which, breaks_max: int = BREAKS_MAX) -> list[NotCovered | Undecided]:
        """What keeps `wider` from accepting every document that the other accepts.

        Nothing: it is proven that it does. Documents, each breaking another statement. Or one reason why neither was
        found.
        """
        return list(islice(self._breaks(wider), breaks_max))

    def _breaks(self, which: Which) -> Iterator[NotCovered | Undecided]:
        wider, narrower = (self._first, self._second) if which == "first" else (self._second, self._first)
        if same(wider, narrower):
            return
        found = False
        unsure = [*wider.undecidable, *narrower.undecidable]
        validators = _Validators(wider, narrower)
        for outcome in self._proof.refutations(wider=which, confirms=validators.confirm):
            match outcome:
                case Model(document):
                    found = True
                    yield NotCovered(document)
                case Doubtful(document):
                    unsure.append(f"{validators.doubt} {json.dumps(document)[:_SHOWN_CHARS_MAX]}")
                case Open(why):
                    unsure.append(why)
        if unsure and not found:
            yield Undecided(unsure[0])


def same(one: Schema, other: Schema) -> bool:
    """Whether the two are written alike, but for the order of names."""
    return one is other or one.text == other.text


class _Validators:
    """Both validators of both schemas, and how much they may be asked."""

    def __init__(self, wider: Schema, narrower: Schema) -> None:
        self._schemas = (narrower, wider)
        self._left = JUDGING_EFFORT_MAX
        self.doubt = ""
        """Why the last document that was not confirmed was not; the document follows."""

    def confirm(self, document: Any) -> bool:
        """Whether both say that the narrower schema accepts the document and the wider one refuses it."""
        needed = sum(effort(schema.document, document, effort_max=self._left) for schema in self._schemas)
        if needed > self._left:
            self.doubt = "it takes the validators too long to judge"
            return False
        self._left -= needed
        self.doubt = "the validators do not agree on"
        accepting, refusing = map(Acceptance, self._schemas)
        return (
            accepting.accepts(document)
            and not refusing.accepts(document)
            and accepting.confirms_acceptance(document)
            and refusing.confirms_refusal(document)
        )
