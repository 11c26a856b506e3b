"""Watching all jobs of a daemon, over memory and over a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Cardinality, Status
from grpclib.exceptions import GRPCError

from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime.v1 import (
    Job,
    JobChange,
    JobState,
    ListCapabilitiesRequest,
    ListJobsRequest,
    WatchJobsRequest,
    WatchJobsResponse,
)
from domed.config import Config
from packages.domed.tests.runtime_suite import Running, a_config, running, write_tool

LIMIT_S = 30.0
WATCHERS = 300


@pytest.fixture
def config(tmp_path: Path) -> Config:
    write_tool(tmp_path / "tools", "user.hello", "echo hello")
    result = 'echo \'{"type": "result", "value": {"n": 1}}\' >"/dev/fd/$DOME_CHANNEL_FD"'
    write_tool(tmp_path / "tools", "user.result", result)
    return a_config(tmp_path)


@pytest.fixture(params=["memory", "socket"])
async def dome(request: pytest.FixtureRequest, config: Config) -> AsyncIterator[Running]:
    async with running(config, over=request.param) as made:
        yield made


async def answers(dome: Running, *, until: int, **fields: Any) -> list[WatchJobsResponse]:
    """What a watcher is sent until it has the revision."""
    found = []
    stream: Any = dome.stub.watch_jobs(WatchJobsRequest(**fields))
    async with asyncio.timeout(LIMIT_S), aclosing(stream) as responses:
        async for response in responses:
            found.append(response)
            if response.revision >= until:
                break
    return found


async def changes(dome: Running, *, until: int, **fields: Any) -> list[JobChange]:
    return [change for response in await answers(dome, until=until, **fields) for change in response.changes]


def told(found: list[JobChange]) -> list[tuple[int, str, JobState]]:
    return [(each.revision, each.job.job_id, each.job.state) for each in found if each.job is not None]


def history(*jobs: Job, first: int = 1) -> list[tuple[int, str, JobState]]:
    """What jobs that ran one after another change."""
    states = (JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED)
    said = [(job.job_id, state) for job in jobs for state in states]
    return [(revision, *each) for revision, each in enumerate(said, start=first)]


async def test_a_watcher_sees_every_change_of_every_job(dome: Running) -> None:
    watching = asyncio.create_task(changes(dome, until=6))
    jobs = [await dome.ended((await dome.execute("user.hello")).job_id) for _ in range(2)]
    assert told(await watching) == history(*jobs)
    assert told(await changes(dome, until=6, since_revision=4)) == history(*jobs)[4:]


async def test_a_change_has_the_whole_job_without_its_result(dome: Running) -> None:
    ended = await dome.ended((await dome.execute("user.result", labels={"a": "b"})).job_id)
    [*_, last] = await changes(dome, until=3)
    assert last.job is not None
    assert last.job.outcome is not None
    assert ended.outcome is not None
    assert (ended.outcome.result, last.job.outcome.result) == (b'{"n":1}', b"")
    last.job.outcome.result = ended.outcome.result
    assert last.job == ended


async def test_jobs_as_they_stand_then_their_changes(dome: Running) -> None:
    first = await dome.ended((await dome.execute("user.hello")).job_id)
    listed = await dome.stub.list_jobs(ListJobsRequest())
    assert ([job.job_id for job in listed.jobs], listed.revision) == ([first.job_id], 3)
    second = await dome.ended((await dome.execute("user.hello")).job_id)
    assert told(await changes(dome, until=6, since_revision=listed.revision)) == history(second, first=4)


async def test_only_the_first_page_has_a_revision(dome: Running) -> None:
    for _ in range(2):
        await dome.ended((await dome.execute("user.hello")).job_id)
    first = await dome.stub.list_jobs(ListJobsRequest(page_size=1))
    second = await dome.stub.list_jobs(ListJobsRequest(page_size=1, page_token=first.next_page_token))
    assert (first.revision, second.revision) == (6, 0)


async def test_filters_choose_and_the_position_moves_on(dome: Running) -> None:
    hello = await dome.ended((await dome.execute("user.hello", labels={"suite": "a"})).job_id)
    await dome.ended((await dome.execute("user.result")).job_id)
    assert told(await changes(dome, until=6, skill_id="user.hello")) == history(hello)
    assert told(await changes(dome, until=6, labels={"suite": "a"})) == history(hello)
    assert hello.correlation is not None
    assert told(await changes(dome, until=6, run_id=hello.correlation.run_id)) == history(hello)
    ended = await changes(dome, until=6, states=[JobState.SUCCEEDED, JobState.FAILED])
    assert [each.revision for each in ended] == [3, 6]
    nothing = await answers(dome, until=6, skill_id="no.such")
    assert [(list(each.changes), each.revision) for each in nothing] == [([], 6)]


async def test_the_first_answer_comes_at_once_and_names_the_store(dome: Running) -> None:
    store_id = (await dome.stub.list_capabilities(ListCapabilitiesRequest())).store_id
    [first] = await answers(dome, until=0)
    assert first == WatchJobsResponse(changes=[], revision=0, store_id=store_id)


async def refused(dome: Running, **fields: Any) -> tuple[Status, str, dict[str, str]]:
    with pytest.raises(GRPCError) as caught:
        await answers(dome, until=2**64, **fields)
    [info] = [detail for detail in caught.value.details if isinstance(detail, ErrorInfo)]
    return caught.value.status, info.reason, info.metadata


async def test_a_revision_that_is_not_of_this_store_is_refused(dome: Running) -> None:
    await dome.ended((await dome.execute("user.hello")).job_id)
    for fields in ({"since_revision": 4}, {"since_revision": 2**64 - 1}, {"since_revision": 2, "store_id": "other"}):
        status, reason, metadata = await refused(dome, **fields)
        assert (status, reason) == (Status.OUT_OF_RANGE, "EVENTS_GONE")
        assert (metadata["oldest"], metadata["latest"]) == ("1", "3")
    store_id = dome.daemon.store.store_id
    assert len(await changes(dome, until=3, since_revision=2, store_id=store_id)) == 1


async def test_a_revision_that_retention_removed_is_refused_and_the_oldest_named(dome: Running) -> None:
    await dome.ended((await dome.execute("user.hello")).job_id)
    await dome.daemon.store.trim_changes(kept_max=1)
    assert (await refused(dome, since_revision=1))[2]["oldest"] == "3"
    assert [each.revision for each in await changes(dome, until=3)] == [3]


async def test_filters_that_no_job_can_have_are_refused(dome: Running) -> None:
    labels = {str(number): "x" for number in range(33)}
    assert (await refused(dome, labels=labels))[:2] == (Status.INVALID_ARGUMENT, "INVALID_REQUEST")


async def test_a_watcher_goes_on_with_the_next_daemon(config: Config) -> None:
    async with running(config, over="socket") as dome:
        first = await dome.ended((await dome.execute("user.hello")).job_id)
        seen = await changes(dome, until=2)
    position = seen[-1].revision
    async with running(config, over="socket") as dome:
        second = await dome.ended((await dome.execute("user.hello")).job_id)
        seen += await changes(dome, until=6, since_revision=position)
    assert told(seen) == history(first, second)


async def test_hundreds_of_watchers_of_whom_one_does_not_read(config: Config) -> None:
    async with (
        running(config) as dome,
        dome.stub.channel.request(
            "/dome.runtime.v1.RuntimeService/WatchJobs", Cardinality.UNARY_STREAM, WatchJobsRequest, WatchJobsResponse
        ) as stalled,
    ):
        await stalled.send_message(WatchJobsRequest(), end=True)
        watching = [asyncio.create_task(changes(dome, until=30)) for _ in range(WATCHERS)]
        jobs = [await dome.ended((await dome.execute("user.hello")).job_id) for _ in range(10)]
        for seen in await asyncio.gather(*watching):
            assert told(seen) == history(*jobs)
        found: list[JobChange] = []
        async with asyncio.timeout(LIMIT_S):
            while len(found) < 30 and (answer := await stalled.recv_message()) is not None:
                found += answer.changes
        assert told(found) == history(*jobs)
        await stalled.cancel()
