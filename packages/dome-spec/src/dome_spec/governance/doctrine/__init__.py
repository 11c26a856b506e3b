"""The doctrine: documents in layers, and the graph of their references. Knows no charter file and no mission."""

from dome_spec.governance.doctrine.graph import Closure, Where, applies, closure, is_active, narrowed, require
from dome_spec.governance.doctrine.kinds import KINDS, Address, Document
from dome_spec.governance.doctrine.layers import Collision, Doctrine, Item, Origin, Source, field_pointer, lay, over
from dome_spec.governance.doctrine.reading import built_in_sources, project_sources

__all__ = [
    "KINDS",
    "Address",
    "Closure",
    "Collision",
    "Doctrine",
    "Document",
    "Item",
    "Origin",
    "Source",
    "Where",
    "applies",
    "built_in_sources",
    "closure",
    "field_pointer",
    "is_active",
    "lay",
    "narrowed",
    "over",
    "project_sources",
    "require",
]
