"""Layers of memory with authority: which entry counts, and what may permit something."""

from dome_spec.patterns.memory.layers import About, Remembered, recall

__all__ = ["About", "Remembered", "recall"]
