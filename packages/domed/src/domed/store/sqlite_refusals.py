"""The audit table of refused requests."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.ids import RefusalId
from dome_contracts.parsing import parse
from dome_contracts.runtime.v1 import Requester
from dome_contracts.wire import encode
from domed.jobs.refusal import Refusal
from domed.store.port import RefusalQuery
from domed.store.rows import from_micros, micros
from domed.store.sqlite_file import SqliteFile

_INSERT: Final = """
INSERT INTO refusal (refusal_id, occur_time, method, skill_id, reason, request_digest, requester, omitted_count)
VALUES (:refusal_id, :occur_time, :method, :skill_id, :reason, :request_digest, :requester, :omitted_count)"""
_OMIT: Final = "UPDATE refusal SET omitted_count = omitted_count + :count WHERE refusal_id = :refusal_id"
_TRIM: Final = """
DELETE FROM refusal WHERE occur_time < :occur_time_min
OR refusal_id <= (SELECT refusal_id FROM refusal ORDER BY refusal_id DESC LIMIT 1 OFFSET :kept_max)"""
_SELECT: Final = """
SELECT refusal_id, occur_time, method, skill_id, reason, request_digest, requester, omitted_count
FROM refusal WHERE """
_FILTERS: Final = """
    (:occur_time_min IS NULL OR occur_time >= :occur_time_min)
AND (:occur_time_max IS NULL OR occur_time < :occur_time_max)
AND refusal_id < :before
ORDER BY refusal_id DESC LIMIT :limit"""
_AFTER_EVERY_ID: Final = "~"
# Two texts, because SQLite chooses an index by the text.
_REFUSALS: Final = _SELECT + _FILTERS
_REFUSALS_OF_SKILL: Final = _SELECT + "skill_id = :skill_id AND " + _FILTERS


class SqliteRefusals(SqliteFile):
    """Fulfils `domed.store.port.RefusalStore`."""

    def refuse(self, refusal: Refusal) -> asyncio.Future[None]:
        row = _row(refusal)

        def operation(connection: sqlite3.Connection) -> None:
            connection.execute(_INSERT, row)

        return self._writer.write(operation, size=0, when_full="refuse")

    def omit_refusals(self, after: RefusalId, *, count: int) -> asyncio.Future[None]:
        counted = {"refusal_id": after, "count": count}

        def operation(connection: sqlite3.Connection) -> None:
            connection.execute(_OMIT, counted)

        return self._writer.write(operation, size=0)

    def trim_refusals(self, *, kept_max: int, occur_time_min: datetime) -> asyncio.Future[int]:
        kept = {"kept_max": kept_max, "occur_time_min": micros(occur_time_min)}
        return self._writer.write(lambda connection: connection.execute(_TRIM, kept).rowcount, size=0)

    async def refusals(self, query: RefusalQuery) -> Sequence[Refusal]:
        parameters = {
            "skill_id": query.skill_id,
            "occur_time_min": None if query.occur_time_min is None else micros(query.occur_time_min),
            "occur_time_max": None if query.occur_time_max is None else micros(query.occur_time_max),
            "before": query.before or _AFTER_EVERY_ID,
            "limit": query.limit,
        }
        sql = _REFUSALS_OF_SKILL if query.skill_id else _REFUSALS
        return await self._read(lambda reader: [_refusal(row) for row in reader.execute(sql, parameters).fetchall()])


def _row(refusal: Refusal) -> dict[str, Any]:
    return {
        "refusal_id": refusal.refusal_id,
        "occur_time": micros(refusal.occur_time),
        "method": refusal.method,
        "skill_id": refusal.skill_id,
        "reason": int(refusal.reason),
        "request_digest": refusal.request_digest,
        "requester": encode(refusal.requester),
        "omitted_count": refusal.omitted_count,
    }


def _refusal(row: sqlite3.Row) -> Refusal:
    return Refusal(
        refusal_id=RefusalId(row["refusal_id"]),
        occur_time=from_micros(row["occur_time"]),
        method=row["method"],
        skill_id=row["skill_id"],
        reason=ErrorReason(row["reason"]),
        request_digest=row["request_digest"],
        requester=parse(Requester, row["requester"]),
        omitted_count=row["omitted_count"],
    )
