"""What a watcher of all jobs is sent: changes in bytes that are made once for all, and where it stands."""

import contextlib
from collections.abc import AsyncGenerator
from typing import cast

from dome_contracts.runtime.v1 import WatchJobsRequest, WatchJobsResponse
from dome_contracts.wire import encode
from domed.bell import Bell
from domed.clock import Clock
from domed.errors import EventsGone
from domed.ledger import JobLedger
from domed.rpc import fields
from domed.rpc.codec import SplicedChanges
from domed.rpc.translate import change_query, wire_change
from domed.store.port import JobChange
from domed.watch import Batch, Feed, watch


def encoded(change: JobChange) -> bytes:
    """The bytes of a change."""
    return encode(wire_change(change))


class Watching:
    """Answers watchers. One for the daemon, so that they share what is read."""

    def __init__(self, ledger: JobLedger, bell: Bell, *, clock: Clock, store_id: str, heartbeat_s: float) -> None:
        self._ledger = ledger
        self._bell = bell
        self._clock = clock
        self._store_id = store_id
        self._heartbeat_s = heartbeat_s
        self._feed = Feed(ledger, bell, encode=encoded)

    async def answers(self, request: WatchJobsRequest) -> AsyncGenerator[WatchJobsResponse, None]:
        """The stream. Raises InvalidRequest and EventsGone."""
        fields.check_label_count(request.labels)
        await self._check_store(request)
        following = watch(
            self._feed,
            self._bell,
            clock=self._clock,
            since_revision=request.since_revision,
            wanted=change_query(request).fits,
            heartbeat_s=self._heartbeat_s,
        )
        async with contextlib.aclosing(cast("AsyncGenerator[Batch, None]", following)) as batches:
            async for batch in batches:
                data = [each.data for each in batch.changes]
                yield SplicedChanges.of(data, revision=batch.revision, store_id=self._store_id)

    async def _check_store(self, request: WatchJobsRequest) -> None:
        if request.store_id and request.store_id != self._store_id:
            known = await self._ledger.changes(since_revision=0, limit=0)
            raise EventsGone(requested=request.since_revision, oldest=known.oldest, latest=known.latest)
