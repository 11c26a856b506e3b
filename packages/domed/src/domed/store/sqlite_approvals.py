"""The table of approvals."""

import asyncio
import os
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any, Final

from dome_contracts.parsing import parse
from dome_contracts.runtime.v1 import Requester
from dome_contracts.wire import encode
from domed.jobs.approval import Approval, Place
from domed.store.rows import from_micros, micros
from domed.store.sqlite_file import SqliteFile

_INSERT: Final = """
INSERT INTO approval (root, tool_id, tool_digest, approve_time, requester)
VALUES (:root, :tool_id, :tool_digest, :approve_time, :requester) ON CONFLICT DO NOTHING"""
_DELETE: Final = "DELETE FROM approval WHERE root = :root AND tool_id = :tool_id AND tool_digest = :tool_digest"
_SELECT: Final = "SELECT root, tool_id, tool_digest, approve_time, requester FROM approval"


class SqliteApprovals(SqliteFile):
    """Fulfils `domed.store.port.ApprovalStore`."""

    def approve(self, approval: Approval) -> asyncio.Future[None]:
        row = _key(approval.place) | {
            "approve_time": micros(approval.approve_time),
            "requester": encode(approval.requester),
        }

        def operation(connection: sqlite3.Connection) -> None:
            connection.execute(_INSERT, row)

        return self._writer.write(operation, size=0, when_full="refuse")

    def revoke(self, places: Collection[Place]) -> asyncio.Future[None]:
        keys = [_key(place) for place in places]

        def operation(connection: sqlite3.Connection) -> None:
            connection.executemany(_DELETE, keys)

        return self._writer.write(operation, size=0)

    async def approvals(self) -> Sequence[Approval]:
        return await self._read(lambda reader: [_approval(row) for row in reader.execute(_SELECT).fetchall()])


def _key(place: Place) -> dict[str, Any]:
    # The path in its bytes: it need not be text.
    return {"root": os.fsencode(place.root), "tool_id": place.tool_id, "tool_digest": place.tool_digest}


def _approval(row: sqlite3.Row) -> Approval:
    return Approval(
        place=Place(os.fsdecode(row["root"]), row["tool_id"], row["tool_digest"]),
        approve_time=from_micros(row["approve_time"]),
        requester=parse(Requester, row["requester"]),
    )
