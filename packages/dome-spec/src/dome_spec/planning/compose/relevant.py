"""Which known failures concern a packet: those that one of its judges would see."""

from collections.abc import Sequence
from typing import Final

from dome_contracts.schema.shared.definitions import TargetKind
from dome_spec.planning.compose.judging import Judge
from dome_spec.planning.compose.material import Material
from dome_spec.planning.knowledge import KnownFailure, ordered_failures

_KINDS: Final = (TargetKind.TEST, TargetKind.PATH)
"""The closest first; what is of another kind is wider."""


def seen_by(judging: Sequence[Judge], material: Material) -> tuple[tuple[KnownFailure, Judge], ...]:
    """Each known failure with the judge that sees it; the one that is about nothing else before the others.

    What is closer comes first, a test before its file, a file before its folder: with it the other may be mended.
    """
    found = []
    for failure in sorted(ordered_failures(material.memory.failures), key=_breadth):
        seeing = [each for each in judging if each.sees(failure.target)]
        if seeing:
            found.append((failure, min(seeing, key=lambda each: (each.target != failure.target, each.name))))
    return tuple(found)


def _breadth(failure: KnownFailure) -> tuple[int, int]:
    """How much a failure is about, the least first."""
    kind, name = failure.target.kind, failure.target.id
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), -name.count("/"))
