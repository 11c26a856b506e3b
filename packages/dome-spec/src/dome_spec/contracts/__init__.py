"""The contracts as a subject: their registry. Stands on the kernel only, and knows no daemon."""

from dome_contracts.families import Family
from dome_spec.contracts.registry import list_families

__all__ = ["Family", "list_families"]
