"""Patterns of work, wired: secure map-reduce through the daemon, and memory in layers."""

from dome_spec.patterns.map_reduce import MapReduce, MapReduceRefused, Reduced
from dome_spec.patterns.memory import About, Remembered, grants, recall

__all__ = ["About", "MapReduce", "MapReduceRefused", "Reduced", "Remembered", "grants", "recall"]
