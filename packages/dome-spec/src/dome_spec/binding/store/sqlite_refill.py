"""What facts say, taken anew from the facts themselves: the tables that everything else is derived from.

A fact's document is the truth; its columns are a reading of it. So a rebuild reads all documents again, and a
verification compares what is kept with what a memory would keep that had only the documents.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding.store.snapshot import fact_bytes, read_fact, sum_of
from dome_spec.binding.store.sqlite_append import CHUNK, Appending
from dome_spec.kernel.sqlite import StoreDamaged

NEVER_US: Final = -9_223_372_036_854_775_808
"""Earlier than any attempt."""
_PAGE: Final = "SELECT position, document FROM fact WHERE position > ? ORDER BY position LIMIT ?"
_TABLES: Final = ("run", "attempt", "wrapping", "member", "verdict", "refusal", "fingerprint")
_FORGET: Final = {table: " ".join(("DELETE FROM", table)) for table in _TABLES}
_KEPT: Final = {table: " ".join(("SELECT * FROM", table)) for table in _TABLES}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the facts come to as a whole."""

    fact_count: int
    fact_sum: int
    latest_us: int
    """The latest end of an attempt."""


def refill(connection: sqlite3.Connection) -> Snapshot:
    """Take the columns away, and fill them from the documents of all facts."""
    for table in _TABLES:
        connection.execute(_FORGET[table])
    return fill(connection, (read_fact(document) for page in _pages(connection) for document in page))


def readable(connection: sqlite3.Connection) -> tuple[list[Fact], list[str]]:
    """All facts, and those that cannot be read, each in words."""
    facts: list[Fact] = []
    problems: list[str] = []
    for fact_id, document in connection.execute("SELECT fact_id, document FROM fact"):
        try:
            facts.append(read_fact(document))
        except StoreDamaged:
            problems.append(f"fact {fact_id}: its document cannot be read")
    return facts, problems


def fill(connection: sqlite3.Connection, facts: Iterable[Fact]) -> Snapshot:
    """Fill empty columns with what facts say. Nothing is derived of them."""
    filling = Appending(connection, None, before_us=NEVER_US, latest_us=NEVER_US)
    fact_count = fact_sum = 0
    pending = iter(facts)
    while chunk := list(islice(pending, CHUNK)):
        filling.keep_columns(chunk)
        fact_count, fact_sum = fact_count + len(chunk), sum_of(map(fact_bytes, chunk), fact_sum)
    return Snapshot(fact_count, fact_sum, filling.latest_us)


def differing(kept: sqlite3.Connection, filled: sqlite3.Connection) -> Iterator[str]:
    """The tables of columns that do not say what those of another store do, each in words."""
    for table in _TABLES:
        here, there = (set(each.execute(_KEPT[table])) for each in (kept, filled))
        if here != there:
            yield f"{table}: {len(here)} kept, {len(there)} follow from the facts, or they differ"


def _pages(connection: sqlite3.Connection) -> Iterator[Sequence[bytes]]:
    last = 0
    while page := connection.execute(_PAGE, (last, CHUNK)).fetchall():
        last = page[-1][0]
        yield [document for _, document in page]
