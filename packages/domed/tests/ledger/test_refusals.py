"""The audit of refusals: a row each, and a flood that is counted instead of stored."""

import asyncio
from typing import Any

import pytest

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.runtime.v1 import Requester
from domed.faults import StoreError
from domed.ledger.refusals import (
    BURST_MAX,
    KEPT_AGE_MAX,
    KEPT_MAX,
    PER_SECOND_MAX,
    TEXT_LENGTH_MAX,
    TRIM_EVERY,
    Refusals,
)
from domed.store.memory import MemoryStore
from domed.store.port import RefusalQuery
from packages.domed.tests.values import NOON, CountingIds, FixedClock

ALL = RefusalQuery(limit=10**6)


class Rig:
    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore("store-memory")
        self.clock = FixedClock()
        self.failures: list[BaseException] = []
        self.refusals = Refusals(self.store, clock=self.clock, ids=CountingIds(), fail=self.failures.append)

    async def refuse(self, **changes: Any) -> None:
        said: dict[str, Any] = {
            "method": "SkillExecute",
            "reason": ErrorReason.TOOL_UNTRUSTED,
            "requester": Requester(uid=1000),
            "skill_id": "repo.search",
            "request_digest": "",
        }
        await self.refusals.record(**(said | changes))


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_a_refusal_is_a_row_when_the_call_returns(rig: Rig) -> None:
    await rig.refuse(skill_id="process.run", reason=ErrorReason.INVALID_REQUEST)
    [row] = await rig.store.refusals(ALL)
    assert (row.skill_id, row.reason, row.occur_time, row.omitted_count) == (
        "process.run", ErrorReason.INVALID_REQUEST, NOON, 0,
    )  # fmt: skip


async def test_texts_of_the_caller_are_cut(rig: Rig) -> None:
    long = "x" * 10**6
    await rig.refuse(skill_id=long, requester=Requester(client=long, client_session_id=long, client_call_id=long))
    [row] = await rig.store.refusals(ALL)
    assert row.skill_id == row.requester.client == row.requester.client_session_id == "x" * TEXT_LENGTH_MAX
    assert row.requester.client_call_id == "x" * TEXT_LENGTH_MAX


async def test_a_flood_has_rows_up_to_a_limit_and_the_rest_is_counted(rig: Rig) -> None:
    for _ in range(BURST_MAX + 1000):
        await rig.refuse()
    rows = await rig.refusals.newest(ALL)
    assert len(rows) == BURST_MAX
    assert [row.omitted_count for row in rows] == [1000] + [0] * (BURST_MAX - 1)


async def test_what_was_counted_stands_between_the_rows_where_it_happened(rig: Rig) -> None:
    for _ in range(BURST_MAX + 3):
        await rig.refuse()
    rig.clock.advance(1)
    for _ in range(int(PER_SECOND_MAX) + 4):
        await rig.refuse()
    rows = await rig.refusals.newest(ALL)
    assert len(rows) == BURST_MAX + PER_SECOND_MAX
    assert (rows[0].omitted_count, rows[int(PER_SECOND_MAX)].omitted_count) == (4, 3)
    assert sum(row.omitted_count for row in rows) == 7


async def test_after_a_pause_each_has_a_row_again(rig: Rig) -> None:
    for _ in range(BURST_MAX + 1):
        await rig.refuse()
    rig.clock.advance(10 * BURST_MAX)
    for _ in range(BURST_MAX):
        await rig.refuse()
    assert len(await rig.refusals.newest(ALL)) == 2 * BURST_MAX


async def test_what_was_counted_is_written_at_the_end(rig: Rig) -> None:
    for _ in range(BURST_MAX + 2):
        await rig.refuse()
    rig.refusals.flush()
    assert (await rig.store.refusals(RefusalQuery(limit=1)))[0].omitted_count == 2
    assert rig.refusals.flush() is None


async def test_the_table_is_bounded_by_count_and_age(rig: Rig) -> None:
    for _ in range(KEPT_MAX + 2 * TRIM_EVERY):
        await rig.refuse()
        rig.clock.advance(1 / PER_SECOND_MAX)
    assert KEPT_MAX <= len(await rig.store.refusals(ALL)) <= KEPT_MAX + TRIM_EVERY
    rig.clock.advance(KEPT_AGE_MAX.total_seconds() + 1)
    for _ in range(TRIM_EVERY):
        await rig.refuse()
    await rig.refusals.trim(rig.clock.now())
    assert len(await rig.store.refusals(ALL)) == TRIM_EVERY


async def test_a_caller_that_leaves_does_not_take_the_row_back(rig: Rig) -> None:
    leaving = asyncio.ensure_future(rig.refuse())
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert len(await rig.store.refusals(ALL)) == 1


async def test_a_store_that_fails_is_told_to_the_caller_and_to_the_daemon() -> None:
    class Breaking(MemoryStore):
        def refuse(self, refusal: Any) -> asyncio.Future[None]:
            failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            failed.set_exception(StoreError("the disk is gone"))
            return failed

    rig = Rig(Breaking("store-memory"))
    with pytest.raises(StoreError):
        await rig.refuse()
    await asyncio.sleep(0)
    assert [str(failure) for failure in rig.failures] == ["the disk is gone"]
