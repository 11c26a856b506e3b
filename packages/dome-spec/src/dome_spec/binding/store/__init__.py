"""Where facts are kept, and what follows from them: a port, a model of it, and SQLite."""

from dome_spec.binding.store.memory import MemoryModel
from dome_spec.binding.store.port import (
    Appended,
    Checkpoint,
    FactLog,
    Ledger,
    Memory,
    RunSummary,
    Upkeep,
    Verification,
    Views,
)
from dome_spec.binding.store.sqlite import open_memory

__all__ = [
    "Appended",
    "Checkpoint",
    "FactLog",
    "Ledger",
    "Memory",
    "MemoryModel",
    "RunSummary",
    "Upkeep",
    "Verification",
    "Views",
    "open_memory",
]
