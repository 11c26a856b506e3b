"""The first half of an append: facts into their tables, and which attempts the new ones touch.

An attempt is touched when something is said of it, when the mode of its run changes, and when a trigger may now judge
it in another way. What follows for it is derived in the other half (`sqlite_derive`).
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.knowledge.anomaly_triggers import AnomalyTriggers
from dome_contracts.schema.knowledge.fact import Fact, TaskFact
from dome_spec.binding.facts import moment_us, row_of
from dome_spec.binding.fingerprint import normalised
from dome_spec.binding.store import sqlite_rows as rows
from dome_spec.binding.store.port import Appended
from dome_spec.binding.store.snapshot import fact_bytes, sum_of
from dome_spec.binding.store.sqlite_sequences import after
from dome_spec.binding.values import Attempt, GateVerdict, GuardRefusal, Member, Row, Run, Wrapping

CHUNK: Final = 1_000
"""How many facts are looked up at a time."""

_KNOWN: Final = "SELECT fact_id, document FROM fact WHERE fact_id IN (SELECT value FROM json_each(?))"
_INSERT_FACT: Final = "INSERT INTO fact (fact_id, kind, occur_us, document) VALUES (?, ?, ?, ?)"
_INSERT_RUN: Final = """
INSERT INTO run VALUES (?, ?, ?, ?)
ON CONFLICT (run_id) DO UPDATE SET occur_us = excluded.occur_us, fact_id = excluded.fact_id, mode = excluded.mode
WHERE (excluded.occur_us, excluded.fact_id) < (run.occur_us, run.fact_id)
"""
_OF_RUN: Final = "SELECT act FROM attempt WHERE run_id = ?"
_OF_GROUP: Final = "SELECT act FROM attempt WHERE group_id = ?"
_ASKED: Final = 500
_ATTEMPTS: Final = "".join(("SELECT * FROM attempt WHERE act IN (", ", ".join("?" * _ASKED), ")"))
_INSERT_MEMBER: Final = "INSERT OR IGNORE INTO member VALUES (?, ?, ?, ?)"
_INSERT_FINGERPRINT: Final = "INSERT OR IGNORE INTO fingerprint VALUES (?, ?)"


@dataclass(slots=True)
class Appending:
    """An append that is under way."""

    connection: sqlite3.Connection
    triggers: AnomalyTriggers | None
    new: int = 0
    known: int = 0
    differing: set[str] = field(default_factory=set)
    fact_sum: int = 0
    before_us: int = 0
    """The latest end of an attempt that was kept before this append."""
    latest_us: int = 0
    """The latest end of any attempt."""
    touched: set[bytes] = field(default_factory=set)
    ended: set[bytes] = field(default_factory=set)
    """Those of them that came themselves: what follows from an attempt alone stands for the others."""

    def take(self, facts: Iterable[Fact]) -> Appended:
        """Keep the facts that are not known, and note what they touch."""
        pending = iter(facts)
        while chunk := list(islice(pending, CHUNK)):
            self._keep(chunk)
        return Appended(self.new, self.known, tuple(sorted(self.differing)))

    def _keep(self, chunk: list[Fact]) -> None:
        names = canonical_bytes([fact.fact_id for fact in chunk]).decode()
        documents: dict[str, bytes] = dict(self.connection.execute(_KNOWN, (names,)))
        fresh: list[Fact] = []
        for fact in chunk:
            document = fact_bytes(fact)
            kept = documents.setdefault(fact.fact_id, document)
            if kept is document:
                fresh.append(fact)
                continue
            self.known += 1
            if kept != document:
                self.differing.add(fact.fact_id)
        self.new += len(fresh)
        self.fact_sum = sum_of((documents[fact.fact_id] for fact in fresh), self.fact_sum)
        self.connection.executemany(
            _INSERT_FACT,
            ((fact.fact_id, fact.body.kind, moment_us(fact.occur_time), documents[fact.fact_id]) for fact in fresh),
        )
        self.keep_columns(fresh)

    def keep_columns(self, facts: Sequence[Fact]) -> None:
        """Keep what facts say in columns, and note what they touch."""
        said = [row_of(fact) for fact in facts]
        self._fingerprints(zip(facts, said, strict=True))
        self._columns([row for row in said if row is not None])

    def _fingerprints(self, facts: Iterable[tuple[Fact, Row | None]]) -> None:
        """Keep the circumstances themselves, once under each digest."""
        seen = {
            row.fingerprint_hash: fact.body.fingerprint
            for fact, row in facts
            if isinstance(row, Attempt) and isinstance(fact.body, TaskFact)
        }
        self.connection.executemany(
            _INSERT_FINGERPRINT, ((name, canonical_bytes(normalised(each).to_value())) for name, each in seen.items())
        )

    def _columns(self, said: Sequence[Row]) -> None:
        insert = self.connection.executemany
        # In the order of the tables, so that neighbours are written together.
        attempts = sorted((row for row in said if isinstance(row, Attempt)), key=lambda each: each.act)
        wrappings = sorted((row for row in said if isinstance(row, Wrapping)), key=lambda each: each.act)
        verdicts = [row for row in said if isinstance(row, GateVerdict)]
        refusals = [row for row in said if isinstance(row, GuardRefusal)]
        insert(rows.INSERT_WRAPPING, map(rows.of_wrapping, wrappings))
        insert(rows.INSERT_VERDICT, map(rows.of_verdict, verdicts))
        insert(rows.INSERT_REFUSAL, map(rows.of_refusal, refusals))
        for several in (attempts, wrappings, verdicts, refusals):
            self.touched.update(row.act for row in several)
        self.ended.update(row.act for row in attempts)
        self._attempts(attempts)
        for row in said:
            match row:
                case Run():
                    self._run(row)
                case Member():
                    proof = row.proof
                    found = (row.group_id, proof.digest, proof.location, proof.media_type)
                    self.connection.execute(_INSERT_MEMBER, found)
                    self._touch(_OF_GROUP, row.group_id)
                case _:
                    pass

    def _attempts(self, attempts: Sequence[Attempt]) -> None:
        for start in range(0, len(attempts), _ASKED):
            acts = [each.act for each in attempts[start : start + _ASKED]]
            for kept in self.connection.execute(_ATTEMPTS, [*acts, *[None] * (_ASKED - len(acts))]).fetchall():
                self.touched |= after(self.connection, self.triggers, rows.attempt(kept))
        self.connection.executemany(rows.INSERT_ATTEMPT, map(rows.of_attempt, attempts))
        for each in attempts:
            # Those of this append are touched anyway; of earlier ones none comes after the latest.
            if each.end_us <= self.before_us:
                self.touched |= after(self.connection, self.triggers, each)
        self.latest_us = max((self.latest_us, *(each.end_us for each in attempts)))

    def _run(self, run: Run) -> None:
        self.connection.execute(_INSERT_RUN, (run.run_id, run.occur_us, run.fact_id, run.mode))
        self._touch(_OF_RUN, run.run_id)

    def _touch(self, query: str, part: str) -> None:
        self.touched.update(act for (act,) in self.connection.execute(query, (part,)))
