"""Holds a verdict against documents. Judges by the schemas as they were given, not as the engine rewrote them."""

import json
import re
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from jsonschema import Draft202012Validator as Reference  # type: ignore[import-untyped]
from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility import Comparison, Direction, Schema, Verdict, compare
from dome_spec.contracts.compatibility.reference import FORMATS, ReferenceJudge
from tests.contract.schema_pairs.documents import documents
from tests.contract.schema_pairs.pairs import Kind, Pair
from tests.contract.schema_pairs.seeking import search

DOCUMENTS: Final = 12
"""Documents that are made for each pair, before they are changed."""
_KEEPS_ALL: Final = (Verdict.COMPATIBLE, Verdict.MEANING_CHANGED)


@dataclass(slots=True)
class Tally:
    """What was found over many pairs."""

    steps_max: int
    """How long the engine's own search for witnesses may look for a contradiction."""
    verdicts: dict[tuple[Kind, Verdict], int] = field(default_factory=dict)
    documents: int = 0
    undecided: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        """How many pairs were compared."""
        return sum(self.verdicts.values())

    @property
    def undecided_percent(self) -> float:
        """The share of pairs without a verdict."""
        return 100 * len(self.undecided) / self.pairs

    def report(self) -> str:
        """The figures, in lines."""
        counted = {kind: [f"{count} {verdict}" for (of, verdict), count in sorted(self.verdicts.items()) if of is kind]
                   for kind in Kind}  # fmt: skip
        lines = [f"{kind:32} {', '.join(found)}" for kind, found in counted.items()]
        head = f"{self.pairs} pairs, {self.documents} documents, UNDECIDED {self.undecided_percent:.2f} %"
        return "\n".join([head, *lines])


def judge(pair: Pair, chance: Random, tally: Tally) -> None:
    """Compare backward, and look for a document that contradicts the verdict."""
    comparison = compare(pair.old, pair.new, direction=Direction.BACKWARD)
    key = (pair.kind, comparison.verdict)
    tally.verdicts[key] = tally.verdicts.get(key, 0) + 1
    shown = f"{json.dumps(pair.old.source)} -> {json.dumps(pair.new.source)}"
    if comparison.verdict is Verdict.UNDECIDED:
        tally.undecided.append(shown)
    elif comparison.verdict in _KEEPS_ALL:
        found = _contradictions(pair, chance, tally)
        tally.faults += [f"{comparison.verdict}, but {json.dumps(document)}: {shown}" for document in found]
    elif pair.kind in (Kind.EQUIVALENT, Kind.MEANING):
        tally.faults.append(f"{pair.kind}, but {comparison.verdict}: {shown}")
    tally.faults += [f"{fault}: {shown}" for fault in unverified(pair.old, pair.new, comparison)]


def _contradictions(pair: Pair, chance: Random, tally: Tally) -> list[Any]:
    accepts = Draft202012Validator(pair.old.source, validate_formats=True).is_valid
    reads = Draft202012Validator(pair.new.source, validate_formats=True).is_valid
    tried = documents(pair.old.source, pair.new.source, chance, count=DOCUMENTS)
    tally.documents += len(tried)
    found = [document for document in tried if accepts(document) and not reads(document)]
    if (sought := search(pair.old, pair.new, steps_max=tally.steps_max)) is not None:
        found.append(sought.value)
    return found


def unverified(old: Schema, new: Schema, comparison: Comparison) -> list[str]:
    """The witnesses that one of the validators does not confirm, and breaks that have none."""
    sides = {"old": old, "new": new}
    faults = []
    for change in comparison.changes:
        if change.verdict is not Verdict.INCOMPATIBLE:
            continue
        if change.witness is None:
            faults.append("no witness")
            continue
        document = change.witness.document
        accepted = _both(sides[change.witness.accepted_by].source, document)
        refused = _both(sides[change.witness.refused_by].source, document)
        if accepted != {True} or refused != {False}:
            faults.append(f"the validators do not confirm {json.dumps(document)}")
    return faults


def _both(schema: Any, document: Any) -> set[bool | None]:
    fast = Draft202012Validator(schema, validate_formats=True).is_valid(document)
    try:
        slow = Reference(schema, format_checker=FORMATS).is_valid(document)
    except re.error:
        # A pattern in the words of ECMA-262 alone, which the engine has translated for the reference.
        return {fast, ReferenceJudge(schema).verdict(document)}
    return {fast, bool(slow)}
