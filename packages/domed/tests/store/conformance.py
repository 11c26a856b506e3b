"""What every store must do. A store's test module subclasses `StoreConformance` and gives the fixture `store`."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Artifact,
    ArtifactProduced,
    Correlation,
    Finished,
    JobState,
    LockWait,
    Outcome,
    OutcomeCause,
    Output,
    Progress,
    Requester,
    RunProvenance,
    Started,
    Submitted,
)
from domed.errors import JobNotFound
from domed.faults import SeqTaken, StoreClosed
from domed.jobs import encoding
from domed.jobs.model import Fact, Job, KeyBinding, StoredEvent
from domed.jobs.paging import record_count
from domed.store.port import Begun, JobQuery, JobStore
from packages.domed.tests.values import NOON, CountingIds, exited, started, stdout, submission

IDS = CountingIds()


def event(job: Job, fact: Fact) -> StoredEvent:
    """The event after the job's last one."""
    seq = job.last_seq + 1
    last_seq = job.last_seq + (record_count(fact) if isinstance(fact, Output) else 1)
    return StoredEvent(seq, last_seq, encoding.event(job.job_id, fact, seq=seq, last_seq=last_seq, time=NOON))


def encode(job: Job, fact: Fact, seq: int) -> bytes:
    return encoding.event(job.job_id, fact, seq=seq, last_seq=seq, time=NOON)


def a_job(**changes: object) -> Job:
    """A job as it is accepted; each is newer than the one before."""
    return Job(IDS.new_job_id(), submission(**changes), NOON, last_seq=1)


async def create(store: JobStore, job: Job, payload: bytes = b"{}") -> KeyBinding | None:
    return await store.create(job, payload, event(replace(job, last_seq=0), Submitted()))


async def append(store: JobStore, job: Job, *facts: Fact) -> Job:
    """Append facts, one event each, and give the job with its last seq."""
    events = []
    for fact in facts:
        events.append(event(job, fact))
        job = replace(job, last_seq=events[-1].last_seq)
    await store.append(job, events, row=False)
    return job


async def ids_of(store: JobStore, query: JobQuery) -> Sequence[JobId]:
    return [job.job_id for job in await store.jobs(query)]


