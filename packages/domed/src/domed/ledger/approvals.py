"""Says which tools the user approved: durable before anybody relies on it, and taken back the same way. Changes no job.

Knows no catalog: whether there is such a tool is for the caller to look at.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from dome_contracts.runtime.v1 import Requester
from domed.clock import Clock
from domed.errors import LimitExceeded, StorageFull
from domed.jobs.approval import Approval, Place
from domed.ledger.answer import answer
from domed.store.port import ApprovalStore

KEPT_MAX: Final = 10_000
"""Most approvals that are kept."""
TEXT_LENGTH_MAX: Final = 256
"""Most characters of a text that the caller chose."""


class Approvals:
    """The user's approvals. One for the daemon."""

    def __init__(self, store: ApprovalStore, *, clock: Clock, fail: Callable[[BaseException], None]) -> None:
        """`fail` is told of a store that failed."""
        self._store = store
        self._clock = clock
        self._fail = fail
        self._held: dict[Place, Approval] = {}
        self._places: frozenset[Place] = frozenset()

    async def open(self) -> None:
        """Take up what the store has. Once, before anything else."""
        self._hold({approval.place: approval for approval in await self._store.approvals()})

    @property
    def places(self) -> frozenset[Place]:
        """What is approved, durably."""
        return self._places

    def listed(self) -> Sequence[Approval]:
        """All approvals, ordered by root, id and digest."""
        return [self._held[place] for place in sorted(self._held)]

    async def approve(self, place: Place, requester: Requester) -> None:
        """Durable when the call returns. The first approval of a place stays.

        Raises LimitExceeded, StorageFull, StoreError.
        """
        if place in self._held:
            return
        if len(self._held) >= KEPT_MAX:
            raise LimitExceeded("approvals_max", allowed=KEPT_MAX, asked=len(self._held) + 1)
        approval = Approval(place, self._clock.now(), replace(requester, client=requester.client[:TEXT_LENGTH_MAX]))
        await answer(self._store.approve(approval), lambda write: self._settle(write.exception(), added=[approval]))

    async def revoke(self, places: Collection[Place]) -> None:
        """Take approvals back: without effect from the call on, durable when it returns. Raises StoreError."""
        self._hold({place: approval for place, approval in self._held.items() if place not in places})
        await answer(self._store.revoke(places), lambda write: self._settle(write.exception()))

    def _settle(self, error: BaseException | None, *, added: Sequence[Approval] = ()) -> None:
        if error is not None:
            if not isinstance(error, StorageFull):
                self._fail(error)
        elif added:
            self._hold(self._held | {approval.place: approval for approval in added})

    def _hold(self, held: dict[Place, Approval]) -> None:
        self._held = held
        self._places = frozenset(held)
