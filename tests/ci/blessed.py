"""Moves the baseline of a copied tree, as `dome contracts bless` does."""

from pathlib import Path

from dome_spec.contracts.baseline import Asked, bless, prepare
from dome_spec.contracts.layout import Layout


def blessed(tree: Path, *families: str) -> None:
    """Bless these families; all where none is named."""
    layout, asked = Layout(tree), Asked(families=families, note="Moved by a test.")
    bless(layout, prepare(layout, asked), asked)
