"""Row `binding`: what it costs to learn from wrappers, many at once and a thousand more."""

import gc
import itertools
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.facts import ATTEMPTS_OF_A_KEY, attempts, facts, tasks, wrappers
from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import CannotRun, Part, Row, Setting
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import default_policy, open_memory

ENDED: Final = Metric("ends of attempts", "s")
ALL: Final = Metric("wrappers to capsules", "s")
MORE: Final = Metric("1,000 attempts more", "ms")
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
    more = _ready(attempts(count, count + ADDED, keys=keys))
    told = (
        (ENDED, _ready(tasks(0, count, keys=keys)), 1),
        (ALL, _ready(wrappers(0, count, keys=keys)), 1),
        (MORE, more, 1_000),
        (AGAIN, more, 1_000),
    )
    samples = {}
    # What was made to be told is no garbage, and is not looked through while it is timed.
    gc.collect()
    gc.freeze()
    with closing(open_memory(folder / f"{next(names)}.sqlite", default_policy())) as memory:
        for metric, given, unit in told:
            began = time.perf_counter()
            appended = memory.append(given)
            samples[metric] = [(time.perf_counter() - began) * unit]
            if appended.new + appended.known != len(given):
                raise CannotRun("A fact was lost.", "Mend the store.")
        if len(memory.contributions(limit=200)) != min(count, 200) or len(memory.capsules(limit=200)) != min(keys, 200):
            raise CannotRun("Not everything was learnt.", "Mend the binder.")
    gc.unfreeze()
    return samples


async def _by_sqlite(folder: Path, names: Iterator[int], count: int) -> Samples:
    documents = list(wrappers(0, count, keys=max(1, count // ATTEMPTS_OF_A_KEY)))
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
    work="Append how attempts ended, then their wrappers, to ledger, capsules and views; then 1,000 more of both.",
    aim="100,000 wrappers < 10 s; 1,000 more cost 1,000, not 101,000",
    measure=_measure,
    size="wrappers",
)
