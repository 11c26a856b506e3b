"""A memory in one SQLite file: every promise of the port, each write one transaction.

One connection writes and reads. Other processes may have the file open too: a writer waits for another, a reader for
nobody.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from sqlite3 import Connection
from typing import Final

from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding.bind import Bound, bind
from dome_spec.binding.capsules import Learnt
from dome_spec.binding.contributions import Contribution
from dome_spec.binding.policy import BINDER_VERSIONS, Policy, PolicyUnfit, Rules
from dome_spec.binding.store import sqlite_rows as rows
from dome_spec.binding.store.port import LOOKED_AT_MAX, Appended, Checkpoint, Latest, RunSummary, Verification
from dome_spec.binding.store.snapshot import parts_digest, read_fact
from dome_spec.binding.store.sqlite_append import Appending
from dome_spec.binding.store.sqlite_derive import Deriving, count
from dome_spec.binding.store.sqlite_read import Reading
from dome_spec.binding.store.sqlite_refill import differing, fill, readable, refill
from dome_spec.binding.values import Order
from dome_spec.binding.views import (
    ANY_CAPSULE,
    ANY_DENIAL,
    ANY_FAILURE,
    ANY_VERDICT,
    LIMIT_DEFAULT,
    LIMIT_MAX,
    CapsuleFilter,
    DenialFilter,
    DenialRow,
    FailureFilter,
    FailureRow,
    GateFilter,
    GateRow,
    bounded,
)
from dome_spec.kernel.sqlite import StoreUnusable, open_database, open_unwritable, reading, told, writing

APPLICATION_ID: Final = 0x444F4D4D
"""The mark of the file: "DOMM"."""
_MIGRATIONS: Final = ("0001_memory.sql",)
_SET_SNAPSHOT: Final = "UPDATE snapshot SET fact_count = ?, fact_sum = ?, latest_us = ?"
_SET_DERIVATION: Final = "INSERT OR REPLACE INTO derivation SELECT ?, ?, coalesce(max(position), 0) FROM fact"
_CACHE: Final = "PRAGMA cache_size = -262144"
"""Up to 256 MiB, so that a long append seldom waits for pages that it wrote a moment ago."""
_LOG: Final = "PRAGMA journal_size_limit = 67108864"
"""What a long append leaves of the log beside the file: at most 64 MiB."""
_CURRENT: Final = """
SELECT rules, position = (SELECT coalesce(max(position), 0) FROM fact) FROM derivation WHERE binder_version = ?
"""
_CHECKPOINT: Final = """
INSERT INTO checkpoint VALUES (?, ?) ON CONFLICT DO UPDATE SET revision = max(revision, excluded.revision)
"""
_FACTS: Final = "SELECT document FROM fact WHERE fact_id > ? ORDER BY fact_id LIMIT ?"
_COMMON: Final = ("task", "evidence_group")
_FACTS_OF_COMMON_KIND: Final = """
SELECT document FROM fact WHERE kind = ? AND fact_id > ? ORDER BY fact_id LIMIT ?
"""
_FACTS_OF_RARE_KIND: Final = """
SELECT document FROM fact WHERE kind = ? AND kind NOT IN ('task', 'evidence_group') AND fact_id > ?
ORDER BY fact_id LIMIT ?
"""
_CAPSULE_IDS: Final = (
    "SELECT capsule_id FROM capsule WHERE binder_version = ? AND capsule_id >= ? AND capsule_id < ?"
    " ORDER BY capsule_id LIMIT ?"
)
_QUARANTINED: Final = "SELECT document FROM fact WHERE kind = 'quarantine' ORDER BY occur_us DESC, fact_id LIMIT ?"


class SqliteMemory:
    """A memory in a file, or in the process where no path is given. What is open is let go of with `close`."""

    def __init__(self, path: Path | None, policy: Policy) -> None:
        folder = files("dome_spec.binding.store") / "migrations"
        self._migrations = [(folder / name).read_text(encoding="utf-8") for name in _MIGRATIONS]
        self._path = path
        self._policy = policy
        self._connection = _opened(path, self._migrations)
        try:
            with told(path):
                self._connection.execute(_CACHE)
                self._connection.execute(_LOG)
                is_current = self._is_current()
            if not is_current:
                self._derive_anew()
        except BaseException:
            self._connection.close()
            raise

    @property
    def policy(self) -> Policy:
        return self._policy

    def append(self, facts: Iterable[Fact], *, checkpoint: Checkpoint | None = None) -> Appended:
        with told(self._path), writing(self._connection):
            fact_count, fact_sum, latest_us = self._snapshot()
            # Another process may have derived by other rules since this one opened the file.
            is_current = self._is_current()
            appending = Appending(
                self._connection, self._rules.triggers, fact_sum=fact_sum, before_us=latest_us, latest_us=latest_us
            )
            appended = appending.take(facts)
            if checkpoint is not None:
                self._connection.execute(_CHECKPOINT, (checkpoint.store_id, checkpoint.revision))
            if not appended.new and is_current:
                return appended
            deriving = Deriving(self._connection, self._rules)
            if is_current:
                deriving.derive(appending.touched, appending.ended)
            else:
                deriving.derive_all()
            snapshot = (fact_count + appended.new, f"{appending.fact_sum:x}", appending.latest_us)
            self._connection.execute(_SET_SNAPSHOT, snapshot)
            self._connection.execute(_SET_DERIVATION, (self._rules.binder_version, self._rules.digest()))
            return appended

    def checkpoint(self, store_id: str) -> int | None:
        with self._asking():
            query = "SELECT revision FROM checkpoint WHERE store_id = ?"
            row = self._connection.execute(query, (store_id,)).fetchone()
        return None if row is None else int(row[0])

    def knows(self, fact_id: str) -> bool:
        with self._asking():
            row = self._connection.execute("SELECT 1 FROM fact WHERE fact_id = ?", (fact_id,)).fetchone()
        return row is not None

    def facts(self, *, kind: str | None = None, after: str = "", limit: int = LIMIT_DEFAULT) -> tuple[Fact, ...]:
        bounded(limit)
        if kind is None:
            return self._documents(_FACTS, after, limit)
        return self._documents(_FACTS_OF_COMMON_KIND if kind in _COMMON else _FACTS_OF_RARE_KIND, kind, after, limit)

    def fact_counts(self) -> tuple[tuple[str, int], ...]:
        with self._asking():
            counted = self._connection.execute("SELECT kind, count(*) FROM fact GROUP BY kind ORDER BY kind")
            return tuple((str(kind), int(number)) for kind, number in counted)

    def quarantined(self, *, limit: int = LIMIT_DEFAULT) -> tuple[Fact, ...]:
        return self._documents(_QUARANTINED, bounded(limit))

    def run(self, run_id: str) -> RunSummary | None:
        with self._asking():
            ask = self._connection.execute
            stated = ask("SELECT mode FROM run WHERE run_id = ?", (run_id,)).fetchone()
            first = "SELECT * FROM attempt WHERE run_id = ? ORDER BY end_us, job_id, act LIMIT ?"
            attempts = tuple(map(rows.attempt, ask(first, (run_id, LIMIT_MAX))))
            counts = "SELECT status, count(*) FROM attempt WHERE run_id = ? GROUP BY status ORDER BY status"
            counted = tuple((status, number) for status, number in ask(counts, (run_id,)))
        if stated is None and not attempts:
            return None
        return RunSummary(run_id, stated[0] if stated else None, attempts, counted)

    def snapshot_digest(self) -> str:
        with self._asking():
            return parts_digest(*self._snapshot()[:2], self._rules)

    def recent_failures(
        self, chosen: FailureFilter = ANY_FAILURE, *, limit: int = LIMIT_DEFAULT
    ) -> tuple[FailureRow, ...]:
        with self._asking() as asked:
            return asked.failures(chosen, bounded(limit))

    def gate_rollup(self, chosen: GateFilter = ANY_VERDICT, *, limit: int = LIMIT_DEFAULT) -> tuple[GateRow, ...]:
        with self._asking() as asked:
            return asked.gates(chosen, bounded(limit))

    def guard_denials(self, chosen: DenialFilter = ANY_DENIAL, *, limit: int = LIMIT_DEFAULT) -> tuple[DenialRow, ...]:
        with self._asking() as asked:
            return asked.denials(chosen, bounded(limit))

    def capsules(self, chosen: CapsuleFilter = ANY_CAPSULE, *, limit: int = LIMIT_DEFAULT) -> tuple[Learnt, ...]:
        with self._asking() as asked:
            return asked.capsules(chosen, bounded(limit))

    def capsule_ids(self, beginning: str = "", *, limit: int = LIMIT_DEFAULT) -> tuple[str, ...]:
        with self._asking():
            parts = (self._rules.binder_version, beginning, f"{beginning}\U0010ffff", bounded(limit))
            return tuple(str(capsule_id) for (capsule_id,) in self._connection.execute(_CAPSULE_IDS, parts))

    def learnt(self, capsule_id: str, *, before: Order | None = None) -> Learnt | None:
        with self._asking() as asked:
            counted = asked.tally(capsule_id) if before is None else count(self._connection, capsule_id, before)
            return None if counted is None else asked.learnt(counted, before)

    def contributions(
        self, *, capsule_id: str | None = None, before: Order | None = None, limit: int = LIMIT_DEFAULT
    ) -> tuple[Contribution, ...]:
        with self._asking() as asked:
            return asked.contributions(capsule_id, before, bounded(limit))

    def latest(self, count: int = LOOKED_AT_MAX) -> Latest:
        with self._asking() as asked:
            return asked.latest(min(count, LOOKED_AT_MAX))

    def derived(self) -> Bound:
        with self._asking() as asked:
            return asked.bound()

    def verify(self) -> Verification:
        with self._asking() as asked:
            facts, problems = readable(self._connection)
            snapshot, kept = self._snapshot(), asked.bound()
            with closing(open_database(None, self._migrations, application_id=APPLICATION_ID)) as other:
                counted = fill(other, facts)
                problems += differing(self._connection, other)
        if snapshot != (counted.fact_count, counted.fact_sum, counted.latest_us):
            problems.append("snapshot: the facts are not those that were counted")
        follows = bind(facts, self._policy)
        for each in fields(Bound):
            here, there = getattr(kept, each.name), getattr(follows, each.name)
            if here != there:
                problems.append(f"{each.name}: {len(here)} kept, {len(there)} follow from the facts, or they differ")
        return Verification(len(facts), tuple(problems))

    def rebuild(self) -> int:
        with told(self._path), writing(self._connection):
            found = refill(self._connection)
            snapshot = (found.fact_count, f"{found.fact_sum:x}", found.latest_us)
            self._connection.execute(_SET_SNAPSHOT, snapshot)
            Deriving(self._connection, self._rules).derive_all()
            self._connection.execute(_SET_DERIVATION, (self._rules.binder_version, self._rules.digest()))
            return found.fact_count

    def _derive_anew(self) -> None:
        try:
            self.rebuild()
        except StoreUnusable as error:
            raise StoreUnusable(
                f"{self._path} cannot be asked",
                why=f"it was derived by other rules than those of this program or policy, and cannot be derived anew:"
                f" {error.why or error.what}",
                hint="Let a user who can write it give `dome memory rebuild`",
            ) from error

    def close(self) -> None:
        self._connection.close()

    @property
    def _rules(self) -> Rules:
        return self._policy.rules

    @contextmanager
    def _asking(self) -> Iterator[Reading]:
        with told(self._path), reading(self._connection):
            yield Reading(self._connection, self._rules.binder_version)

    def _snapshot(self) -> tuple[int, int, int]:
        query = "SELECT fact_count, fact_sum, latest_us FROM snapshot"
        fact_count, fact_sum, latest_us = self._connection.execute(query).fetchone()
        return int(fact_count), int(fact_sum, 16), int(latest_us)

    def _is_current(self) -> bool:
        """Whether what is derived follows from all facts by the rules of this memory."""
        row: tuple[str, int] | None = self._connection.execute(_CURRENT, (self._rules.binder_version,)).fetchone()
        return row is not None and row[0] == self._rules.digest() and bool(row[1])

    def _documents(self, query: str, *parts: str | int) -> tuple[Fact, ...]:
        with self._asking():
            documents = self._connection.execute(query, parts).fetchall()
        return tuple(read_fact(document) for (document,) in documents)


def _opened(path: Path | None, migrations: Sequence[str]) -> Connection:
    try:
        return open_database(path, migrations, application_id=APPLICATION_ID)
    except StoreUnusable:
        if path is None or not path.is_file() or os.access(path, os.W_OK):
            raise
    # Where nothing can be written, what is kept can still be asked for.
    return open_unwritable(path, migrations, application_id=APPLICATION_ID)


def open_memory(
    path: Path | None, policy: Policy, *, binder_versions: Collection[str] = BINDER_VERSIONS
) -> SqliteMemory:
    """The memory in this file, made if it is not there; without a path, one that lives as long as it is open.

    Where the file was derived by other rules under the same binder version, it is derived anew first. Where nothing can
    be written it can be asked, and nothing else. Raises
    PolicyUnfit for a policy of another binder, and the refusals of `dome_spec.kernel.sqlite`.
    """
    asked = policy.document.binder_version
    if asked not in binder_versions:
        raise PolicyUnfit(
            f"The policy {policy.document.policy_id} cannot be used",
            why=f"it is for the binder {asked}, this program has {', '.join(sorted(binder_versions))}",
            hint="Name one of these in the policy",
        )
    return SqliteMemory(path, policy)
