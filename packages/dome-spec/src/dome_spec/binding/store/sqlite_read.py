"""What is read of a memory in SQLite: the views by their filters, capsules with what belongs to them, all that is kept.

Each view has an index for each filter that can be selective; the others are looked at row by row, in the view's order,
until there are enough.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_spec.binding.bind import Bound
from dome_spec.binding.capsules import LATEST_MAX, Learnt, Remedy, Tally
from dome_spec.binding.contributions import Contribution, Matter, proofs
from dome_spec.binding.store import sqlite_rows as rows
from dome_spec.binding.store.port import Latest
from dome_spec.binding.store.sqlite_standing import standing
from dome_spec.binding.values import Order, Proof
from dome_spec.binding.views import (
    CapsuleFilter,
    DenialFilter,
    DenialRow,
    FailureFilter,
    FailureRow,
    GateFilter,
    GateRow,
    latest_first,
)

_TASK: Final = (
    "AND (:scope IS NULL OR scope = :scope) AND (:target_kind IS NULL OR target_kind = :target_kind)"
    " AND (:target_id IS NULL OR target_id = :target_id) AND (:action_kind IS NULL OR action_kind = :action_kind)"
)
_FAILURE: Final = "AND (:failure_reason_code IS NULL OR failure_reason_code = :failure_reason_code)"
_POLICY: Final = "AND (:policy_reason_code IS NULL OR policy_reason_code = :policy_reason_code)"
_RUN: Final = "AND (:run_id IS NULL OR run_id = :run_id)"
_GATE: Final = "AND (:gate_id IS NULL OR gate_id = :gate_id)"
_FINGERPRINT: Final = "AND (:fingerprint_hash IS NULL OR fingerprint_hash = :fingerprint_hash)"
_LATEST: Final = "ORDER BY last_seen_ts DESC, act LIMIT :limit"
_LINES: Final = (
    "ORDER BY failure_reason_code, gate_id, scope, target_kind, target_id, action_kind, addressed_failure_reason_code"
    " LIMIT :limit"
)
_LATEST_REASON: Final = "ORDER BY last_seen_ts DESC, act, policy_reason_code LIMIT :limit"
_LATEST_CAPSULE: Final = "ORDER BY last_seen_us DESC, capsule_id LIMIT :limit"

Ways = Sequence[tuple[str, str]]
"""The part of a filter that an index serves, the most selective first, and the query; the last one always serves."""


def _ways(table: str, indexes: Sequence[tuple[str, str]], *rest: str, base: str = "1 = 1") -> Ways:
    found = []
    for part, index in indexes:
        by = (part, "=", "".join((":", part)), "AND", base) if part else (base,)
        using = ("INDEXED BY", index) if index else ()
        found.append((part, " ".join(("SELECT * FROM", table, *using, "WHERE", *by, *rest))))
    return tuple(found)


_FAILURES: Final = _ways(
    "mv_recent_failures_by_taskspec",
    (
        ("run_id", "failure_of_run"),
        ("target_id", "failure_of_target"),
        ("failure_reason_code", "failure_of_reason"),
        ("action_kind", "failure_of_action"),
        ("", "failure_latest"),
    ),
    _TASK, _FAILURE, _RUN, _LATEST,
)  # fmt: skip
_GATES: Final = _ways(
    "mv_gate_rollup_by_failure_reason_code",
    (("target_id", "gate_rollup_of_target"), ("failure_reason_code", ""), ("gate_id", "gate_rollup_of_gate"), ("", "")),
    _TASK, _FAILURE, _GATE, _LINES,
)  # fmt: skip
_DENIALS: Final = _ways(
    "mv_guard_denials_by_policy_reason_code",
    (
        ("run_id", "denial_of_run"),
        ("target_id", "denial_of_target"),
        ("policy_reason_code", "denial_of_policy"),
        ("", "denial_latest"),
    ),
    _TASK, _POLICY, _RUN, _LATEST_REASON,
)  # fmt: skip
_CAPSULES: Final = _ways(
    "capsule",
    (("target_id", "capsule_of_target"), ("failure_reason_code", "capsule_of_failure"), ("", "capsule_latest")),
    _TASK, _FAILURE, _FINGERPRINT, _LATEST_CAPSULE,
    base="binder_version = :binder_version",
)  # fmt: skip
_BEFORE: Final = "AND (contribution.end_us, contribution.job_id, contribution.act) < (:end_us, :job_id, :act)"
_LEDGER: Final = {
    (is_one, is_bounded): " ".join(
        (
            rows.LEDGER,
            "WHERE",
            "capsule_id = :capsule_id" if is_one else "binder_version = :binder_version",
            _BEFORE if is_bounded else "",
            "ORDER BY contribution.end_us DESC, contribution.job_id DESC, contribution.act DESC LIMIT :limit",
        )
    )
    for is_one in (False, True)
    for is_bounded in (False, True)
}


class Reading:
    """Questions within one snapshot."""

    def __init__(self, connection: sqlite3.Connection, binder_version: str) -> None:
        self._connection = connection
        self._binder_version = binder_version
        self._fingerprints: dict[str, FingerprintInput] = {}

    def failures(self, chosen: FailureFilter, limit: int) -> tuple[FailureRow, ...]:
        return tuple(map(rows.failure, self._ask(_FAILURES, asdict(chosen), limit)))

    def gates(self, chosen: GateFilter, limit: int) -> tuple[GateRow, ...]:
        return tuple(map(rows.gate, self._ask(_GATES, asdict(chosen), limit)))

    def denials(self, chosen: DenialFilter, limit: int) -> tuple[DenialRow, ...]:
        return tuple(map(rows.denial, self._ask(_DENIALS, asdict(chosen), limit)))

    def capsules(self, chosen: CapsuleFilter, limit: int) -> tuple[Learnt, ...]:
        parts = {**asdict(chosen), "binder_version": self._binder_version}
        return tuple(self.learnt(rows.tally(row)) for row in self._ask(_CAPSULES, parts, limit))

    def tally(self, capsule_id: str) -> Tally | None:
        query = "SELECT * FROM capsule WHERE binder_version = ? AND capsule_id = ?"
        row = self._connection.execute(query, (self._binder_version, capsule_id)).fetchone()
        return None if row is None else rows.tally(row)

    def learnt(self, counted: Tally, before: Order | None = None) -> Learnt:
        latest = self.contributions(counted.capsule_id, before, LATEST_MAX)[::-1]
        remedy = None if counted.last_support is None else self._remedy(counted.last_support[2])
        return Learnt(counted, self._fingerprint(counted.fingerprint_hash), remedy, latest)

    def contributions(self, capsule_id: str | None, before: Order | None, limit: int) -> tuple[Contribution, ...]:
        end_us, job_id, act = before or (None, None, None)
        parts = {
            "capsule_id": capsule_id, "binder_version": self._binder_version, "limit": limit,
            "end_us": end_us, "job_id": job_id, "act": act,
        }  # fmt: skip
        query = _LEDGER[capsule_id is not None, before is not None]
        return tuple(map(rows.contribution, self._connection.execute(query, parts)))

    def latest(self, count: int) -> Latest:
        ledger = self.contributions(None, None, count)[::-1]
        of_capsule: dict[str, list[Contribution]] = {}
        for each in ledger:
            of_capsule.setdefault(each.capsule_id, []).append(each)
        found = {}
        for capsule_id, tail in of_capsule.items():
            counted = self.tally(capsule_id)
            before = None if counted is None else standing(self._connection, counted, tail, ledger[0].order)
            if before is not None:
                found[capsule_id] = before
        return Latest(ledger, found)

    def bound(self) -> Bound:
        """All that is kept, in the order in which the binder gives it."""
        version = (self._binder_version,)
        ask = self._connection.execute
        ledger = map(rows.contribution, ask(" ".join((rows.LEDGER, "WHERE binder_version = ?")), version))
        tallies = ask("SELECT * FROM capsule WHERE binder_version = ? ORDER BY capsule_id", version)
        failures = map(rows.failure, ask("SELECT * FROM mv_recent_failures_by_taskspec"))
        denials = map(rows.denial, ask("SELECT * FROM mv_guard_denials_by_policy_reason_code"))
        return Bound(
            contributions=tuple(sorted(ledger, key=lambda each: each.order)),
            tallies=tuple(map(rows.tally, tallies)),
            failures=tuple(sorted(failures, key=latest_first)),
            gates=tuple(sorted(map(rows.gate, ask("SELECT * FROM mv_gate_rollup_by_failure_reason_code")))),
            denials=tuple(sorted(denials, key=latest_first)),
        )

    def _ask(self, ways: Ways, parts: Mapping[str, Any], limit: int) -> sqlite3.Cursor:
        query = next(query for part, query in ways if not part or parts[part] is not None)
        return self._connection.execute(query, {**parts, "limit": limit})

    def _remedy(self, act: bytes) -> Remedy:
        ask = self._connection.execute
        attempt = rows.attempt(ask("SELECT * FROM attempt WHERE act = ?", (act,)).fetchone())
        wrappings = ask("SELECT * FROM wrapping WHERE act = ? ORDER BY fact_id", (act,))
        members = ask("SELECT digest, location, media_type FROM member WHERE group_id = ?", (attempt.group_id,))
        matter = Matter(
            act=act,
            attempt=attempt,
            wrappings=tuple(map(rows.wrapping, wrappings)),
            members=tuple(Proof(*row) for row in members),
        )
        return Remedy(attempt.template_digest, attempt.skill_id, attempt.tool_version, attempt.group_id, proofs(matter))

    def _fingerprint(self, named: str) -> FingerprintInput:
        found = self._fingerprints.get(named)
        if found is None:
            query = "SELECT document FROM fingerprint WHERE fingerprint_hash = ?"
            (document,) = self._connection.execute(query, (named,)).fetchone()
            found = self._fingerprints[named] = FingerprintInput.from_json(document)
        return found
