"""Following jobs, walked by Hypothesis beside a model: ordered, unique, reliable, atomic, resumable.

The model is what each seq says. Ordered and unique: a reader gets seq after seq. Reliable: it gets every one, and can
ask again for what it missed. Atomic: what was refused is not seen, and what was accepted is. Resumable: from any seq,
by any later daemon.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, precondition, rule

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobState, Output, Progress
from domed.bell import Bell
from domed.errors import EventsGone, InvalidTransition, SeqAhead
from domed.jobs.model import StoredEvent
from domed.jobs.paging import records
from domed.ledger import JobLedger, Recent
from domed.store.memory import MemoryStore
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from domed.tail import tail
from packages.domed.tests.tail_told import Reader, Told, next_batch, said
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, stderr, stdout, submission
from tests.suite import tried

PAGES = st.lists(
    st.builds(
        lambda page, lines, partial: page(b"".join(b"%d\n" % line for line in lines) + (b"end" if partial else b"")),
        st.sampled_from([stdout, stderr]),
        st.lists(st.integers(0, 999), min_size=1, max_size=5),
        st.booleans(),
    ),
    min_size=1,
    max_size=3,
)


class Following(RuleBasedStateMachine):
    """One store, one ledger after the other, and readers that come and go."""

    queued = Bundle("queued")
    running = Bundle("running")
    ended = Bundle("ended")
    readers = Bundle("readers")

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._ids = CountingIds()
        self._jobs: dict[JobId, Told] = {}
        self._readers: list[Reader] = []
        self._store = self._open()
        self._begin()

    def _open(self) -> JobStore:
        return MemoryStore("store-memory")

    def _reopen(self) -> None:
        """What a later daemon does; a store in memory stays as it is."""

    def _begin(self) -> None:
        self._bell = Bell()
        recent = Recent(bytes_max=2000)
        self._ledger = JobLedger(self._store, self._bell, clock=FixedClock(), ids=self._ids, recent=recent)
        self._runner.run(self._ledger.open())

    def teardown(self) -> None:
        self._runner.run(self._store.close())
        self._runner.close()

    @precondition(lambda self: self._readers)
    @rule()
    def restart(self) -> None:
        """Another daemon: what ran is lost, and every stream goes on without a gap."""
        self._reopen()
        self._begin()
        for job in self._ledger.running():
            self._finish(job.job_id, JobState.FAILED)

    @rule(target=queued)
    def queue(self) -> JobId:
        return self.submit()

    def submit(self) -> JobId:
        job_id = self._runner.run(self._ledger.submit(submission(), b"{}")).job.job_id
        self._jobs[job_id] = Told(["submitted"])
        return job_id

    @rule(target=running, job_id=consumes(queued))
    def start_queued(self, job_id: JobId) -> JobId:
        return self.start(job_id)

    def start(self, job_id: JobId) -> JobId:
        self._runner.run(self._ledger.start(job_id, started()))
        self._jobs[job_id].add("started")
        return job_id

    @rule(target=running, pages=PAGES)
    def run(self, pages: list[Output]) -> JobId:
        """Most jobs do not stop there."""
        job_id = self.start(self.submit())
        self.write(job_id, pages)
        return job_id

    @rule(job_id=running, pages=PAGES)
    def write_more(self, job_id: JobId, pages: list[Output]) -> None:
        self.write(job_id, pages)

    def write(self, job_id: JobId, pages: list[Output]) -> None:
        """One transaction: all of it, or nothing where the job has ended."""
        told = self._jobs[job_id]
        if told.ended:
            with pytest.raises(InvalidTransition):
                self._runner.run(self._ledger.record(job_id, pages))
            return
        self._runner.run(self._ledger.record(job_id, pages))
        for page in pages:
            told.add(*((page.stream, line) for line in records(page)), bulk=True)

    @rule(job_id=running)
    def make_progress(self, job_id: JobId) -> None:
        if not self._jobs[job_id].ended:
            self._runner.run(self._ledger.record(job_id, [Progress(message="on")]))
            self._jobs[job_id].add("progress", bulk=True)

    @rule(target=ended, job_id=consumes(queued))
    def cancel(self, job_id: JobId) -> JobId:
        self._runner.run(self._ledger.cancel(job_id, CancelRequested()))
        self._jobs[job_id].add("cancel_requested", "finished")
        self._jobs[job_id].ended = True
        return job_id

    @rule(target=ended, job_id=consumes(running))
    def finish(self, job_id: JobId) -> JobId:
        if not self._jobs[job_id].ended:
            self._finish(job_id, JobState.SUCCEEDED)
        return job_id

    def _finish(self, job_id: JobId, state: JobState) -> None:
        self._runner.run(self._ledger.finish(job_id, state, exited(), provenance=None))
        self._jobs[job_id].add("finished")
        self._jobs[job_id].ended = True

    @rule(job_id=ended)
    def expire(self, job_id: JobId) -> None:
        """Retention removes output; every other fact stays."""

        async def expired() -> None:
            while not await self._store.expire(job_id, bytes_max=100):
                pass

        self._runner.run(expired())
        self._jobs[job_id].expired = True

    @rule(
        target=readers,
        job_id=st.one_of(running, ended, queued),
        back=st.integers(-2, 20),
        bytes_max=st.sampled_from([1, 300, 10**6]),
    )
    def follow(self, job_id: JobId, back: int, bytes_max: int) -> Reader:
        """From anywhere: inside a page, at the end, beyond it."""
        since_seq = max(self._jobs[job_id].last_seq - back, 0)
        reader = self._reader(job_id, since_seq, bytes_max)
        self._readers.append(reader)
        self._read(reader)
        return reader

    @rule(job_id=st.one_of(running, ended))
    def read_from_everywhere(self, job_id: JobId) -> None:
        told = self._jobs[job_id]
        for since_seq in range(told.oldest - 1, told.last_seq):
            reader = self._reader(job_id, since_seq, 300)
            for _ in range(told.last_seq):
                if reader.position < told.last_seq:
                    self._read(reader)
            assert reader.position == told.last_seq
            self._close(reader)

    @rule()
    def everybody_reads(self) -> None:
        for reader in self._readers:
            self._read(reader)

    @rule(reader=readers, batches=st.integers(1, 5))
    def read(self, reader: Reader, batches: int) -> None:
        for _ in range(batches):
            self._read(reader)

    def _read(self, reader: Reader) -> None:
        if reader.ledger is not self._ledger:
            self._resume(reader)
        told = self._jobs[reader.job_id]
        try:
            batch = self._runner.run(next_batch(reader.batches))
        except StopAsyncIteration:
            assert told.ended
            assert reader.position in {told.last_seq, reader.since_seq}
        except SeqAhead:
            assert told.ended
            assert reader.since_seq > told.last_seq
            self._resume(reader)
        except EventsGone as error:
            assert reader.position + 1 < told.oldest
            assert (error.metadata["oldest"], error.metadata["latest"]) == (str(told.oldest), str(told.last_seq))
            self._resume(reader)
        else:
            self._take(reader, batch.records, told)
            assert batch.position == reader.position

    def _take(self, reader: Reader, events: Sequence[StoredEvent], told: Told) -> None:
        # Nothing comes only where there is nothing: what was acknowledged is seen at once.
        assert events or reader.position >= told.last_seq
        for event in events:
            assert event.seq == reader.position + 1
            found = said(event)
            assert found == told.says[event.seq - 1 : event.last_seq]
            reader.position = event.last_seq

    @rule(reader=readers)
    def lose_the_connection(self, reader: Reader) -> None:
        self._resume(reader)

    def _resume(self, reader: Reader) -> None:
        fresh = self._reader(reader.job_id, reader.position, 10**6)
        reader.batches, reader.ledger, reader.since_seq = fresh.batches, fresh.ledger, fresh.since_seq

    @rule(reader=consumes(readers))
    def leave(self, reader: Reader) -> None:
        self._readers.remove(reader)
        self._close(reader)

    def _close(self, reader: Reader) -> None:
        batches: Any = reader.batches
        self._runner.run(batches.aclose())

    def _reader(self, job_id: JobId, since_seq: int, bytes_max: int) -> Reader:
        # Without a wait for heartbeats: every read gives what is there.
        batches = tail(
            self._ledger, self._bell, job_id, since_seq=since_seq, follow=True, heartbeat_s=0, bytes_max=bytes_max
        )
        return Reader(batches, job_id, since_seq, since_seq, self._ledger)


class FollowingOnDisk(Following):
    """The same on the store of the daemon, which each later daemon opens anew."""

    def _open(self) -> JobStore:
        self._root = Path(tempfile.mkdtemp(prefix="domed-model-"))
        return SqliteStore.open(self._root / "domed.sqlite", self._ids)

    def _reopen(self) -> None:
        self._runner.run(self._store.close())
        self._store = SqliteStore.open(self._root / "domed.sqlite", self._ids)

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self._root)


TestFollowing = Following.TestCase

TestFollowing.settings = settings(max_examples=tried(30, few=15), stateful_step_count=40, deadline=None)

TestFollowingOnDisk = pytest.mark.slow(FollowingOnDisk.TestCase)

TestFollowingOnDisk.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
