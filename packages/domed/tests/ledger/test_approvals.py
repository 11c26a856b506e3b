"""Approvals: durable before they count, without effect as soon as they are taken back."""

import asyncio
from collections.abc import Collection

import pytest

from dome_contracts.runtime.v1 import Requester
from domed.errors import LimitExceeded
from domed.faults import StoreError
from domed.jobs.approval import Approval, Place
from domed.ledger import approvals
from domed.ledger.approvals import Approvals
from domed.store.memory import MemoryStore
from packages.domed.tests.values import NOON, FixedClock

PLACE = Place("/a", "demo.echo", "sha256:1")
WHO = Requester(uid=1000, client="test/1")


class SlowStore(MemoryStore):
    """Writes when it is let, or fails."""

    def __init__(self) -> None:
        super().__init__("store-memory")
        self.write: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def approve(self, approval: Approval) -> asyncio.Future[None]:
        return self.write

    def revoke(self, places: Collection[Place]) -> asyncio.Future[None]:
        return self.write


def fail(error: BaseException) -> None:
    raise AssertionError(error)


async def test_an_approval_counts_when_it_is_durable() -> None:
    store = SlowStore()
    held = Approvals(store, clock=FixedClock(), fail=fail)
    approving = asyncio.ensure_future(held.approve(PLACE, WHO))
    await asyncio.sleep(0)
    assert held.places == frozenset()
    store.write.set_result(None)
    await approving
    assert held.places == {PLACE}
    assert held.listed() == [Approval(PLACE, NOON, WHO)]


async def test_an_approval_whose_caller_has_left_counts_all_the_same() -> None:
    store = SlowStore()
    held = Approvals(store, clock=FixedClock(), fail=fail)
    approving = asyncio.ensure_future(held.approve(PLACE, WHO))
    await asyncio.sleep(0)
    approving.cancel()
    store.write.set_result(None)
    with pytest.raises(asyncio.CancelledError):
        await approving
    assert held.places == {PLACE}


async def test_what_is_taken_back_counts_no_more_before_that_is_durable() -> None:
    store = MemoryStore("store-memory")
    await store.approve(Approval(PLACE, NOON, WHO))
    held = Approvals(store, clock=FixedClock(), fail=fail)
    await held.open()
    assert held.places == {PLACE}
    revoking = asyncio.ensure_future(held.revoke([PLACE]))
    await asyncio.sleep(0)
    assert held.places == frozenset()
    await revoking
    assert await store.approvals() == []


async def test_a_store_that_fails_ends_the_daemon_and_approves_nothing() -> None:
    store = SlowStore()
    told: list[BaseException] = []
    held = Approvals(store, clock=FixedClock(), fail=told.append)
    approving = asyncio.ensure_future(held.approve(PLACE, WHO))
    await asyncio.sleep(0)
    store.write.set_exception(StoreError("the disk is gone"))
    with pytest.raises(StoreError):
        await approving
    assert [str(error) for error in told] == ["the disk is gone"]
    assert held.places == frozenset()


async def test_there_are_no_more_approvals_than_the_daemon_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approvals, "KEPT_MAX", 1)
    held = Approvals(MemoryStore("store-memory"), clock=FixedClock(), fail=fail)
    await held.approve(PLACE, WHO)
    await held.approve(PLACE, WHO)
    with pytest.raises(LimitExceeded):
        await held.approve(Place("/b", "demo.echo", "sha256:1"), WHO)
