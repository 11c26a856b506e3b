"""Documents that show a break between two schemas. Proves nothing where it finds none."""

from tests.contract.schema_pairs.seeking.search import Document, search

__all__ = ["Document", "search"]
