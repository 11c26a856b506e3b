"""Tools from their folders: found, checked against the contract, approved, and kept current. Starts nothing."""

from domed.catalog.catalog import Catalog
from domed.catalog.live import LiveCatalog
from domed.catalog.manifest import printable
from domed.catalog.roots import BUILT_IN_ROOT
from domed.catalog.tool import Tool
from domed.catalog.trust import Trust
from domed.catalog.view import CatalogView

__all__ = ["BUILT_IN_ROOT", "Catalog", "CatalogView", "LiveCatalog", "Tool", "Trust", "printable"]
