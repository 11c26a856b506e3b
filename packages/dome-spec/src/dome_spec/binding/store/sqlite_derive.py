"""The second half of an append: what follows for the attempts that were touched, and for what they add up to.

Of each touched attempt, all lines are taken away and derived anew; the line of its failure, which follows from it
alone, only where it came itself. Then each capsule and each line of the rollup that one of them belongs to, or belonged
to, is counted again from its source rows; a tally that everything comes after is continued by what came, in the
transaction in which it came. Nothing that came twice is ever counted twice.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any, Final, TypeVar

from dome_spec.binding.bind import derive
from dome_spec.binding.capsules import Tally, continued
from dome_spec.binding.contributions import Contribution, Matter
from dome_spec.binding.policy import Rules
from dome_spec.binding.store import sqlite_rows as rows
from dome_spec.binding.store.sqlite_sequences import names
from dome_spec.binding.values import Order, Proof, TaskColumns

CHUNK: Final = 5_000
"""How many attempts are held in memory at a time."""
Value = TypeVar("Value")

_ALL: Final = """
SELECT act FROM attempt UNION SELECT act FROM wrapping UNION SELECT act FROM verdict UNION SELECT act FROM refusal
"""
_TOUCHED: Final = "CREATE TEMP TABLE IF NOT EXISTS touched (act BLOB PRIMARY KEY, ended INTEGER) WITHOUT ROWID"
_OLD_CAPSULES: Final = """
SELECT DISTINCT capsule_id FROM touched CROSS JOIN contribution USING (act) WHERE binder_version = ?
"""
_OLD_LINES: Final = """
SELECT DISTINCT failure_reason_code, gate_id, scope, target_kind, target_id, action_kind, addressed_failure_reason_code
FROM touched CROSS JOIN gate_entry USING (act)
"""
_FORGET: Final = (
    "DELETE FROM gate_entry WHERE act IN (SELECT act FROM touched)",
    "DELETE FROM mv_recent_failures_by_taskspec WHERE act IN (SELECT act FROM touched WHERE ended)",
    "DELETE FROM mv_guard_denials_by_policy_reason_code WHERE act IN (SELECT act FROM touched)",
)
_FORGET_CONTRIBUTIONS: Final = "DELETE FROM contribution WHERE binder_version = ? AND act IN (SELECT act FROM touched)"
_PLACE: Final = "SELECT end_us, job_id, act FROM contribution WHERE capsule_id = ? AND result = 0"
_BEFORE: Final = "AND (end_us, job_id, act) < (?, ?, ?)"
_FIRST: Final = "ORDER BY end_us, job_id, act LIMIT 1"
_LAST: Final = "ORDER BY end_us DESC, job_id DESC, act DESC LIMIT 1"
_COUNTS: Final = """
SELECT
    count(*), sum(result = 0),
    sum(result = 1 AND (end_us, job_id, act) > (:first_us, :first_job, :first_act)),
    sum(result = 1 AND (end_us, job_id, act) > (:last_us, :last_job, :last_act)),
    sum(result = 2 AND (:last_us IS NULL OR (end_us, job_id, act) > (:last_us, :last_job, :last_act))),
    max(begins), min(end_us), max(end_us)
FROM contribution
WHERE capsule_id = :capsule_id
    AND (:before_us IS NULL OR (end_us, job_id, act) < (:before_us, :before_job, :before_act))
"""
_CAPSULE: Final = "SELECT * FROM capsule WHERE binder_version = ? AND capsule_id = ?"
_KEY: Final = """
SELECT binder_version, scope, target_kind, target_id, action_kind, failure_reason_code, fingerprint_hash
FROM contribution CROSS JOIN attempt USING (act) WHERE capsule_id = ? LIMIT 1
"""
_LINE: Final = """
SELECT sum(verdict = 'APPROVE'), sum(verdict = 'REJECT'), sum(verdict = 'NEEDS_HUMAN'), max(occur_us)
FROM gate_entry
WHERE failure_reason_code = ? AND gate_id = ? AND scope = ? AND target_kind = ? AND target_id = ? AND action_kind = ?
    AND addressed_failure_reason_code = ?
"""
_FORGET_LINE: Final = """
DELETE FROM mv_gate_rollup_by_failure_reason_code
WHERE failure_reason_code = ? AND gate_id = ? AND scope = ? AND target_kind = ? AND target_id = ? AND action_kind = ?
    AND addressed_failure_reason_code = ?
