"""Row `binding`: what it costs to learn from wrappers, many at once and a thousand more."""

import itertools
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.facts import ATTEMPTS_OF_A_KEY, attempts, facts
from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import CannotRun, Part, Row, Setting
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import default_policy, open_memory

ALL: Final = Metric("facts to capsules", "s")
MORE: Final = Metric("1,000 more", "ms")
AGAIN: Final = Metric("the same 1,000 again", "ms")
DOME: Final = Contender(
    "dome", Role.DOME, "facts, ledger, capsules and views in one durable transaction; no order counts"
)
BARE: Final = Contender(
    "bare SQLite", Role.LIMIT, "the same documents in one table, durable; nothing follows from them"
)
ADDED: Final = 1_000


def _ready(documents: Iterable[bytes]) -> list[Fact]:
    return list(facts(iter(documents)))


async def _by_dome(folder: Path, names: Iterator[int], count: int) -> Samples:
    keys = max(1, count // ATTEMPTS_OF_A_KEY)
    given = _ready(attempts(0, count, keys=keys))
    more = _ready(attempts(count, count + ADDED, keys=keys))
    with closing(open_memory(folder / f"{next(names)}.sqlite", default_policy())) as memory:
        samples = {}
        for metric, told, unit in ((ALL, given, 1), (MORE, more, 1_000), (AGAIN, more, 1_000)):
            began = time.perf_counter()
            appended = memory.append(told)
            samples[metric] = [(time.perf_counter() - began) * unit]
            if appended.new + appended.known != len(told):
                raise CannotRun("A fact was lost.", "Mend the store.")
        if len(memory.contributions(limit=200)) != min(count, 200):
            raise CannotRun("The ledger is not full.", "Mend the binder.")
    return samples


async def _by_sqlite(folder: Path, names: Iterator[int], count: int) -> Samples:
    documents = list(attempts(0, count, keys=max(1, count // ATTEMPTS_OF_A_KEY)))
    with closing(sqlite3.connect(folder / f"{next(names)}.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE fact (position INTEGER PRIMARY KEY, document BLOB)")
        began = time.perf_counter()
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO fact (document) VALUES (?)", ((each,) for each in documents))
        connection.execute("COMMIT")
        return {ALL: [time.perf_counter() - began]}


async def _measure(setting: Setting) -> tuple[Part, ...]:
    names = itertools.count()
    parts = []
    for count in (1_000, 10_000, setting.many(100_000, quick=20_000)):
        turns = [
            Turn(DOME, partial(_by_dome, setting.folder, names, count)),
            Turn(BARE, partial(_by_sqlite, setting.folder, names, count)),
        ]
        # Minutes at the largest size; what it takes hardly varies.
        rounds = setting.rounds if count < 100_000 else min(setting.rounds, 3)
        told = (("facts", f"{2 * count:,}"), ("capsules", f"{max(1, count // ATTEMPTS_OF_A_KEY):,}"))
        parts.append(Part(await in_turns(turns, rounds=rounds, warm_rounds=count < 100_000), count, told))
    return tuple(parts)


ROW: Final = Row(
    name="binding",
    work="Append a task fact and a wrapper for each attempt: ledger, capsules, views; then 1,000 attempts more.",
    aim="100,000 wrappers < 10 s; 1,000 more cost 1,000, not 101,000",
    measure=_measure,
    size="wrappers",
)
