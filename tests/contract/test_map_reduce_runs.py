"""Map-reduce over the fake runtime: items that fail one beside the other, a budget of time, Ctrl-C, and going on."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dome_client.errors import DaemonUnreachable, DomeError
from dome_client.testing import End, FakeRuntime, Hold, ScriptedTool, Step
from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.runtime.v1 import FilesystemEffect, Job, JobState, NetworkEffect, ToolDescriptor, ToolEffects
from dome_contracts.schema.knowledge.fact import QuarantineFact, TaskFact
from dome_contracts.schema.patterns.map_reduce_plan import MapReducePlan
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, FallbackMode
from dome_spec.binding import EvidenceStore, Memory, default_policy, open_memory
from dome_spec.commands.plan.witness import Keeping
from dome_spec.dispatch import Ingested, Opening, UnqueuedRun, ingest_runtime
from dome_spec.kernel import FixedClock, Ids
from dome_spec.patterns.map_reduce import MapReduce, OverBudget, Reduced, ShardsFailed, ShardsUnanswered
from dome_spec.planning import default_strategies
from tests.planned import REPOSITORY_ID

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"lines": {"type": "integer", "minimum": 0, "maximum": 9}},
}
READING = ToolEffects(filesystem=FilesystemEffect.READ, network=NetworkEffect.NONE)


def plan(*item_ids: str, duration_s: float = 30, quarantined_max: int = 0) -> MapReducePlan:
    items = [
        {"item_id": each, "content": {"digest": digest_bytes(each.encode()), "location": f"evidence/{each}"}}
        for each in item_ids
    ]
    return MapReducePlan.from_value(
        {
            "schema_version": "1",
            "goal": "One count of lines.",
            "items": items,
            "map": {
                "skill": {"skill_id": "code.count", "version_range": "*"},
                "output_schema": {"digest": digest(SCHEMA), "fields": ["lines"]},
                "effects": {"filesystem": "read", "network": "none", "starts_processes": False},
            },
            "reduce": {"skill": {"skill_id": "json.sum", "version_range": "*"}, "order": "item_id"},
            "budget": {"fan_out_max": 9, "parallel_max": 9, "duration_s_max": duration_s},
            "on_invalid": {"quarantined_max": quarantined_max},
        }
    )


def work(asked: MapReducePlan) -> MapReduce:
    return MapReduce(
        plan=asked,
        output_schema=SCHEMA,
        content=lambda item: item.item_id.encode(),
        working_directory="/work",
        run_id="run-tally",
    )


def counted(_: bytes) -> Sequence[Step]:
    return [End(result=b'{"lines":1}')]


def tools(mapper: Any = counted) -> list[ScriptedTool]:
    reduced = [End(result=b'{"lines":3}')]
    return [
        ScriptedTool("code.count", mapper, effects=READING),
        ScriptedTool("json.sum", lambda _: reduced, effects=READING),
    ]


class Declaring(FakeRuntime):
    """Has tools that declare themselves deterministic."""

    async def tool(self, tool_id: str, *, working_directory: str = "") -> ToolDescriptor:
        return replace(await super().tool(tool_id, working_directory=working_directory), deterministic=True)


class Failing(Declaring):
    """Does not take the requests for some items."""

    def __init__(self, failures: dict[str, Exception], mapper: Any = counted) -> None:
        super().__init__(tools(mapper))
        self.failures = failures

    async def execute(self, skill_id: str, tool_input: Any = b"", **options: Any) -> Job:
        for item_id, error in self.failures.items():
            if f'"item_id":"{item_id}"'.encode() in tool_input:
                raise error
        return await super().execute(skill_id, tool_input, **options)


def untrusted() -> DomeError:
    return DomeError("It was not approved.", grpc_status=9, reason="TOOL_UNTRUSTED")


async def test_items_that_fail_are_one_refusal_that_names_the_first_and_the_same_run_goes_on() -> None:
    fake = Failing({name: untrusted() for name in "bcde"})
    asked = plan(*"abcde")
    with pytest.raises(ShardsFailed) as caught:
        await work(asked).run(fake)
    refusal = caught.value
    assert (refusal.code, refusal.exit_code) == ("SHARDS_FAILED", Exit.PRECONDITION)
    assert [item_id for item_id, _ in refusal.faults] == sorted({each for each, _ in refusal.faults})
    assert "b: It was not approved" in refusal.why
    assert "--run-id run-tally" in refusal.hint
    done = len(await fake.jobs())
    fake.failures = {}
    reduced = await work(asked).run(fake)
    assert reduced.item_ids == tuple("abcde")
    assert len(await fake.jobs()) == 6
    assert done < 6


async def test_where_nobody_answers_that_is_said_and_not_that_the_items_are_at_fault() -> None:
    fake = Failing({name: DaemonUnreachable("Nobody listens.") for name in "ab"})
    with pytest.raises(ShardsUnanswered) as caught:
        await work(plan(*"ab")).run(fake)
    assert caught.value.exit_code is Exit.UNAVAILABLE


async def test_a_defect_is_raised_as_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        await work(plan(*"ab")).run(Failing({"a": ZeroDivisionError()}))


async def begun(fake: FakeRuntime, asked: MapReducePlan) -> tuple["asyncio.Task[Reduced]", list[str]]:
    """The map-reduce under way, with a job for each item."""
    jobs: list[str] = []
    async with aclosing(fake.watch()) as changes:
        running = asyncio.create_task(work(asked).run(fake))
        async for change in changes:
            if change.job is not None and change.job.state is JobState.RUNNING:
                jobs.append(change.job.job_id)
            if len(jobs) == len(asked.items):
                return running, jobs
    raise AssertionError("no more changes come")


def holding(_: bytes) -> Sequence[Step]:
    return [Hold(), *counted(b"")]


async def test_interrupted_it_leaves_at_once_its_jobs_go_on_and_the_same_run_has_them() -> None:
    fake = Declaring(tools(holding))
    asked = plan(*"ab")
    running, jobs = await begun(fake, asked)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await running
    for job_id in jobs:
        fake.release(job_id)
    reduced = await work(asked).run(fake)
    assert reduced.item_ids == ("a", "b")
    assert set(jobs) < set(reduced.job_ids)
    assert len(await fake.jobs()) == 3


async def test_over_its_time_what_runs_is_cancelled() -> None:
    fake = Declaring(tools(holding))
    async with asyncio.timeout(10):
        with pytest.raises(OverBudget, match="longer than"):
            await work(plan("a", "b", duration_s=0.05)).run(fake)
    assert {job.state for job in await fake.jobs()} == {JobState.CANCELED}


class Deaf(Declaring):
    """Does not hear that somebody wants the end of a job."""

    async def cancel(self, job_id: str, *, reason: str = "") -> Job:
        raise DaemonUnreachable("Nobody listens.")


async def test_that_nobody_hears_the_cancelling_does_not_hide_that_it_took_too_long() -> None:
    with pytest.raises(OverBudget):
        await work(plan("a", duration_s=0.05)).run(Deaf(tools(holding)))


@pytest.fixture
def memory() -> Iterator[Memory]:
    with closing(open_memory(None, default_policy())) as opened:
        yield opened


async def keeping(fake: FakeRuntime, asked: MapReducePlan, root: Path, memory: Memory) -> MapReduce:
    """A map-reduce whose jobs are kept and learnt of."""
    clock = FixedClock(datetime(2024, 5, 17, 9, 30, tzinfo=UTC))
    opening = Opening(
        working_directory="/work",
        fallback_mode=FallbackMode.HYBRID,
        binder_policy=memory.policy.digest,
        environment_class="linux-x86_64",
        strategies=default_strategies(),
    )
    run = UnqueuedRun.prepared(
        root / "runs",
        "run-tally",
        asked.to_value(),
        repository_id=REPOSITORY_ID,
        opening=opening,
        store=EvidenceStore(root / "evidence"),
        clock=clock,
        ids=Ids(clock),
        holder=Effector(kind=EffectorKind.SERVICE, id="pid-1@tests"),
    )
    memory.append(run.begun())
    store_id = (await fake.capabilities()).store_id
    kept = Keeping(run, asked, memory, fake, store_id)
    return replace(work(asked), repository_id=REPOSITORY_ID, witness=kept)


def bodies(memory: Memory, kind: type[Any]) -> list[Any]:
    return [fact.body for fact in memory.facts(limit=200) if isinstance(fact.body, kind)]


async def test_what_fails_is_refused_or_is_put_aside_is_kept_once_and_learnt_of(tmp_path: Path, memory: Memory) -> None:
    def mapped(data: bytes) -> Sequence[Step]:
        if b'"item_id":"failing"' in data:
            return [End(exit_code=1, failure_reason_code="TESTS.FAILED")]
        return [End(result=b'{"lines":99}' if b'"item_id":"odd"' in data else b'{"lines":1}')]

    fake = Failing({"refused": untrusted()}, mapped)
    asked = plan("failing", "good", "odd", "refused", quarantined_max=2)
    tally = await keeping(fake, asked, tmp_path, memory)
    with pytest.raises(ShardsFailed):
        await tally.run(fake)
    fake.failures = {}
    for _ in range(2):
        reduced = await tally.run(fake)
        assert reduced.item_ids == ("good", "refused")
        facts = bodies(memory, TaskFact)
        assert Counter((each.task.target.id, each.attempt, each.outcome.status.value) for each in facts) == {
            ("failing", 1, "FAILED"): 1,
            ("good", 1, "SUCCEEDED"): 1,
            ("odd", 1, "SUCCEEDED"): 1,
            ("refused", 1, "DENIED"): 1,
            ("refused", 2, "SUCCEEDED"): 1,
            ("reduce", 1, "SUCCEEDED"): 1,
        }
    denied = [each for each in memory.contributions() if each.admitted_by == "guard_denial"]
    assert [each.task.target_id for each in denied] == ["refused"]
    assert len(memory.recent_failures()) == 1
    aside = bodies(memory, QuarantineFact)
    assert sorted(each.violations[0].place for each in aside) == ["/failing", "/odd"]
    store = EvidenceStore(tmp_path / "evidence")
    assert b'{"lines":99}' in {store.read(each.document.digest) for each in aside}
    outputs = tmp_path / "runs" / "run-tally" / "outputs"
    assert {path.name: path.read_bytes() for path in outputs.iterdir()} == {
        "good.json": b'{"lines":1}',
        "odd.json": b'{"lines":99}',
        "refused.json": b'{"lines":1}',
    }
    (job,) = [each for each in await fake.jobs() if each.skill_id == "json.sum"]
    assert job.labels["dome.repository"] == REPOSITORY_ID
    assert {each.correlation.run_id for each in await fake.jobs() if each.correlation} == {"run-tally"}
    taken = [step async for step in ingested(fake, memory, tmp_path)][-1]
    assert (taken.unplanned, taken.damaged, taken.facts_new) == (0, (), 0)


def ingested(fake: FakeRuntime, memory: Memory, root: Path) -> AsyncGenerator[Ingested, None]:
    return ingest_runtime(
        fake,
        memory,
        evidence=EvidenceStore(root / "evidence"),
        runs_dir=root / "runs",
        repository_id=REPOSITORY_ID,
    )