"""
_INSERT_LINE: Final = "INSERT INTO mv_gate_rollup_by_failure_reason_code VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Deriving:
    """A derivation that is under way, within a transaction."""

    def __init__(self, connection: sqlite3.Connection, rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self._capsules: set[str] = set()
        """Capsules to count again."""
        self._added: dict[str, list[Contribution]] = {}
        """What came to capsules that nothing was taken from."""
        self._lines: set[tuple[str, ...]] = set()

    def derive(self, touched: AbstractSet[bytes], ended: AbstractSet[bytes]) -> None:
        """Derive anew what follows for these attempts; `ended` are those of them that came themselves."""
        self._connection.execute(_TOUCHED)
        pending = iter(sorted(touched))
        is_small = len(touched) <= CHUNK
        while chunk := list(islice(pending, CHUNK)):
            self._connection.execute("DELETE FROM touched")
            rows_of = ((act, act in ended) for act in chunk)
            self._connection.executemany("INSERT INTO touched VALUES (?, ?)", rows_of)
            for each in self._chunk(chunk, ended):
                if is_small and each.capsule_id not in self._capsules:
                    self._added.setdefault(each.capsule_id, []).append(each)
                else:
                    self._capsules.add(each.capsule_id)
        for capsule_id in sorted(self._added):
            if not self._continue_capsule(capsule_id, self._added[capsule_id]):
                self._capsules.add(capsule_id)
        for capsule_id in sorted(self._capsules):
            self._count_capsule(capsule_id)
        for line in sorted(self._lines):
            self._count_line(line)

    def derive_all(self) -> None:
        """Take everything away that this version of the binder derived, and derive it from what facts say."""
        self._connection.execute("DELETE FROM contribution WHERE binder_version = ?", (self._rules.binder_version,))
        self._connection.execute("DELETE FROM capsule WHERE binder_version = ?", (self._rules.binder_version,))
        for table in ("gate_entry", *_VIEWS):
            self._connection.execute(_EMPTY[table])
        every = {act for (act,) in self._connection.execute(_ALL)}
        self.derive(every, every)

    def _chunk(self, acts: Sequence[bytes], ended: AbstractSet[bytes]) -> Sequence[Contribution]:
        ask, insert = self._connection.execute, self._connection.executemany
        version = (self._rules.binder_version,)
        self._capsules.update(capsule for (capsule,) in ask(_OLD_CAPSULES, version))
        self._lines.update(tuple(line) for line in ask(_OLD_LINES))
        ask(_FORGET_CONTRIBUTIONS, version)
        for statement in _FORGET:
            ask(statement)
        derived = [(matter.act, derive(matter, self._rules)) for matter in self._matters(acts)]
        ledger = [each.contribution for _, each in derived if each.contribution is not None]
        entries = [(act, entry) for act, each in derived for entry in each.entries]
        insert(rows.INSERT_CONTRIBUTION, map(rows.of_contribution, ledger))
        failures = (each.failure for act, each in derived if act in ended)
        insert(rows.INSERT_FAILURE, (rows.of_failure(each) for each in failures if each is not None))
        insert(rows.INSERT_ENTRY, (rows.of_entry(act, entry) for act, entry in entries))
        insert(rows.INSERT_DENIAL, (rows.of_denial(denial) for _, each in derived for denial in each.denials))
        self._lines.update(tuple(rows.line_of(entry)) for _, entry in entries)
        return ledger

    def _matters(self, acts: Sequence[bytes]) -> Iterator[Matter]:
        attempts = {each.act: each for each in map(rows.attempt, self._connection.execute(_OF_TOUCHED["attempt"]))}
        wrappings = self._by_act("wrapping", rows.wrapping)
        verdicts = self._by_act("verdict", rows.verdict)
        refusals = self._by_act("refusal", rows.refusal)
        members: dict[bytes, list[Proof]] = {}
        for act, *proof in self._connection.execute(_OF_TOUCHED["member"]):
            members.setdefault(act, []).append(Proof(*proof))
        modes: dict[bytes, str] = dict(self._connection.execute(_OF_TOUCHED["run"]))
        for act in acts:
            attempt, said = attempts.get(act), tuple(wrappings.get(act, ()))
            # A wrapper that somebody chose lets an attempt in, whatever triggers say.
            is_chosen = any(not each.is_triggered for each in said)
            yield Matter(
                act=act,
                attempt=attempt,
                wrappings=said,
                members=tuple(members.get(act, ())),
                verdicts=tuple(verdicts.get(act, ())),
                refusals=tuple(refusals.get(act, ())),
                stated_mode=modes.get(act),
                named=() if attempt is None or is_chosen else names(self._connection, self._rules.triggers, attempt),
            )

    def _by_act(self, table: str, value: Callable[[Sequence[Any]], Value]) -> dict[bytes, list[Value]]:
        found: dict[bytes, list[Value]] = {}
        for row in self._connection.execute(_OF_TOUCHED[table]):
            found.setdefault(row[0], []).append(value(row))
        return found

    def _continue_capsule(self, capsule_id: str, added: list[Contribution]) -> bool:
        """Whether a capsule was told by what it was before, and by what was added, all of which comes after that."""
        row = self._connection.execute(_CAPSULE, (self._rules.binder_version, capsule_id)).fetchone()
        added.sort(key=lambda each: each.order)
        known = None if row is None else rows.tally(row)
        if known is None or added[0].end_us <= known.last_seen_us:
            return False
        for each in added:
            known = continued(known, each)
        self._connection.execute(rows.INSERT_CAPSULE, rows.of_tally(known))
        return True

    def _count_capsule(self, capsule_id: str) -> None:
        counted = count(self._connection, capsule_id)
        if counted is None:
            self._connection.execute(
                "DELETE FROM capsule WHERE binder_version = ? AND capsule_id = ?",
                (self._rules.binder_version, capsule_id),
            )
        else:
            self._connection.execute(rows.INSERT_CAPSULE, rows.of_tally(counted))

    def _count_line(self, line: tuple[str, ...]) -> None:
        *counts, latest = self._connection.execute(_LINE, line).fetchone()
        self._connection.execute(_FORGET_LINE, line)
        if latest is not None:
            self._connection.execute(_INSERT_LINE, (*line, *counts, latest))


def count(connection: sqlite3.Connection, capsule_id: str, before: Order | None = None) -> Tally | None:
    """What the contributions to a capsule add up to, or those before a place; None where none of them may begin it."""
    first, last = (_support(connection, capsule_id, before, end) for end in (_FIRST, _LAST))
    nobody = (None, None, None)
    parts: dict[str, Any] = {"capsule_id": capsule_id}
    for name, found in (("first", first), ("last", last), ("before", before)):
        parts |= zip((f"{name}_us", f"{name}_job", f"{name}_act"), found or nobody, strict=True)
    total, supports, contradictions, since, refusals, begins, first_us, last_us = connection.execute(
        _COUNTS, parts
    ).fetchone()
    if not begins:
        return None
    binder_version, *key, fingerprint_hash = connection.execute(_KEY, (capsule_id,)).fetchone()
    return Tally(
        binder_version=binder_version,
        capsule_id=capsule_id,
        task=TaskColumns(*key),
        fingerprint_hash=fingerprint_hash,
        support_count=supports,
        contradiction_count=contradictions or 0,
        sighting_count=total - supports - (contradictions or 0),
        contradictions_since=since or 0,
        refusals_since=refusals,
        first_seen_us=first_us,
        last_seen_us=last_us,
        first_support=first,
        last_support=last,
    )


def _support(connection: sqlite3.Connection, capsule_id: str, before: Order | None, end: str) -> Order | None:
    query = _PLACES[before is not None, end]
    row = connection.execute(query, (capsule_id, *(before or ()))).fetchone()
    return None if row is None else (row[0], row[1], row[2])


_PLACES: Final = {
    (is_bounded, end): " ".join((_PLACE, _BEFORE, end) if is_bounded else (_PLACE, end))
    for is_bounded in (False, True)
    for end in (_FIRST, _LAST)
}
_VIEWS: Final = (
    "mv_recent_failures_by_taskspec",
    "mv_gate_rollup_by_failure_reason_code",
    "mv_guard_denials_by_policy_reason_code",
)
_EMPTY: Final = {table: " ".join(("DELETE FROM", table)) for table in ("gate_entry", *_VIEWS)}
_OF_TOUCHED: Final = {
    "attempt": "SELECT attempt.* FROM touched CROSS JOIN attempt USING (act)",
    "wrapping": "SELECT wrapping.* FROM touched CROSS JOIN wrapping USING (act) ORDER BY act, fact_id",
    "verdict": "SELECT verdict.* FROM touched CROSS JOIN verdict USING (act) ORDER BY act, fact_id",
    "refusal": "SELECT refusal.* FROM touched CROSS JOIN refusal USING (act) ORDER BY act, fact_id",
    "member": """
        SELECT attempt.act, member.digest, member.location, member.media_type
        FROM touched CROSS JOIN attempt USING (act) CROSS JOIN member USING (group_id)
        ORDER BY attempt.act, member.digest, member.location, member.media_type
    """,
    "run": "SELECT attempt.act, run.mode FROM touched CROSS JOIN attempt USING (act) CROSS JOIN run USING (run_id)",
}
