"""Patterns of work, wired: secure map-reduce through the daemon, and memory in layers."""

from dome_spec.patterns.map_reduce import (
    MapOutput,
    MapReduce,
    MapReduceRefused,
    Part,
    Quarantined,
    Reduced,
    Witness,
    task_of,
)
from dome_spec.patterns.memory import About, Remembered, recall

__all__ = [
    "About",
    "MapOutput",
    "MapReduce",
    "MapReduceRefused",
    "Part",
    "Quarantined",
    "Reduced",
    "Remembered",
    "Witness",
    "recall",
    "task_of",
]
