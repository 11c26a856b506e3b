"""Compares families by their features. A field or shape counts for more the fewer families have it.

Three things make two families alike: the same name, identity or title; the same fields, also where one has only a
part of the other's; and the same shapes under other names. The order of anything counts for nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from math import log
from typing import Any, Final, TypeVar

from dome_spec.contracts.similarity.features import Features, features

T = TypeVar("T")

# Shares by weight from which on a family repeats another: of the fields of the smaller one, which may be a part of the
# other; of the shapes of the larger one, for a few shapes are easily found in a large family.
FIELDS_ALIKE: Final = 0.6
SHAPES_ALIKE: Final = 0.7
# The same for fields that have the same shape too, which says more than the name alone.
MEMBERS_ALIKE: Final = 0.5
# Two of fewer fields have little to be alike in.
FIELDS_MIN: Final = 4
# Two families of as many fields that all have the same shapes are one, even if each shape is only a type.
TWIN_FIELDS_MIN: Final = 8
# From this share on, families of two sets are about the same concept though they were written apart.
CONCEPT_ALIKE: Final = 0.3


class Resemblance(StrEnum):
    """In what two families are alike."""

    IDENTITY = "identity"
    NAME = "name"
    FIELDS = "fields"
    SHAPES = "shapes"


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two families that are alike: in what, to which share, and which fields both have."""

    first: str
    second: str
    by: Resemblance
    share: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Weights:
    """How much each name and each shape says: one that every family has says nothing."""

    names: Mapping[str, float]
    members: Mapping[tuple[str, str], float]
    shapes: Mapping[str, float]


def likenesses(families: Mapping[str, Any]) -> list[Likeness]:
    """Every pair of one set in which one family repeats the other; the most alike first. Keys name the families."""
    known = [features(family, schema) for family, schema in sorted(families.items())]
    weights = _weights(known)
    return _ordered(_alike(one, other, weights, FIELDS_ALIKE) for one, other in combinations(known, 2))


def likenesses_between(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Likeness]:
    """Pairs of one family of each set that are about the same concept; the most alike first."""
    mine, yours = ([features(name, schema) for name, schema in sorted(each.items())] for each in (ours, theirs))
    weights = _weights([*mine, *yours])
    return _ordered(_alike(one, other, weights, CONCEPT_ALIKE) for one, other in product(mine, yours))


def _ordered(found: Iterable[Likeness | None]) -> list[Likeness]:
    return sorted((each for each in found if each), key=lambda each: (-each.share, each.first, each.second))


def _weights(known: Sequence[Features]) -> _Weights:
    names = Counter(name for each in known for name in each.names)
    members = Counter(member for each in known for member in each.members)
    shapes = Counter(shape for each in known for shape in each.shapes)
    return _Weights(_rarity(names, len(known)), _rarity(members, len(known)), _rarity(shapes, len(known)))


def _rarity(seen: Mapping[T, int], count: int) -> dict[T, float]:
    # What one family alone has counts as if two had it: new fields beside copied ones do not hide these.
    return {item: log((count + 1) / max(times, 2)) for item, times in seen.items()}


def _alike(one: Features, other: Features, weights: _Weights, fields_alike: float) -> Likeness | None:
    """In what the two are alike first of all, if in anything."""
    shared = tuple(sorted(one.names & other.names))
    by_fields = _share(shared, min(_weight(each.names, weights.names) for each in (one, other)), weights.names)

    def likeness(by: Resemblance, share: float) -> Likeness:
        return Likeness(one.family, other.family, by, round(share, 2), shared)

    if one.identity and one.identity == other.identity:
        return likeness(Resemblance.IDENTITY, 1.0)
    if one.words == other.words or (one.title and one.title == other.title):
        return likeness(Resemblance.NAME, max(by_fields, fields_alike))
    if min(len(one.names), len(other.names)) < FIELDS_MIN:
        return None
    if by_fields >= fields_alike and len(shared) >= FIELDS_MIN:
        return likeness(Resemblance.FIELDS, by_fields)
    same = one.members & other.members
    by_members = _share(same, min(_weight(each.members, weights.members) for each in (one, other)), weights.members)
    if by_members >= MEMBERS_ALIKE and len(same) >= FIELDS_MIN:
        return likeness(Resemblance.FIELDS, by_members)
    common = one.telling & other.telling
    heavier = max(_weight(each.telling.elements(), weights.shapes) for each in (one, other))
    by_shapes = _share(common.elements(), heavier, weights.shapes)
    if by_shapes >= SHAPES_ALIKE and common.total() >= FIELDS_MIN:
        return likeness(Resemblance.SHAPES, by_shapes)
    if one.shapes == other.shapes and one.shapes.total() >= TWIN_FIELDS_MIN:
        return likeness(Resemblance.SHAPES, 1.0)
    return None


def _share(common: Iterable[T], whole: float, weights: Mapping[T, float]) -> float:
    return _weight(common, weights) / whole if whole else 0.0


def _weight(items: Iterable[T], weights: Mapping[T, float]) -> float:
    return sum(weights[item] for item in items)
