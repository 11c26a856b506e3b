"""How values stand in the tables: the columns of each, in one order, and the value of a row."""

import json
from collections.abc import Sequence
from typing import Any, Final

from dome_spec.binding.capsules import Tally
from dome_spec.binding.contributions import Contribution
from dome_spec.binding.modes import Result
from dome_spec.binding.values import (
    Attempt,
    GateVerdict,
    GuardRefusal,
    Order,
    Proof,
    TaskColumns,
    Wrapping,
)
from dome_spec.binding.views import DenialRow, FailureRow, GateEntry, GateRow

Row = Sequence[Any]
_RESULTS: Final = {each.value: each for each in Result}
_encoded = json.JSONEncoder(ensure_ascii=False).encode

INSERT_ATTEMPT: Final = """
INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (act) DO UPDATE SET
    run_id = excluded.run_id, task_id = excluded.task_id, group_id = excluded.group_id, number = excluded.number,
    scope = excluded.scope, target_kind = excluded.target_kind, target_id = excluded.target_id,
    action_kind = excluded.action_kind, addressed = excluded.addressed, template_digest = excluded.template_digest,
    status = excluded.status, failure = excluded.failure, policy = excluded.policy,
    fingerprint_hash = excluded.fingerprint_hash, job_id = excluded.job_id, skill_id = excluded.skill_id,
    tool_version = excluded.tool_version, evidence_capsule = excluded.evidence_capsule, end_us = excluded.end_us,
    fact_id = excluded.fact_id
WHERE (excluded.end_us, excluded.job_id, excluded.fact_id) < (attempt.end_us, attempt.job_id, attempt.fact_id)
"""
INSERT_WRAPPING: Final = "INSERT INTO wrapping VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_VERDICT: Final = "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?)"
INSERT_REFUSAL: Final = "INSERT INTO refusal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_CONTRIBUTION: Final = "INSERT INTO contribution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
LEDGER: Final = """
SELECT
    contribution.binder_version, contribution.act, attempt.run_id, attempt.task_id, attempt.group_id,
    contribution.capsule_id, attempt.scope, attempt.target_kind, attempt.target_id, attempt.action_kind,
    contribution.failure_reason_code, attempt.fingerprint_hash, attempt.template_digest, contribution.result,
    contribution.addresses, contribution.begins, contribution.admitted_by, contribution.end_us, contribution.job_id
FROM contribution CROSS JOIN attempt USING (act)
"""
"""Contributions with what their attempts say."""
INSERT_CAPSULE: Final = (
    "INSERT OR REPLACE INTO capsule VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_FAILURE: Final = (
    "INSERT INTO mv_recent_failures_by_taskspec VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_ENTRY: Final = "INSERT INTO gate_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_DENIAL: Final = (
    "INSERT INTO mv_guard_denials_by_policy_reason_code VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def of_attempt(each: Attempt) -> Row:
    """Columns of `attempt`."""
    return (
        each.act, each.run_id, each.task_id, each.group_id, each.number, *of_task(each.task), each.template_digest,
        each.status, each.failure, each.policy, each.fingerprint_hash, each.job_id, each.skill_id, each.tool_version,
        each.evidence_capsule, each.end_us, each.fact_id,
    )  # fmt: skip


def attempt(row: Row) -> Attempt:
    """The value of a row of `attempt`."""
    return Attempt(*_with_task(row, 5))


def of_wrapping(each: Wrapping) -> Row:
    """Columns of `wrapping`."""
    proofs = [[proof.digest, proof.location, proof.media_type] for proof in each.proofs]
    return (
        each.act, each.fact_id, each.run_id, each.task_id, each.group_id, each.signal, each.mode, each.is_triggered,
        *of_task(each.task), each.failure, each.policy, each.wrap_us, _encoded(proofs),
    )  # fmt: skip


def wrapping(row: Row) -> Wrapping:
    """The value of a row of `wrapping`."""
    kept = tuple([Proof(*each) for each in json.loads(row[16])])
    return Wrapping._make((*row[:7], bool(row[7]), TaskColumns(*row[8:13]), *row[13:16], kept))


def of_verdict(each: GateVerdict) -> Row:
    """Columns of `verdict`. A failure's code has no space in it."""
    return each.act, each.fact_id, each.gate_id, each.verdict, " ".join(each.failures), each.occur_us


def verdict(row: Row) -> GateVerdict:
    """The value of a row of `verdict`."""
    act, fact_id, gate_id, given, failures, occur_us = row
    return GateVerdict(fact_id, act, gate_id, given, tuple(failures.split()), occur_us)


def of_refusal(each: GuardRefusal) -> Row:
    """Columns of `refusal`."""
    return (
        each.act, each.fact_id, each.run_id, each.task_id, each.group_id, each.guard_id, each.failure, each.policy,
        each.evaluate_us,
    )  # fmt: skip


def refusal(row: Row) -> GuardRefusal:
    """The value of a row of `refusal`."""
    return GuardRefusal(row[1], row[0], *row[2:])


def of_contribution(each: Contribution) -> Row:
    """Columns of `contribution`."""
    return (
        each.binder_version, each.act, each.capsule_id, each.task.failure_reason_code, each.result.value,
        each.addresses, each.begins, each.admitted_by, each.end_us, each.job_id,
    )  # fmt: skip


def contribution(row: Row) -> Contribution:
    """The value of a row of `LEDGER`."""
    task, result = TaskColumns(*row[6:11]), _RESULTS[row[13]]
    return Contribution._make((*row[:6], task, *row[11:13], result, bool(row[14]), bool(row[15]), *row[16:]))


def of_tally(each: Tally) -> Row:
    """Columns of `capsule`."""
    nobody = (None, None, None)
    return (
        each.binder_version, each.capsule_id, *of_task(each.task), each.fingerprint_hash, each.support_count,
        each.contradiction_count, each.sighting_count, each.contradictions_since, each.refusals_since,
        each.first_seen_us, each.last_seen_us, *(each.first_support or nobody), *(each.last_support or nobody),
    )  # fmt: skip


def tally(row: Row) -> Tally:
    """The value of a row of `capsule`."""
    return Tally(*_with_task((*row[:15], place(row[15:18]), place(row[18:21])), 2))


def of_failure(each: FailureRow) -> Row:
    """Columns of the view of failures."""
    return (
        each.act, *of_task(each.task), each.failure_reason_code, each.policy_reason_code, each.run_id, each.task_id,
        each.group_id, each.attempt, each.job_id, each.skill_id, each.tool_version, each.fingerprint_hash,
        each.template_digest, each.last_seen_us,
    )  # fmt: skip


def failure(row: Row) -> FailureRow:
    """The value of a row of the view of failures."""
    return FailureRow(*_with_task(row, 1))


def of_entry(act: bytes, each: GateEntry) -> Row:
    """Columns of `gate_entry`."""
    return (act, each.fact_id, *line_of(each), each.verdict, each.occur_us)


def line_of(each: GateEntry) -> Row:
    """The line of the rollup that an entry belongs to."""
    return (each.failure_reason_code, each.gate_id, *of_task(each.task))


def gate(row: Row) -> GateRow:
    """The value of a row of the rollup."""
    return GateRow(*_with_task(row, 2))


def of_denial(each: DenialRow) -> Row:
    """Columns of the view of refusals. A guard's name has no space in it."""
    return (
        each.act, each.policy_reason_code, each.failure_reason_code, *of_task(each.task), each.run_id, each.task_id,
        each.group_id, " ".join(each.guard_ids), each.last_seen_us,
    )  # fmt: skip


def denial(row: Row) -> DenialRow:
    """The value of a row of the view of refusals."""
    return DenialRow(*_with_task((*row[:11], tuple(row[11].split()), row[12]), 3))


def of_task(task: TaskColumns) -> Row:
    """The five columns of a TaskSpec key."""
    return task.scope, task.target_kind, task.target_id, task.action_kind, task.failure_reason_code


def place(row: Row) -> Order | None:
    """A place among the contributions, where there is one."""
    end_us, job_id, act = row
    return None if end_us is None else (end_us, job_id, act)


def _with_task(row: Row, at: int) -> list[Any]:
    """The row with the five columns of a TaskSpec key as one value."""
    return [*row[:at], TaskColumns(*row[at : at + 5]), *row[at + 5 :]]
