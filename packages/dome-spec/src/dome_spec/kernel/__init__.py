"""What all contexts of the spec plane share. Knows none of them."""

from dome_spec.kernel.runtime import Catalog, Runtime

__all__ = ["Catalog", "Runtime"]
