"""The registry of contracts, as it was generated with them."""

from collections.abc import Sequence

from dome_contracts.families import FAMILIES, Family


def list_families() -> Sequence[Family]:
    """Every schema family and every named part of the wire, ordered by name."""
    return sorted(FAMILIES, key=lambda each: each.family)
