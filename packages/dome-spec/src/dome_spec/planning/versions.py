"""Ranges of versions, such as `>=1.2.0,<2.0.0`. Releases only: what stands behind a dash or a plus does not order."""

import operator
import re
from types import MappingProxyType
from typing import Final

_COMPARISON: Final = re.compile(r"(==|>=|<=|>|<)(\d+)\.(\d+)\.(\d+)")
_RELEASE: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)(-)?")
_OPERATORS: Final = MappingProxyType(
    {"==": operator.eq, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
)


def satisfies(version: str, version_range: str) -> bool:
    """Whether a version lies in a range. One that is not yet released lies in `*` alone."""
    if version_range == "*":
        return True
    found = _RELEASE.match(version)
    if found is None or found[4] is not None:
        return False
    number = tuple(int(part) for part in found.groups()[:3])
    parts = [_COMPARISON.fullmatch(part) for part in version_range.split(",")]
    return all(part is not None and _OPERATORS[part[1]](number, tuple(map(int, part.groups()[1:]))) for part in parts)
