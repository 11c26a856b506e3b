"""The audit table, in every store: as it was written, newest first, bounded by age and count."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.ids import RefusalId
from dome_contracts.runtime.v1 import Requester
from domed.faults import StoreClosed
from domed.jobs.refusal import Refusal
from domed.store.memory import MemoryStore
from domed.store.port import JobStore, RefusalQuery
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import NOON, CountingIds

IDS = CountingIds()
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory")
        if request.param == "memory"
        else SqliteStore.open(tmp_path / "domed.sqlite", CountingIds())
    )
    yield store
    await store.close()


def a_refusal(**changes: Any) -> Refusal:
    """Each is newer than the one before."""
    made = Refusal(
        refusal_id=IDS.new_refusal_id(),
        occur_time=NOON,
        method="SkillExecute",
        skill_id="repo.search",
        reason=ErrorReason.TOOL_UNTRUSTED,
        request_digest="sha256:" + "0" * 64,
        requester=Requester(uid=1000, pid=7, client="test/1", client_session_id="s", client_call_id="c"),
    )
    return replace(made, **changes)


async def stored(store: JobStore, *changes: dict[str, Any]) -> list[Refusal]:
    made = [a_refusal(**each) for each in changes]
    for refusal in made:
        await store.refuse(refusal)
    return made


async def ids_of(store: JobStore, query: RefusalQuery) -> list[RefusalId]:
    return [refusal.refusal_id for refusal in await store.refusals(query)]


async def test_a_refusal_reads_as_it_was_written(store: JobStore) -> None:
    made = await stored(store, {}, {"skill_id": "", "request_digest": "", "requester": Requester(), "omitted_count": 3})
    assert list(await store.refusals(RefusalQuery())) == [made[1], made[0]]


async def test_text_of_any_kind_is_kept(store: JobStore) -> None:
    [made] = await stored(store, {"skill_id": "ü\0'\"\n\U0010ffff"})
    assert list(await store.refusals(RefusalQuery(skill_id=made.skill_id))) == [made]


async def test_refusals_can_be_restricted_and_paged(store: JobStore) -> None:
    plain, other, later = await stored(store, {}, {"skill_id": "process.run"}, {"occur_time": NOON + HOUR})
    first, second, third = plain.refusal_id, other.refusal_id, later.refusal_id
    for query, expected in (
        (RefusalQuery(), [third, second, first]),
        (RefusalQuery(limit=2), [third, second]),
        (RefusalQuery(before=second), [first]),
        (RefusalQuery(skill_id="process.run"), [second]),
        (RefusalQuery(skill_id="process.run", before=second), []),
        (RefusalQuery(occur_time_min=NOON + HOUR), [third]),
        (RefusalQuery(occur_time_max=NOON + HOUR), [second, first]),
    ):
        assert await ids_of(store, query) == expected, query


async def test_what_was_omitted_is_counted_at_the_refusal_before(store: JobStore) -> None:
    [made] = await stored(store, {})
    await store.omit_refusals(made.refusal_id, count=2)
    await store.omit_refusals(made.refusal_id, count=3)
    await store.omit_refusals(IDS.new_refusal_id(), count=1)
    assert [refusal.omitted_count for refusal in await store.refusals(RefusalQuery())] == [5]


async def test_trimming_goes_by_age_and_count(store: JobStore) -> None:
    made = await stored(store, {"occur_time": NOON - HOUR}, {}, {"occur_time": NOON - HOUR}, {}, {})
    assert await store.trim_refusals(kept_max=9, occur_time_min=NOON) == 2
    assert await store.trim_refusals(kept_max=2, occur_time_min=NOON) == 1
    assert await store.trim_refusals(kept_max=2, occur_time_min=NOON) == 0
    assert await ids_of(store, RefusalQuery()) == [made[4].refusal_id, made[3].refusal_id]


async def test_a_closed_store_takes_no_refusals(store: JobStore) -> None:
    await store.close()
    with pytest.raises(StoreClosed):
        store.refuse(a_refusal())
    with pytest.raises(StoreClosed):
        await store.refusals(RefusalQuery())
