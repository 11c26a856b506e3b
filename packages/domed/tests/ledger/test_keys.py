"""A key makes one job, however many ask with it and however long."""

import asyncio

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from domed.bell import Bell
from domed.errors import IdempotencyKeyReused, IdempotentResultExpired
from domed.jobs.model import Job
from domed.ledger import JobLedger
from domed.store.memory import MemoryStore
from domed.store.port import JobQuery
from packages.domed.tests.ledger.conftest import CANCEL, kinds, run, submit, succeed
from packages.domed.tests.values import CountingIds, FixedClock, submission


async def test_of_many_callers_with_one_key_one_makes_the_job(ledger: JobLedger) -> None:
    asked = submission(idempotency_key="key")
    answers = await asyncio.gather(*(ledger.submit(asked, b"{}") for _ in range(50)))
    assert len({answer.job.job_id for answer in answers}) == 1
    assert [answer.deduplicated for answer in answers].count(False) == 1
    assert len(await ledger.jobs(JobQuery())) == len(ledger.queued()) == 1


async def test_a_retry_gets_the_job_as_it_stands(ledger: JobLedger) -> None:
    job_id = await run(ledger, idempotency_key="key")
    answer = await ledger.submit(submission(idempotency_key="key"), b"{}")
    assert (answer.job.job_id, answer.job.state, answer.deduplicated) == (job_id, JobState.RUNNING, True)
    ended = await succeed(ledger, job_id)
    assert (await ledger.submit(submission(idempotency_key="key"), b"{}")).job == ended


async def test_who_hears_of_a_job_through_its_key_can_cancel_it_at_once(ledger: JobLedger) -> None:
    async def retry() -> Job:
        answer = await ledger.submit(submission(idempotency_key="key"), b"{}")
        return await ledger.cancel(answer.job.job_id, CANCEL)

    answers = await asyncio.gather(*(retry() for _ in range(10)))
    assert {answer.state for answer in answers} == {JobState.CANCELED}
    assert await kinds(ledger, answers[0].job_id) == ["Submitted", "CancelRequested", "Finished"]


async def test_a_key_of_another_request_is_refused_with_both_digests(ledger: JobLedger) -> None:
    first = await submit(ledger, idempotency_key="key", request_digest=digest_bytes(b"1"))
    with pytest.raises(IdempotencyKeyReused) as refused:
        await submit(ledger, idempotency_key="key", request_digest=digest_bytes(b"2"))
    assert refused.value.metadata == {
        "key": "key",
        "first_digest": digest_bytes(b"1"),
        "this_digest": digest_bytes(b"2"),
        "first_job": first,
    }
    assert len(await ledger.jobs(JobQuery())) == 1


async def test_what_was_accepted_before_is_found_by_its_key_alone(ledger: JobLedger) -> None:
    job_id = await run(ledger, idempotency_key="key")
    wanted = {"request_digest": submission().request_digest}
    found = await ledger.known(1000, "key", **wanted)
    assert found is not None
    assert (found.job.job_id, found.job.state, found.deduplicated) == (job_id, JobState.RUNNING, True)
    for uid, key in ((1000, "other"), (1001, "key"), (1000, "")):
        assert await ledger.known(uid, key, **wanted) is None
    with pytest.raises(IdempotencyKeyReused):
        await ledger.known(1000, "key", request_digest=digest_bytes(b"other"))


async def test_a_key_whose_job_is_gone_never_executes_again(bell: Bell, ids: CountingIds) -> None:
    class WithoutJobs(MemoryStore):
        async def job(self, job_id: JobId) -> Job | None:
            return None

    store = WithoutJobs("store-memory")
    await submit(JobLedger(store, bell, clock=FixedClock(), ids=ids), idempotency_key="key")
    with pytest.raises(IdempotentResultExpired):
        await submit(JobLedger(store, bell, clock=FixedClock(), ids=ids), idempotency_key="key")
