"""Runs over a daemon that answers late, says things twice or in another order, or is another one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dome_client.errors import DaemonUnreachable
from dome_client.testing import End, FakeRuntime, Hold, Say, ScriptedTool
from dome_contracts.runtime.v1 import Job, JobEvent, ListCapabilitiesResponse
from dome_contracts.schema.control.work_queue import EntryStatus, QueueState, WorkQueue
from dome_contracts.schema.knowledge.fact import GapFact
from dome_spec.binding import Memory
from dome_spec.dispatch import EndKind, Interruption, OnInterrupt, Silent, group_id
from tests.contract.dispatch_rig import Died, Dying, Scene, all_facts, entry, tasks, tool, well
from tests.planned import RUN_ID, Wish, planned


class Muddled(FakeRuntime):
    """Says events twice and backwards, and ends a stream whenever it likes; or says nothing at all."""

    def __init__(self, tools: Sequence[ScriptedTool], *, streams_cut: int = 0) -> None:
        super().__init__(tools)
        self._cut = streams_cut
        self.is_mute = False

    async def events(self, job_id: str, *, since_seq: int = 0, follow: bool = True) -> AsyncGenerator[JobEvent, None]:
        if self.is_mute:
            return
        if self._cut and follow:
            self._cut -= 1
            return
        told: list[JobEvent] = []
        async with aclosing(super().events(job_id, since_seq=since_seq, follow=follow)) as events:
            async for event in events:
                told.append(event)
                yield event
                for earlier in reversed(told):
                    yield earlier


async def test_events_twice_backwards_and_in_pieces_are_one_story(tmp_path: Path, memory: Memory) -> None:
    fake = Muddled([tool(lambda _: [Say(b"a\n"), Say(b"b\n"), End(result=b"{}")])], streams_cut=3)
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish(), "b": Wish(depends_on=("a",))})
    async with asyncio.timeout(10):
        end = await scene.run(given)
        await scene.ingest(memory)
    assert {each.status for each in end.queue.entries.values()} == {EntryStatus.DONE}
    assert {each.outcome.status.value for each in tasks(memory, given).values()} == {"SUCCEEDED"}
    assert not any(isinstance(fact.body, GapFact) for fact in all_facts(memory))


async def test_a_stream_that_ends_before_its_job_is_opened_again(tmp_path: Path) -> None:
    fake = Muddled([tool(lambda _: [Hold(), End()])], streams_cut=2)
    given = planned({"a": Wish()})
    async with aclosing(fake.watch()) as changes:
        running = asyncio.create_task(Scene(tmp_path, fake).run(given))
        job = (await anext(changes)).job
    assert job is not None
    for _ in range(20):
        await asyncio.sleep(0)
    fake.release(job.job_id)
    async with asyncio.timeout(10):
        assert entry(await running, given, "a").status is EntryStatus.DONE


async def test_a_daemon_that_has_no_events_to_tell_leaves_a_gap_and_not_an_endless_ingestion(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Muddled([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    await scene.run(given)
    fake.is_mute = True
    async with asyncio.timeout(10):
        taken = await scene.ingest(memory)
    assert taken.gaps == 1
    assert tasks(memory, given)["a"].outcome.status == "SUCCEEDED"


class Late(FakeRuntime):
    """Answers a request when the test lets it, and calls itself away meanwhile where it is told to."""

    def __init__(self, tools: Sequence[ScriptedTool]) -> None:
        super().__init__(tools)
        self.may_answer = asyncio.Event()
        self.asked = asyncio.Event()
        self.is_away = False
        self.cancels_hang = False

    async def execute(self, skill_id: str, *arguments: Any, **options: Any) -> Job:
        job = await super().execute(skill_id, *arguments, **options)
        self.asked.set()
        await self.may_answer.wait()
        return job

    async def cancel(self, job_id: str, *, reason: str = "") -> Job:
        if self.cancels_hang:
            self.is_away = True
            raise DaemonUnreachable("Nobody listens.")
        return await super().cancel(job_id, reason=reason)

    async def capabilities(self) -> ListCapabilitiesResponse:
        if self.is_away:
            raise DaemonUnreachable("Nobody listens.")
        return await super().capabilities()


async def test_an_answer_that_comes_after_the_run_was_left_is_the_same_job_to_whoever_resumes_it(
    tmp_path: Path,
) -> None:
    fake = Late([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    interruption = Interruption()
    running = asyncio.create_task(scene.run(given, interruption=interruption))
    await fake.asked.wait()
    interruption.asked.set()
    assert (await running).kind is EndKind.DETACHED
    fake.may_answer.set()
    end = await scene.run(None)
    assert entry(end, given, "a").status is EntryStatus.DONE
    assert len(await fake.jobs()) == 1


async def test_cancelling_does_not_wait_for_a_daemon_that_is_gone(tmp_path: Path) -> None:
    interruption = Interruption(OnInterrupt.CANCEL)

    fake = Late([tool(lambda _: [Hold()])])
    fake.may_answer.set()
    fake.cancels_hang = True
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    running = asyncio.create_task(scene.run(given, interruption=interruption, listener=Asking(interruption)))
    async with asyncio.timeout(20):
        end = await running
    assert (end.kind, end.queue.state) == (EndKind.DAEMON_LOST, QueueState.RESUMABLE)


class Asking(Silent):
    """Interrupts the run soon after a job was accepted."""

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption

    def queue_changed(self, queue: WorkQueue) -> None:
        if any(each.status is EntryStatus.RUNNING for each in queue.entries.values()):
            asyncio.get_running_loop().call_soon(self._interruption.asked.set)


class Swapped(FakeRuntime):
    """A daemon that goes away in the middle of a request, and comes back with another store."""

    def __init__(self, tools: Sequence[ScriptedTool]) -> None:
        super().__init__(tools)
        self.first_asked: list[str] = []
        self.is_swapped = False

    async def capabilities(self) -> ListCapabilitiesResponse:
        found = await super().capabilities()
        return replace(found, store_id=f"store-{'0' * 25}7") if self.is_swapped else found

    async def execute(self, skill_id: str, *arguments: Any, **options: Any) -> Job:
        if not self.is_swapped:
            self.is_swapped = True
            self.first_asked.append(options["idempotency_key"])
            raise DaemonUnreachable("The connection broke.")
        return await super().execute(skill_id, *arguments, **options)


async def test_what_was_perhaps_asked_of_another_store_is_not_asked_for_again_under_its_key(tmp_path: Path) -> None:
    fake = Swapped([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()}, attempts_max=2)
    end = await scene.run(given)
    first, second = entry(end, given, "a").attempts
    assert (first.outcome.failure_reason_code, second.outcome.status) == ("PROCESS.LOST", "SUCCEEDED")
    assert fake.first_asked == [group_id(RUN_ID, given.ids["a"], 1)]
    assert [job.idempotency_key for job in await fake.jobs()] == [group_id(RUN_ID, given.ids["a"], 2)]
    found = [each.payload["store_id"] for each in scene.record().log.events if each.topic == "dispatch.store_found"]
    assert len(set(found)) == len(found) == 2


async def test_after_a_store_was_replaced_in_a_run_its_open_job_is_followed_by_whoever_resumes_it(
    tmp_path: Path,
) -> None:
    fake = Swapped([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()}, attempts_max=3)
    with pytest.raises(Died):
        await scene.run(given, listener=Dying(4))
    end = await scene.run(None)
    assert entry(end, given, "a").status is EntryStatus.DONE
    assert len(await fake.jobs()) == 1
