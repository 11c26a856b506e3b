"""Locks as text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dome_client.cli.render.words import columns, printable

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Lock

WAITERS_SHOWN_MAX: Final = 3


def text(locks: Sequence["Lock"]) -> str:
    """A line for each lock."""
    if not locks:
        return "No locks."
    rows = [(printable(each.name), each.holder_job_id or "-", _waiters(each)) for each in locks]
    return "\n".join(columns([("LOCK", "HELD BY", "WAITED FOR BY"), *rows]))


def _waiters(lock: "Lock") -> str:
    shown = lock.waiter_job_ids[:WAITERS_SHOWN_MAX]
    more = lock.waiter_count - len(shown)
    return " ".join([*shown, *([f"and {more} more"] if more > 0 else [])]) or "nobody"
