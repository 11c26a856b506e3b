"""The sequences that triggers look at, in SQL: the few attempts before one, and the few after it."""

import sqlite3
from typing import Any, Final, NamedTuple, assert_never

from dome_contracts.schema.knowledge.anomaly_triggers import (
    AnomalyTriggers,
    RepeatedIdenticalFailure,
    RetryStorm,
    Trigger,
    UnseenGuardDenial,
)
from dome_spec.binding.triggers import fires, named, sequence_of, span
from dome_spec.binding.values import Attempt

_STORM: Final = "FROM attempt WHERE run_id = ? AND task_id = ?"
_DENIAL: Final = "FROM attempt WHERE policy = ? AND policy <> 'NONE'"
_ROW: Final = (
    "FROM attempt WHERE scope = ? AND target_kind = ? AND target_id = ? AND action_kind = ? AND addressed = ?"
    " AND fingerprint_hash = ? AND status IN ('SUCCEEDED', 'FAILED')"
)
_BEFORE: Final = (
    "SELECT end_us, status, failure",
    "AND (end_us, job_id, act) < (?, ?, ?) ORDER BY end_us DESC, job_id DESC, act DESC LIMIT ?",
)
_AFTER: Final = ("SELECT act", "AND (end_us, job_id, act) > (?, ?, ?) ORDER BY end_us, job_id, act LIMIT ?")
_QUERIES: Final = {
    which: {kind: " ".join((ends[0], middle, ends[1])) for kind, middle in sequences}
    for which, ends in (("before", _BEFORE), ("after", _AFTER))
    for sequences in [(("storm", _STORM), ("denial", _DENIAL), ("row", _ROW))]
}


class Glimpse(NamedTuple):
    """What a trigger looks at of an attempt."""

    end_us: int
    status: str
    failure: str


def after(connection: sqlite3.Connection, triggers: AnomalyTriggers | None, attempt: Attempt) -> set[bytes]:
    """The attempts whose judgement an attempt may change, by coming or by leaving its place."""
    found: set[bytes] = set()
    for trigger in triggers.triggers if triggers else ():
        found |= {act for (act,) in _ask(connection, "after", trigger, attempt)}
    return found


def names(connection: sqlite3.Connection, triggers: AnomalyTriggers | None, attempt: Attempt) -> tuple[str, ...]:
    """The triggers that name an attempt, in the order in which they are asked."""
    found = []
    for trigger in triggers.triggers if triggers else ():
        if sequence_of(attempt, trigger) is None:
            continue
        before = [Glimpse(*row) for row in _ask(connection, "before", trigger, attempt)][::-1]
        if triggers is not None and fires(trigger, attempt, before):
            found.append(named(triggers, trigger))
    return tuple(found)


def _ask(connection: sqlite3.Connection, which: str, trigger: Trigger, attempt: Attempt) -> list[tuple[Any, ...]]:
    watched = sequence_of(attempt, trigger)
    if watched is None:
        return []
    parts = (*watched.parts, *attempt.order, span(trigger))
    return connection.execute(_QUERIES[which][_kind(trigger)], parts).fetchall()


def _kind(trigger: Trigger) -> str:
    match trigger:
        case RetryStorm():
            return "storm"
        case UnseenGuardDenial():
            return "denial"
        case RepeatedIdenticalFailure():
            return "row"
        case _:
            assert_never(trigger)
