"""Approvals in every store: kept once for each place, removed by place, there after a restart."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import Requester
from domed.faults import StoreClosed
from domed.jobs.approval import Approval, Place
from domed.store.memory import MemoryStore
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import NOON, CountingIds

ONE = Approval(Place("/a", "demo.echo", "sha256:1"), NOON, Requester(uid=1000, pid=7, client="test/1"))
OTHERS = [
    replace(ONE, place=Place("/b", "demo.echo", "sha256:1")),
    replace(ONE, place=Place("/a", "demo.other", "sha256:1")),
    replace(ONE, place=Place("/a", "demo.echo", "sha256:2")),
]


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    made: JobStore = (
        MemoryStore("store-memory")
        if request.param == "memory"
        else SqliteStore.open(tmp_path / "domed.sqlite", CountingIds())
    )
    yield made
    await made.close()


async def test_an_approval_reads_as_it_was_written(store: JobStore) -> None:
    await store.approve(ONE)
    assert await store.approvals() == [ONE]


async def test_a_root_whose_name_is_no_text_reads_as_it_was_written(store: JobStore) -> None:
    odd = replace(ONE, place=Place(os.fsdecode(b"/a\xff\\udcff"), "demo.echo", "sha256:1"))
    await store.approve(odd)
    assert await store.approvals() == [odd]


async def test_the_first_approval_of_a_place_stays(store: JobStore) -> None:
    await store.approve(ONE)
    await store.approve(replace(ONE, approve_time=NOON + timedelta(days=1)))
    assert await store.approvals() == [ONE]


async def test_root_id_and_digest_make_a_place(store: JobStore) -> None:
    for approval in (ONE, *OTHERS):
        await store.approve(approval)
    await store.revoke([ONE.place])
    assert {approval.place for approval in await store.approvals()} == {approval.place for approval in OTHERS}
    await store.revoke([ONE.place, *(approval.place for approval in OTHERS)])
    assert await store.approvals() == []


async def test_a_closed_store_takes_no_approval(store: JobStore) -> None:
    await store.close()
    with pytest.raises(StoreClosed):
        await store.approve(ONE)
    with pytest.raises(StoreClosed):
        await store.revoke([ONE.place])


async def test_approvals_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "domed.sqlite"
    store = SqliteStore.open(path, CountingIds())
    await store.approve(ONE)
    await store.close()
    again = SqliteStore.open(path, CountingIds())
    assert await again.approvals() == [ONE]
    await again.close()
