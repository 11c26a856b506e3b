"""Which place of a schema an author has to look at when it refuses a document: the one that was edited.

A definition that nobody has touched may refuse what it was never asked about before: then the edit is at the reference
that leads to it, or further up. And where no alternative fits, one of them may be what was edited. Judges nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dome_spec.contracts.compatibility.acceptance import Refusal
from dome_spec.contracts.compatibility.definitions import target
from dome_spec.contracts.compatibility.pointers import parts, pointer
from dome_spec.contracts.compatibility.schema import Schema

_Stretch = tuple[str, list[str | int]]
"""Where a definition begins, and where a way leaves it."""


@dataclass(frozen=True, slots=True)
class Blamed:
    """A keyword, and where its author wrote it."""

    keyword: str
    place: str


class Blame:
    """Finds what to blame in one schema for what it refuses and the other accepts."""

    def __init__(self, *, refusing: Schema, accepting: Schema) -> None:
        self._refusing = refusing
        self._accepting = accepting

    def innermost(self, refusal: Refusal) -> Refusal:
        """What speaks against the one alternative that was edited; the refusal itself where that is not plain."""
        while refusal.alternatives:
            passed = len(_stretches(refusal.way, self._refusing.document)) - 1
            edited = [each for faults in refusal.alternatives if (each := self._edited(faults, passed)) is not None]
            if len(edited) != 1:
                break
            refusal = edited[0]
        return refusal

    def blamed(self, refusal: Refusal) -> Blamed:
        """The keyword that refuses, or the reference to a definition that is written alike on both sides."""
        keyword, stretches = refusal.keyword, _stretches(refusal.way, self._refusing.document)
        begin, end = stretches.pop()
        while stretches and self._is_unchanged(begin):
            begin, end = stretches.pop()
            keyword = keyword if self._is_unchanged(pointer(end)) else "$ref"
        return Blamed(keyword, self._refusing.source_place(pointer(end)))

    def _edited(self, faults: Sequence[Refusal], passed: int) -> Refusal | None:
        """The fault in what was edited of an alternative; none where the alternative is for values of another kind."""
        if any(fault.keyword == "const" for fault in faults):
            return None
        for fault in faults:
            beyond = _stretches(fault.way, self._refusing.document)[passed:]
            if not all(self._is_unchanged(pointer(end[:-1])) for _, end in beyond):
                return fault
        return None

    def _is_unchanged(self, place: str) -> bool:
        """Whether what stands at a place of the refusing schema is written alike in the source of the other."""
        name, _, at = self._refusing.source_place(place).rpartition("#")
        ours, theirs = (_written(schema, name, at) for schema in (self._refusing, self._accepting))
        return ours is not None and ours == theirs


def _stretches(way: Sequence[str | int], document: Any) -> list[_Stretch]:
    """The way through a document in stretches, one for each definition."""
    start, here = "", list[str | int]()
    found, node = list[_Stretch](), document
    for step in way:
        here.append(step)
        if step == "$ref" and isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
            found.append((start, here))
            start, node = reference.removeprefix("#"), target(document, reference)
            here = list[str | int](parts(start))
        elif isinstance(node, dict):
            node = node.get(str(step))
        elif isinstance(node, list) and isinstance(step, int):
            node = node[step]
    return [*found, (start, here)]


def _written(schema: Schema, name: str, place: str) -> str | None:
    document = schema.resources.get(name) if name else schema.source
    try:
        return None if document is None else json.dumps(target(document, place), sort_keys=True)
    except LookupError:
        return None
