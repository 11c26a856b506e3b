"""A lock that is held is waited for, or the request is refused, as it asks."""

import asyncio
from dataclasses import replace

from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    Job,
    JobState,
    ListLocksRequest,
    LockWait,
    StreamJobEventsRequest,
)
from domed.config import Config
from packages.domed.tests.runtime.conftest import refusal
from packages.domed.tests.runtime_suite import Running, kinds, running


async def test_a_held_lock_is_waited_for_or_refused_as_asked(dome: Running) -> None:
    holder = (await dome.execute("user.locked")).job_id
    await dome.reached(holder, JobState.RUNNING)
    status, reason, metadata = await refusal(dome.execute("user.locked", lock_wait=LockWait.REFUSE))
    assert (status, reason) == (Status.ABORTED, "LOCK_CONFLICT")
    assert metadata == {"lock": "port", "holder_job": holder}
    waiter = (await dome.execute("user.locked")).job_id
    async with asyncio.timeout(20):
        async for answer in dome.stub.stream_job_events(StreamJobEventsRequest(job_id=waiter, follow=True)):
            if "waiting" in kinds(answer.events):
                break
    [lock] = (await dome.stub.list_locks(ListLocksRequest())).locks
    assert lock.waiter_count == 1
    assert (lock.name, lock.holder_job_id, lock.waiter_job_ids) == ("port", holder, [waiter])
    for job_id in (waiter, holder):
        await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))


async def test_of_many_at_once_that_must_not_wait_one_is_accepted_and_gets_the_lock(config: Config) -> None:
    async with running(replace(config, parallel_jobs_max=1)) as dome:
        busy = (await dome.execute("user.hang")).job_id
        await dome.reached(busy, JobState.RUNNING)  # no seat is free, so nobody holds the lock yet
        asked = [dome.execute("user.locked", lock_wait=LockWait.REFUSE) for _ in range(10)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        [accepted] = [answer.job_id for answer in answers if isinstance(answer, Job)]
        refused = [answer for answer in answers if isinstance(answer, GRPCError)]
        assert len(refused) == 9
        infos = [detail for error in refused for detail in error.details or () if isinstance(detail, ErrorInfo)]
        assert {(info.reason, info.metadata["holder_job"]) for info in infos} == {("LOCK_CONFLICT", accepted)}
        later = (await dome.execute("user.locked", priority=100)).job_id
        await dome.stub.cancel_job(CancelJobRequest(job_id=busy))
        assert (await dome.reached(accepted, JobState.RUNNING)).state is JobState.RUNNING
        for job_id in (accepted, later):
            await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))
