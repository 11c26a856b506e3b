"""Tools from their folders: found, checked against the contract, and kept current. Starts nothing."""

from domed.catalog.catalog import Catalog, CatalogView
from domed.catalog.roots import BUILT_IN_ROOT
from domed.catalog.tool import Tool

__all__ = ["BUILT_IN_ROOT", "Catalog", "CatalogView", "Tool"]
