"""Pairs of schemas: of what kind, and what is known about them beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Final

from dome_spec.contracts.compatibility import Schema, SchemaRefused, parse
from tests.contract.schema_pairs.changes import changed, equivalent, meaning_only
from tests.contract.schema_pairs.schemas import a_schema


class Kind(StrEnum):
    """How the second schema came from the first."""

    EQUIVALENT = "written differently"
    MEANING = "annotated differently"
    CHANGED = "changed in a place or two"
    REWRITTEN = "written differently and changed"
    INDEPENDENT = "independent"


_SHARES: Final = (Kind.EQUIVALENT, Kind.MEANING, Kind.CHANGED, Kind.CHANGED, Kind.REWRITTEN, Kind.INDEPENDENT)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemas that the engine takes."""

    kind: Kind
    old: Schema
    new: Schema


def a_pair(chance: Random) -> Pair | None:
    """A pair, or None where one of the two is a schema that the engine refuses, such as one whose references circle."""
    first = a_schema(chance)
    kind = chance.choice(_SHARES)
    second: Any
    match kind:
        case Kind.EQUIVALENT:
            second = equivalent(first, chance)
        case Kind.MEANING:
            second = meaning_only(first, chance)
        case Kind.CHANGED:
            second = changed(first, chance)
        case Kind.REWRITTEN:
            second = changed(equivalent(first, chance), chance)
        case Kind.INDEPENDENT:
            second = a_schema(chance)
    try:
        return Pair(kind, parse(first), parse(second))
    except SchemaRefused:
        return None


def pairs(seed: int, count: int) -> Iterator[tuple[Pair, Random]]:
    """So many pairs, the same for the same seed, each with the chance that made it."""
    number = 0
    while count:
        chance = Random(f"{seed}-{number}")
        number += 1
        if (pair := a_pair(chance)) is not None:
            count -= 1
            yield pair, chance
