"""Stores of missions: one in memory and one in SQLite. One suite shows that they are the same."""

from dome_spec.missions.store.memory import MemoryStore
from dome_spec.missions.store.sqlite import SqliteStore, open_missions, read_missions

__all__ = ["MemoryStore", "SqliteStore", "open_missions", "read_missions"]
