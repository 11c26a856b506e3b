"""Ranges of versions, such as `>=1.2.0,<2.0.0`, and which of two is later. What stands behind a plus is no part."""

import operator
import re
from types import MappingProxyType
from typing import Final

PLANNER_VERSION: Final = "1.1.0"
"""Version of the rules by which plans are made: it changes when the same inputs give another plan."""
_COMPARISON: Final = re.compile(r"(==|>=|<=|>|<)([0-9]+)\.([0-9]+)\.([0-9]+)")
_VERSION: Final = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_OPERATORS: Final = MappingProxyType(
    {"==": operator.eq, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
)

Precedence = tuple[tuple[int, ...], bool, str]
"""The numbers, then whether it is released, then what is before its release."""


def version_in(version: str, version_range: str) -> bool:
    """Whether a version lies in a range. One before its release lies in `*` alone, and what is none in no range."""
    if version_range == "*":
        return bool(version)
    here = precedence(version)
    if here is None or not here[1]:
        return False
    parts = [_COMPARISON.fullmatch(part) for part in version_range.split(",")]
    return all(part is not None and _OPERATORS[part[1]](here[0], tuple(map(int, part.groups()[1:]))) for part in parts)


def precedence(version: str) -> Precedence | None:
    """What orders versions, the earlier one first; None for what is no version."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    return tuple(int(part) for part in found.groups()[:3]), found[4] is None, found[4] or ""
