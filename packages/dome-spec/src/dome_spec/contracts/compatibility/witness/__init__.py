"""Documents that show a break between two schemas. Proves nothing where it finds none."""

from dome_spec.contracts.compatibility.witness.search import Document, search

__all__ = ["Document", "search"]
