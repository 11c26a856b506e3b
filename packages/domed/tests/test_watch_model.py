"""Watching, walked by Hypothesis beside a model: a list of all changes, of which watchers have seen a beginning."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobState
from domed.bell import Bell
from domed.errors import EventsGone
from domed.ledger import JobLedger
from domed.store.memory import MemoryStore
from domed.store.port import JobChange
from domed.watch import Batch, Feed, watch
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, stdout, submission
from tests.suite import tried

KEPT_MAX = 4
"""In memory: few, so that watchers fall behind."""


@dataclass(slots=True)
class Watcher:
    batches: AsyncIterator[Batch]
    position: int
    wanted: JobState | None
    feed: Feed
    first: bool = True


def encode(change: JobChange) -> bytes:
    return b"x"


class Watching(RuleBasedStateMachine):
    """`_changes[n - 1]` is what revision n says; `_oldest` is the lowest that retention has left."""

    queued = Bundle("queued")
    running = Bundle("running")
    watchers = Bundle("watchers")

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._store = MemoryStore("store-memory")
        self._ids = CountingIds()
        self._changes: list[tuple[JobId, JobState]] = []
        self._oldest = 1
        self._begin()

    def _begin(self) -> None:
        self._bell = Bell()
        self._ledger = JobLedger(self._store, self._bell, clock=FixedClock(), ids=self._ids)
        self._runner.run(self._ledger.open())
        self._feed = Feed(self._ledger, self._bell, encode=encode, kept_max=KEPT_MAX)

    @rule()
    def restart(self) -> None:
        """Another daemon on the same store: whoever watched the one before comes to it."""
        self._begin()

    def teardown(self) -> None:
        self._runner.close()

    def _say(self, job_id: JobId, state: JobState) -> None:
        self._changes.append((job_id, state))

    @rule(target=queued)
    def submit(self) -> JobId:
        accepted = self._runner.run(self._ledger.submit(submission(), b"{}"))
        self._say(accepted.job.job_id, JobState.QUEUED)
        return accepted.job.job_id

    @rule(target=running, job_id=consumes(queued))
    def start(self, job_id: JobId) -> JobId:
        self._runner.run(self._ledger.start(job_id, started()))
        self._say(job_id, JobState.RUNNING)
        return job_id

    @rule(job_id=running)
    def write(self, job_id: JobId) -> None:
        self._runner.run(self._ledger.record(job_id, [stdout(b"a\n")]))

    @rule(job_id=consumes(queued))
    def cancel(self, job_id: JobId) -> None:
        self._runner.run(self._ledger.cancel(job_id, CancelRequested()))
        self._say(job_id, JobState.CANCELED)

    @rule(job_id=consumes(running), state=st.sampled_from([JobState.SUCCEEDED, JobState.FAILED]))
    def finish(self, job_id: JobId, state: JobState) -> None:
        self._runner.run(self._ledger.finish(job_id, state, exited(), provenance=None))
        self._say(job_id, state)

    @rule(kept_max=st.integers(1, 8))
    def trim(self, kept_max: int) -> None:
        async def trimmed() -> int:
            return await self._store.trim_changes(kept_max=kept_max)

        self._oldest += self._runner.run(trimmed())

    @rule(target=watchers, back=st.integers(-1, 12), wanted=st.sampled_from([None, JobState.SUCCEEDED]))
    def watch(self, back: int, wanted: JobState | None) -> Any:
        """From so many changes ago: perhaps before what is kept, or beyond the end."""
        since = max(len(self._changes) - back, 0)
        watcher = self._watcher(since, wanted)
        if since == 0:
            watcher.position = self._oldest - 1
        elif not self._oldest - 1 <= since <= len(self._changes):
            with pytest.raises(EventsGone):
                self._next(watcher)
            return multiple()
        return watcher

    @rule(watcher=watchers)
    def read(self, watcher: Watcher) -> None:
        if watcher.feed is not self._feed or (watcher.first and watcher.position + 1 < self._oldest):
            # It has yet to begin, with this daemon or at all; what it would begin with may have gone meanwhile.
            self._resume(watcher)
        try:
            batch = self._next(watcher)
        except EventsGone:
            assert watcher.position + 1 < self._oldest
            self._resume(watcher)
            return
        watcher.first = False
        assert watcher.position <= batch.revision <= len(self._changes)
        passed = list(enumerate(self._changes, start=1))[watcher.position : batch.revision]
        told = [(each.change.revision, (each.change.job.job_id, each.change.job.state)) for each in batch.changes]
        assert told == [each for each in passed if watcher.wanted in (None, each[1][1])]
        assert batch.revision > watcher.position or watcher.position == len(self._changes)
        watcher.position = batch.revision

    @rule(watcher=watchers)
    def lose_the_connection(self, watcher: Watcher) -> None:
        self._resume(watcher)

    @rule(watcher=consumes(watchers))
    def leave(self, watcher: Watcher) -> None:
        batches: Any = watcher.batches
        self._runner.run(batches.aclose())

    def _resume(self, watcher: Watcher) -> None:
        """Where it was, or with the oldest that is kept where that is gone."""
        kept = watcher.position + 1 >= self._oldest
        fresh = self._watcher(watcher.position if kept else 0, watcher.wanted)
        watcher.batches, watcher.feed, watcher.first = fresh.batches, fresh.feed, True
        watcher.position = max(watcher.position, self._oldest - 1)

    def _watcher(self, since: int, wanted: JobState | None) -> Watcher:
        # Without a wait for heartbeats: every read gives what is there.
        batches = watch(
            self._feed,
            self._bell,
            clock=FixedClock(),
            since_revision=since,
            wanted=lambda job: wanted in (None, job.state),
            heartbeat_s=0,
        )
        return Watcher(batches, since, wanted, self._feed)

    def _next(self, watcher: Watcher) -> Batch:
        async def pulled() -> Batch:
            return await anext(watcher.batches)

        return self._runner.run(pulled())


TestWatching = Watching.TestCase
TestWatching.settings = settings(max_examples=tried(60, few=20), stateful_step_count=40, deadline=None)
