"""The parts of the daemon, joined."""

import asyncio
from contextlib import closing
from pathlib import Path

import betterproto2
import pytest
from grpclib.exceptions import GRPCError

from dome_contracts.runtime.v1 import JobState, SkillExecuteRequest
from domed.app import Parts, alive, build, prepare
from domed.clock import SystemClock, SystemIds
from domed.faults import StartError, StoreError
from domed.rpc.codec import exact_type
from domed.rpc.memory import InProcessChannel
from domed.store.memory import MemoryStore
from packages.domed.tests.runtime_suite import Running, a_config, running, write_tool


class BreakingStore(MemoryStore):
    """Fails for good when it is told to."""

    broken = False

    def create(self, *arguments, **options):  # type: ignore[no-untyped-def]
        if self.broken:
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(StoreError("the disk is on fire"))
            return failed
        return super().create(*arguments, **options)


async def test_the_daemon_runs_on_any_store(tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "user.hello", "echo hello")
    clock = SystemClock()
    ids = SystemIds(clock)
    daemon = build(a_config(tmp_path), clock=clock, ids=ids, parts=Parts(store=lambda *_: MemoryStore("store-x")))
    async with alive(daemon):
        with closing(InProcessChannel(daemon.frontend.server)) as channel:
            dome = Running(daemon, channel)
            assert (await dome.ended((await dome.execute("user.hello")).job_id)).state is JobState.SUCCEEDED


async def test_a_store_that_fails_ends_the_daemon(tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "user.hello", "echo hello")
    clock = SystemClock()
    ids = SystemIds(clock)
    store = BreakingStore("store-x")
    daemon = build(a_config(tmp_path), clock=clock, ids=ids, parts=Parts(store=lambda *_: store))
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(10), alive(daemon):
            store.broken = True
            with closing(InProcessChannel(daemon.frontend.server)) as channel, pytest.raises(GRPCError):
                await Running(daemon, channel).stub.skill_execute(SkillExecuteRequest(skill_id="user.hello"))
            await asyncio.Event().wait()
    assert caught.group_contains(StoreError, match="the disk is on fire")


async def test_a_store_that_cannot_be_opened_is_said_before_anything_starts(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    config.state_directory.mkdir(parents=True)
    config.store_path.write_bytes(b"x" * 5000)
    with pytest.raises(StartError, match=str(config.store_path)):
        async with running(config):
            pass


async def test_what_first_calls_need_is_there_before_they_come(tmp_path: Path) -> None:
    exact_type.cache_clear()
    async with running(a_config(tmp_path)) as dome:
        prepare(dome.daemon)
        made = exact_type.cache_info().misses
        for handler in dome.daemon.frontend.edge.__mapping__().values():
            if issubclass(handler.request_type, betterproto2.Message):
                exact_type(handler.request_type)
        assert exact_type.cache_info().misses == made > 10


async def test_nobody_wants_anything_when_there_are_no_jobs_and_no_calls(tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "user.hang", "exec sleep 60")
    async with running(a_config(tmp_path)) as dome:
        assert dome.daemon.last_busy_s() is not None
        job_id = (await dome.execute("user.hang")).job_id
        await dome.reached(job_id, JobState.RUNNING)
        assert dome.daemon.last_busy_s() is None