class StoreConformance:
    async def test_a_stored_job_reads_as_it_was_written(self, store: JobStore) -> None:
        job = a_job(
            idempotency_key="key",
            environment={"A": "1"},
            labels={"team": "ünï"},
            priority=-7,
            lock_wait=LockWait.REFUSE,
            deadline=timedelta(seconds=1.5),
            grace=timedelta(0),
            output_bytes_max=10,
            working_directory="/work",
            correlation=Correlation(run_id="run-a", task_id="task", traceparent="00-ab"),
        )
        assert await create(store, job, b"\0\xff") is None
        assert await store.job(job.job_id) == job
        assert await store.payload(job.job_id) == b"\0\xff"

    async def test_a_request_that_sets_nothing_reads_as_it_was_written(self, store: JobStore) -> None:
        job = a_job(correlation=Correlation(), requester=Requester())
        await create(store, job, b"")
        assert await store.job(job.job_id) == job
        assert await store.payload(job.job_id) == b""

    async def test_a_job_that_begins_at_once_is_stored_with_its_start(self, store: JobStore) -> None:
        job = a_job(idempotency_key="key")
        fact = Started(attempt=1, executor_backend="local-process")
        running = replace(job, state=JobState.RUNNING, last_seq=2, start_time=NOON, attempt=1)
        first, second = event(replace(job, last_seq=0), Submitted()), event(job, fact)
        assert await store.create(job, b"{}", first, begun=Begun(running, second)) is None
        assert await store.job(job.job_id) == running
        assert list(await store.events(job.job_id, since_seq=0, bytes_max=1 << 20)) == [first, second]
        known = await store.changes(since_revision=0, limit=10)
        assert [(each.job.state, each.job.last_seq) for each in known.changes] == [
            (JobState.QUEUED, 1),
            (JobState.RUNNING, 2),
        ]
        other = replace(running, job_id=IDS.new_job_id())
        binding = await store.create(replace(job, job_id=other.job_id), b"{}", first, begun=Begun(other, second))
        assert binding is not None
        assert binding.job_id == job.job_id
        assert await store.job(other.job_id) is None

    async def test_the_row_is_that_of_the_last_append(self, store: JobStore) -> None:
        job = a_job()
        await create(store, job)
        ended = replace(
            job,
            state=JobState.FAILED,
            last_seq=2,
            start_time=NOON,
            end_time=NOON + timedelta(microseconds=1),
            cancel_requested=True,
            attempt=1,
            progress=Progress(done=0, unit="files"),
            outcome=Outcome(cause=OutcomeCause.SIGNALED, signal=9, result=b"{}"),
            artifacts=(Artifact(name="a", size_bytes=2**40), Artifact(name="b")),
            provenance=RunProvenance(repo="/r", dirty_flag=False, tool_versions={"x": "1"}),
        )
        await store.append(ended, [event(job, Finished(state=JobState.FAILED, outcome=ended.outcome))])
        assert await store.job(job.job_id) == ended

    async def test_an_artifact_is_named_as_soon_as_its_event_is_stored(self, store: JobStore) -> None:
        one, two = (Artifact(name=name, digest=digest_bytes(name.encode()), size_bytes=7) for name in "ab")
        assert not await store.names_artifact(one.digest)
        for artifacts in ((one,), (replace(one, name="again"), two)):
            job = a_job()
            await create(store, job)
            produced = [ArtifactProduced(artifact=each) for each in artifacts]
            events = [StoredEvent(2 + n, 2 + n, encode(job, fact, 2 + n)) for n, fact in enumerate(produced)]
            await store.append(replace(job, last_seq=1 + len(events), artifacts=artifacts), events)
        assert await store.names_artifact(one.digest)
        assert await store.names_artifact(two.digest)
        assert not await store.names_artifact(digest_bytes(b"other"))
        assert await store.artifact_bytes() == 14

    async def test_no_artifacts_have_no_bytes(self, store: JobStore) -> None:
        assert await store.artifact_bytes() == 0

    async def test_a_result_is_kept_and_lists_do_not_load_it(self, store: JobStore) -> None:
        job = a_job()
        await create(store, job)
        outcome = replace(exited(0), result=b'{"n":1}')
        ended = replace(job, last_seq=2, state=JobState.SUCCEEDED, outcome=outcome)
        await store.append(ended, [event(job, Finished(state=JobState.SUCCEEDED, outcome=outcome))])
        assert await store.job(job.job_id) == ended
        [listed] = await store.jobs(JobQuery())
        assert listed == replace(ended, outcome=replace(outcome, result=b""))

    async def test_an_append_may_move_nothing_but_the_last_seq(self, store: JobStore) -> None:
        job = a_job()
        await create(store, job)
        moved = await append(store, job, stdout(b"a\nb\nc"), stdout(b"d\n"))
        assert moved.last_seq == 5
        assert await store.job(job.job_id) == moved

    async def test_what_is_not_there_is_not_found(self, store: JobStore) -> None:
        job_id = IDS.new_job_id()
        assert await store.job(job_id) is None
        assert await store.events(job_id, since_seq=0, bytes_max=100) == []
        with pytest.raises(JobNotFound):
            await store.payload(job_id)

    async def test_a_bound_key_stores_nothing_and_names_the_first_job(self, store: JobStore) -> None:
        first = a_job(idempotency_key="key", request_digest=digest_bytes(b"first"))
        second = a_job(idempotency_key="key", request_digest=digest_bytes(b"second"))
        assert await create(store, first) is None
        assert await create(store, second) == KeyBinding(first.job_id, digest_bytes(b"first"), NOON)
        assert await store.job(second.job_id) is None
        assert await store.events(second.job_id, since_seq=0, bytes_max=100) == []

    async def test_a_key_belongs_to_its_user(self, store: JobStore) -> None:
        for uid in (1, 2):
            assert await create(store, a_job(idempotency_key="key", requester=Requester(uid=uid))) is None

    async def test_a_binding_is_found_by_user_and_key(self, store: JobStore) -> None:
        job = a_job(idempotency_key="key", requester=Requester(uid=1))
        assert await store.binding(1, "key") is None
        await create(store, job)
        await create(store, a_job())
        assert await store.binding(1, "key") == KeyBinding(job.job_id, job.submission.request_digest, NOON)
        assert [await store.binding(*other) for other in ((2, "key"), (1, "other"), (1, ""))] == [None, None, None]

    async def test_requests_without_a_key_are_jobs_of_their_own(self, store: JobStore) -> None:
        assert [await create(store, a_job()) for _ in range(2)] == [None, None]

    async def test_of_many_requests_with_one_key_the_first_is_stored(self, store: JobStore) -> None:
        jobs = [a_job(idempotency_key="key") for _ in range(20)]
        results = await asyncio.gather(*(create(store, job) for job in jobs))
        assert results[0] is None
        assert {result.job_id for result in results[1:] if result is not None} == {jobs[0].job_id}
        assert len(await store.jobs(JobQuery())) == 1

    async def test_writes_take_effect_in_the_order_of_the_calls(self, store: JobStore) -> None:
        job = a_job()
        writes: list[asyncio.Future[object]] = []
        writes.append(store.create(job, b"{}", event(replace(job, last_seq=0), Submitted())))  # type: ignore[arg-type]
        for number in range(50):
            page = event(job, stdout(b"%d\n" % number))
            job = replace(job, last_seq=page.last_seq)
            writes.append(store.append(job, [page], row=False))  # type: ignore[arg-type]
        await asyncio.gather(*writes)
        stored = await store.events(job.job_id, since_seq=0, bytes_max=10**6)
        assert [each.seq for each in stored] == list(range(1, 52))

    async def test_an_event_that_does_not_follow_is_refused_and_nothing_is_stored(self, store: JobStore) -> None:
        job = a_job()
        await create(store, job)
        for last_seq in (0, 2):
            early_or_late = replace(job, last_seq=last_seq, state=JobState.RUNNING)
            with pytest.raises(SeqTaken):
                await store.append(early_or_late, [event(early_or_late, started())])
        assert await store.job(job.job_id) == job
        assert len(await store.events(job.job_id, since_seq=0, bytes_max=10**6)) == 1

    async def test_an_event_of_an_unknown_job_is_refused(self, store: JobStore) -> None:
        job = a_job()
        with pytest.raises(SeqTaken):
            await store.append(job, [event(job, started())])

    async def test_a_refused_write_takes_no_other_with_it(self, store: JobStore) -> None:
        good, bad = a_job(), a_job()
        await create(store, good)
        results = await asyncio.gather(
            store.append(good, [event(good, started())]),
            store.append(bad, [event(bad, started())]),
            create(store, bad),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [type(None), SeqTaken, type(None)]
        assert len(await store.events(good.job_id, since_seq=0, bytes_max=10**6)) == 2
        assert await store.job(bad.job_id) == bad

    async def test_events_come_in_order_after_the_position(self, store: JobStore) -> None:
        job = a_job()
        await create(store, job)
        facts: list[Fact] = [started(), stdout(b"a\nb\nc\n"), stdout(b"d\n"), Progress(done=1)]
        await append(store, job, *facts)
        everything = await store.events(job.job_id, since_seq=0, bytes_max=10**6)
        assert [(each.seq, each.last_seq) for each in everything] == [(1, 1), (2, 2), (3, 5), (6, 6), (7, 7)]
        for since_seq in range(9):
            expected = [each for each in everything if each.last_seq > since_seq]
            assert list(await store.events(job.job_id, since_seq=since_seq, bytes_max=10**6)) == expected

    async def test_events_come_in_portions_of_at_least_one(self, store: JobStore) -> None:
        job = a_job()
        await create(store, job)
        await append(store, job, *(stdout(b"x" * 100 + b"\n") for _ in range(5)))
        (first,) = await store.events(job.job_id, since_seq=1, bytes_max=1)
        assert first.seq == 2
        two = await store.events(job.job_id, since_seq=1, bytes_max=2 * len(first.data))
        assert [each.seq for each in two] == [2, 3]

    async def test_jobs_are_listed_newest_first_and_in_pages(self, store: JobStore) -> None:
        jobs = [a_job() for _ in range(5)]
        for job in jobs:
            await create(store, job)
        newest_first = [job.job_id for job in reversed(jobs)]
        assert await ids_of(store, JobQuery()) == newest_first
        assert await ids_of(store, JobQuery(limit=2)) == newest_first[:2]
        assert await ids_of(store, JobQuery(limit=2, before=newest_first[1])) == newest_first[2:4]

    async def test_a_list_can_be_restricted(self, store: JobStore) -> None:
        plain = a_job()
        other_tool = a_job(skill_id="repo.search")
        other_run = a_job(correlation=Correlation(run_id="run-two"))
        labelled = a_job(labels={"a": 'q"uo\\te\n', "b": "2"})
        later = replace(a_job(), create_time=NOON + timedelta(hours=1))
        failed = replace(a_job(), state=JobState.FAILED)
        for job in (plain, other_tool, other_run, labelled, later, failed):
            await create(store, job)
        hour = NOON + timedelta(hours=1)
        expectations: list[tuple[JobQuery, list[Job]]] = [
            (JobQuery(skill_id="repo.search"), [other_tool]),
            (JobQuery(run_id="run-two"), [other_run]),
            (JobQuery(run_id="run-two", skill_id="repo.search"), []),
            (JobQuery(labels={"a": 'q"uo\\te\n'}), [labelled]),
            (JobQuery(labels={"a": 'q"uo\\te\n', "b": "2"}), [labelled]),
            (JobQuery(labels={"a": 'q"uo\\te\n', "b": "3"}), []),
            (JobQuery(create_time_min=hour), [later]),
            (JobQuery(create_time_max=hour), [failed, labelled, other_run, other_tool, plain]),
            (JobQuery(states=frozenset({JobState.FAILED})), [failed]),
            (JobQuery(states=frozenset({JobState.QUEUED}), run_id="run-two"), [other_run]),
            (JobQuery(states=frozenset({JobState.QUEUED, JobState.FAILED}), run_id="run-two"), [other_run]),
            (JobQuery(states=frozenset({JobState.RUNNING})), []),
        ]
        for query, expected in expectations:
            assert await ids_of(store, query) == [job.job_id for job in expected], query

    async def test_the_store_has_an_id_of_its_own(self, store: JobStore) -> None:
        assert store.store_id.startswith("store-")

    async def test_a_closed_store_has_done_what_it_was_asked_and_refuses_more(self, store: JobStore) -> None:
        job = a_job()
        created = store.create(job, b"{}", event(replace(job, last_seq=0), Submitted()))
        await store.close()
        await store.close()
        assert await created is None
        with pytest.raises(StoreClosed):
            await create(store, a_job())
        with pytest.raises(StoreClosed):
            await store.append(job, [event(job, started())])
        with pytest.raises(StoreClosed):
            await store.job(job.job_id)
        with pytest.raises(StoreClosed):
            await store.binding(1000, "key")

    async def test_outcomes_of_every_kind_are_kept(self, store: JobStore) -> None:
        for outcome in (exited(0), exited(3), Outcome(cause=OutcomeCause.LOST, last_observed_time=NOON)):
            job = a_job()
            await create(store, job)
            ended = replace(job, last_seq=2, state=JobState.FAILED, outcome=outcome)
            await store.append(ended, [event(job, Finished(outcome=outcome))])
            assert await store.job(job.job_id) == ended
