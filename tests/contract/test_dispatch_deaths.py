"""Runs over the fake runtime of which runner, daemon or store goes away, and comes back or does not."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dome_client.errors import DaemonUnreachable, DomeError
from dome_client.testing import End, FakeRuntime, Hold, ScriptedTool, Step
from dome_contracts.runtime.v1 import (
    Job,
    ListCapabilitiesResponse,
    ToolDescriptor,
)
from dome_contracts.schema.control.work_queue import EntryStatus, QueueState
from dome_contracts.schema.knowledge.fact import TaskFact
from dome_spec.binding import Memory
from dome_spec.dispatch import (
    EndKind,
    Interruption,
    group_id,
)
from tests.contract.dispatch_rig import Died, Dying, Scene, Ticking, all_facts, entry, tool, well
from tests.planned import RUN_ID, Wish, planned


class Away(FakeRuntime):
    """A daemon that does not answer from a moment on, or that loses its answers."""

    def __init__(self, tools: Sequence[ScriptedTool]) -> None:
        super().__init__(tools)
        self.is_away = False
        self.answers_lost = 0
        self.asked: list[str] = []

    def _check(self) -> None:
        if self.is_away:
            raise DaemonUnreachable("Nobody listens.")

    async def capabilities(self) -> ListCapabilitiesResponse:
        self._check()
        return await super().capabilities()

    async def status(self, job_id: str) -> Job:
        self._check()
        return await super().status(job_id)

    async def execute(self, skill_id: str, *arguments: Any, **options: Any) -> Job:
        self._check()
        self.asked.append(options["idempotency_key"])
        job = await super().execute(skill_id, *arguments, **options)
        if self.answers_lost:
            self.answers_lost -= 1
            raise DaemonUnreachable("The connection broke.")
        return job


async def test_a_request_whose_answer_was_lost_is_repeated_with_its_key_and_runs_once(tmp_path: Path) -> None:
    fake = Away([tool(well)])
    fake.answers_lost = 3
    given = planned({"a": Wish()})
    end = await Scene(tmp_path, fake).run(given)
    assert entry(end, given, "a").status is EntryStatus.DONE
    assert fake.asked == [group_id(RUN_ID, given.ids["a"], 1)] * 4
    assert len(await fake.jobs()) == 1


class Replaced(FakeRuntime):
    """A daemon whose tool is taken away once it was asked for, and that answers so late that nobody hears it."""

    is_heard = False
    is_expired = False

    async def tool(self, tool_id: str, *, working_directory: str = "") -> ToolDescriptor:
        if self.is_heard:
            raise DomeError("There is none.", grpc_status=5, reason="SKILL_NOT_FOUND")
        return await super().tool(tool_id, working_directory=working_directory)

    async def execute(self, skill_id: str, *arguments: Any, **options: Any) -> Job:
        job = await super().execute(skill_id, *arguments, **options)
        if not self.is_heard:
            raise Died
        if self.is_expired:
            metadata = {"first_job": job.job_id}
            raise DomeError("gone", grpc_status=9, reason="IDEMPOTENT_RESULT_EXPIRED", metadata=metadata)
        return job


@pytest.mark.parametrize("is_expired", [False, True])
async def test_what_was_asked_for_before_a_death_is_followed_whatever_became_of_its_tool_or_its_output(
    tmp_path: Path, *, is_expired: bool
) -> None:
    fake = Replaced([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    with pytest.raises(Died):
        await scene.run(given)
    fake.is_heard, fake.is_expired = True, is_expired
    end = await scene.run(None)
    assert entry(end, given, "a").status is EntryStatus.DONE
    (job,) = await fake.jobs()
    assert entry(end, given, "a").attempts[-1].job_id == job.job_id


class Elsewhere(FakeRuntime):
    """A daemon with another store than that of the others."""

    async def capabilities(self) -> ListCapabilitiesResponse:
        return replace(await super().capabilities(), store_id=f"store-{'0' * 25}7")


@pytest.mark.parametrize("life", [1, 2], ids=["perhaps asked for", "accepted"])
async def test_what_another_store_was_asked_for_is_lost_and_begun_anew_under_a_key_of_its_own(
    tmp_path: Path, memory: Memory, life: int
) -> None:
    given = planned({"a": Wish()}, attempts_max=2)
    scene = Scene(tmp_path, FakeRuntime([tool(lambda _: [Hold()])]))
    with pytest.raises(Died):
        await scene.run(given, listener=Dying(life))
    scene.plane = fake = Elsewhere([tool(well)])
    end = await scene.run(None)
    first, second = entry(end, given, "a").attempts
    assert (first.outcome.failure_reason_code, second.outcome.status) == ("PROCESS.LOST", "SUCCEEDED")
    assert [job.idempotency_key for job in await fake.jobs()] == [group_id(RUN_ID, given.ids["a"], 2)]
    await scene.ingest(memory)
    ended = [fact.body for fact in all_facts(memory) if isinstance(fact.body, TaskFact)]
    assert {each.attempt: each.outcome.status.value for each in ended} == {1: "FAILED", 2: "SUCCEEDED"}


async def test_a_daemon_that_stays_away_leaves_the_run_resumable_and_it_goes_on_from_there(tmp_path: Path) -> None:
    def away(_: bytes) -> Sequence[Step]:
        fake.is_away = True
        return [End()]

    fake = Away([tool(away)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish(), "b": Wish(depends_on=("a",))})
    async with asyncio.timeout(20):
        end = await scene.run(given)
    assert (end.kind, end.queue.state) == (EndKind.DAEMON_LOST, QueueState.RESUMABLE)
    fake.is_away = False
    fake._tools["work.do"] = tool(well)
    resumed = await scene.run(None)
    assert {each.status for each in resumed.queue.entries.values()} == {EntryStatus.DONE}
    assert len(await fake.jobs()) == 2


async def test_where_nobody_answers_at_first_nothing_is_waited_for(tmp_path: Path) -> None:
    fake = Away([tool(well)])
    fake.is_away = True
    async with asyncio.timeout(5):
        end = await Scene(tmp_path, fake).run(planned({"a": Wish()}))
    assert (end.kind, end.message) == (EndKind.DAEMON_LOST, "Nobody listens.")


async def test_a_detached_run_is_resumed_with_the_job_that_went_on(tmp_path: Path) -> None:
    interruption = Interruption()

    def script(_: bytes) -> Sequence[Step]:
        interruption.asked.set()
        return [Hold(), End()]

    fake = FakeRuntime([tool(script)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    end = await scene.run(given, interruption=interruption)
    assert (end.kind, end.queue.state) == (EndKind.DETACHED, QueueState.RESUMABLE)
    (job,) = await fake.jobs()
    fake.release(job.job_id)
    resumed = await scene.run(None)
    assert entry(resumed, given, "a").status is EntryStatus.DONE
    assert len(await fake.jobs()) == 1


async def test_a_runner_that_dies_after_any_change_it_kept_runs_nothing_twice(tmp_path: Path, memory: Memory) -> None:
    given = planned(
        {"a": Wish(), "b": Wish(depends_on=("a",)), "c": Wish(unless=("a",)), "d": Wish(depends_on=("c",))},
        attempts_max=2,
    )
    deaths = 0
    for life in range(1, 40):
        executed: list[bytes] = []
        outcomes = iter([End(exit_code=1, failure_reason_code="TESTS.HUNG")])

        def script(data: bytes, executed: list[bytes] = executed, outcomes: Iterator[End] = outcomes) -> Sequence[Step]:
            executed.append(data)
            return [next(outcomes, End())]

        fake = FakeRuntime([tool(script)])
        scene = Scene(tmp_path / str(life), fake)
        try:
            end = await scene.run(given, listener=Dying(life))
        except Died:
            deaths += 1
            end = await scene.run(given)
        assert {each.status for each in end.queue.entries.values()} == {EntryStatus.DONE}
        keys = [job.idempotency_key for job in await fake.jobs()]
        assert len(keys) == len(set(keys)) == len(executed) == 4
        if deaths < life:
            break
    assert deaths > 10


class Deadly(FakeRuntime):
    """Whoever asks for the so-many-th time dies of it: before the daemon has heard, or after."""

    def __init__(self, tools: Sequence[ScriptedTool], *, life: int, after: bool) -> None:
        super().__init__(tools)
        self._left = life
        self._after = after

    def _lives(self, *, after: bool) -> None:
        if after is self._after:
            self._left -= 1
            if self._left == 0:
                raise Died

    async def capabilities(self) -> ListCapabilitiesResponse:
        self._lives(after=False)
        found = await super().capabilities()
        self._lives(after=True)
        return found

    async def tool(self, tool_id: str, *, working_directory: str = "") -> ToolDescriptor:
        self._lives(after=False)
        found = await super().tool(tool_id, working_directory=working_directory)
        self._lives(after=True)
        return found

    async def execute(self, skill_id: str, *arguments: Any, **options: Any) -> Job:
        self._lives(after=False)
        job = await super().execute(skill_id, *arguments, **options)
        self._lives(after=True)
        return job

    async def status(self, job_id: str) -> Job:
        self._lives(after=False)
        job = await super().status(job_id)
        self._lives(after=True)
        return job


@dataclass
class Mortal(Ticking):
    """A clock that its reader dies of when it is read for the so-many-th time: between any two writes."""

    life: int = 0

    def now(self) -> datetime:
        self.life -= 1
        if self.life == 0:
            raise Died
        return super().now()


DEATHS: list[tuple[str, Callable[[int, ScriptedTool], tuple[Ticking, FakeRuntime]]]] = [
    ("before a call", lambda life, work: (Ticking(), Deadly([work], life=life, after=False))),
    ("after a call", lambda life, work: (Ticking(), Deadly([work], life=life, after=True))),
    ("between writes", lambda life, work: (Mortal(life=life), FakeRuntime([work]))),
]


LIVES = (1, 2, 3, 4, 5, 7, 9, 12, 16, 40)
"""The last of them is longer than the run."""


@pytest.mark.parametrize("dying", [each for _, each in DEATHS], ids=[name for name, _ in DEATHS])
async def test_whenever_a_runner_dies_the_next_one_ends_the_run_and_nothing_runs_twice(
    tmp_path: Path, dying: Callable[[int, ScriptedTool], tuple[Ticking, FakeRuntime]]
) -> None:
    given = planned({"a": Wish(), "b": Wish(skill_id="no.such")}, attempts_max=2)
    deaths = 0
    for life in LIVES:
        executed: list[bytes] = []

        def script(data: bytes, executed: list[bytes] = executed) -> Sequence[Step]:
            executed.append(data)
            return [End()]

        clock, fake = dying(life, tool(script))
        scene = Scene(tmp_path / str(life), fake, clock)
        try:
            end = await scene.run(given)
        except Died:
            deaths += 1
            end = await scene.run(given)
        assert {name: entry(end, given, name).status.value for name in "ab"} == {"a": "DONE", "b": "BLOCKED"}
        assert len(await fake.jobs()) == len(executed) == 1
    assert 3 < deaths < len(LIVES)
