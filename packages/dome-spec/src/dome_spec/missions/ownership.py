"""Which files packages own, and where two of them would meet. Pure: the paths of the repository are handed in."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from dome_contracts.schema.missions.work_package import PackageReach, ProductKind, WorkPackage
from dome_spec.governance import common_path, path_matches

_EVERYTHING = ("**",)
_WILD = frozenset("*?")


class Overlap(NamedTuple):
    """Two packages that own the same path, and such a path."""

    first: str
    second: str
    path: str


def scope(package: WorkPackage) -> Sequence[str]:
    """What the package may change. One that reaches over the repository owns everything."""
    return _EVERYTHING if package.reach is PackageReach.REPOSITORY else package.owned_files


def overlaps(packages: Sequence[WorkPackage]) -> Iterator[Overlap]:
    """Every two packages that change the code and own a path in common, in the order of their ids."""
    changing = sorted(
        (each for each in packages if each.product is ProductKind.CODE_CHANGE), key=lambda each: each.work_package_id
    )
    for one, other in combinations(changing, 2):
        path = next((found for a in scope(one) for b in scope(other) if (found := common_path(a, b)) is not None), None)
        if path is not None:
            yield Overlap(one.work_package_id, other.work_package_id, path)


def is_concurrent(first: str, second: str, ancestors: Mapping[str, frozenset[str]]) -> bool:
    """Whether two packages may run at the same time: neither waits for the other."""
    return first not in ancestors[second] and second not in ancestors[first]


def unmatched(package: WorkPackage, paths: Collection[str]) -> Iterator[str]:
    """Owned patterns that match neither a path of the repository nor one that the package creates."""
    created = package.creates or []
    for glob in package.owned_files:
        if not any(path_matches(path, [glob]) for path in created) and not any(
            path_matches(path, [glob]) for path in paths
        ):
            yield glob


def is_literal(glob: str) -> bool:
    """Whether a pattern names one path."""
    return not _WILD & set(glob)
