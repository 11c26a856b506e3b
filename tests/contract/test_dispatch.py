"""Runs of plans over the fake runtime: refusals, requirements, retries, evidence, and what ingestion makes of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dome_client.client import Client
from dome_client.connection import connect
from dome_client.errors import DaemonUnreachable, DomeError
from dome_client.testing import End, FakeRuntime, Hold, Produce, Report, ScriptedTool, Step
from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.runtime.v1 import Job, JobEvent, ListCapabilitiesResponse, ToolDescriptor, ToolOrigin
from dome_contracts.schema.base import Contract
from dome_contracts.schema.control.event_envelope import EventEnvelope
from dome_contracts.schema.control.spawn_spec import SpawnSpec
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.control.work_queue import BlockReason, EntryStatus, QueueState, WorkQueue
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, Fact, GapFact, RunFact, TaskFact
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, EvidenceKind, FallbackMode
from dome_spec.binding import EvidenceStore, Memory, default_policy, open_memory
from dome_spec.dispatch import (
    DispatchPolicy,
    EndKind,
    Ingested,
    Interruption,
    KeyTaken,
    Listener,
    OnInterrupt,
    Opening,
    PlanDiffers,
    RunEnd,
    Runner,
    RunRecord,
    RuntimePlane,
    Silent,
    group_id,
    ingest_runtime,
    open_run,
)
from dome_spec.kernel import Ids, read_document
from dome_spec.planning import default_strategies
from tests.planned import NO_DIGEST, REPOSITORY_ID, RUN_ID, Planned, Wish, planned

HOLDER = Effector(kind=EffectorKind.SERVICE, id="pid-1@tests")
SOON = {"retry": {"backoff_s": 0, "backoff_s_max": 0, "retried": ["TESTS.HUNG"], "lost_daemon_s": 1}}


def a_plane(plane: RuntimePlane) -> RuntimePlane:
    return plane


def test_the_client_and_the_fake_are_what_dispatch_needs(tmp_path: Path) -> None:
    client: Client = connect(str(tmp_path / "s"), environ={})
    fake = FakeRuntime()
    assert a_plane(client) is client
    assert a_plane(fake) is fake


@dataclass
class Ticking:
    """A clock that goes on by a millisecond whenever it is read."""

    at: datetime = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Scene:
    """A repository in a directory of the test, and a daemon."""

    root: Path
    plane: Any
    clock: Ticking = field(default_factory=Ticking)
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, lambda count: bytes(count))
        self.store = EvidenceStore(self.root / "evidence")
        self.runs_dir = self.root / "runs"

    def opening(self) -> Opening:
        strategies = default_strategies().to_value()
        document = strategies | {"retry": strategies["retry"] | SOON["retry"]}
        return Opening(
            working_directory="/work",
            fallback_mode=FallbackMode.STRICT,
            binder_policy=NO_DIGEST,
            environment_class="linux-x86_64-python3.11",
            strategies=read_document(type(default_strategies()), document),
        )

    async def run(
        self,
        given: Planned | None,
        *,
        interruption: Interruption | None = None,
        run_id: str = RUN_ID,
        listener: Listener | None = None,
    ) -> RunEnd:
        opened = open_run(
            self.runs_dir,
            run_id,
            plan=given.plan if given is not None else None,
            opening=self.opening() if given is not None else None,
            holder=HOLDER,
            clock=self.clock,
            ids=self.ids,
        )
        with opened as held:
            runner = Runner(
                opened=held,
                plane=self.plane,
                store=self.store,
                policy=DispatchPolicy.of(held.opening.strategies),
                listener=listener or Silent(),
                clock=self.clock,
                ids=self.ids,
                holder=HOLDER,
            )
            return await runner.carry_out(interruption or Interruption())

    async def ingest(self, memory: Memory, *, plane: Any = None) -> Ingested:
        async with aclosing(self.ingesting(memory, plane=plane)) as steps:
            return [taken async for taken in steps][-1]

    def ingesting(self, memory: Memory, *, plane: Any = None, follow: bool = False) -> AsyncGenerator[Ingested, None]:
        return ingest_runtime(
            plane or self.plane,
            memory,
            evidence=self.store,
            runs_dir=self.runs_dir,
            repository_id=REPOSITORY_ID,
            follow=follow,
        )

    def record(self, run_id: str = RUN_ID) -> RunRecord:
        return RunRecord.find(self.runs_dir, run_id)


@pytest.fixture
def memory() -> Iterator[Memory]:
    opened = open_memory(None, default_policy())
    yield opened
    opened.close()


def entry(end: RunEnd, given: Planned, name: str) -> Any:
    return end.queue.entries[given.ids[name]]


def tool(script: Callable[[bytes], Sequence[Step]], tool_id: str = "work.do", **more: Any) -> ScriptedTool:
    return ScriptedTool(tool_id, script, **more)


def well(_: bytes) -> Sequence[Step]:
    return [Report("half", done=1, total=2), End(result=b'{"ok":true}')]


def all_facts(memory: Memory) -> tuple[Fact, ...]:
    return memory.facts(limit=200)


def tasks(memory: Memory, given: Planned) -> Mapping[str, TaskFact]:
    bodies = [fact.body for fact in all_facts(memory) if isinstance(fact.body, TaskFact)]
    return {given.names[body.task_id]: body for body in bodies}


async def test_everything_that_is_kept_of_a_run_is_a_document_of_its_family(tmp_path: Path, memory: Memory) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    given = planned({"a": Wish(), "b": Wish(depends_on=("a",)), "c": Wish(skill_id="no.such")})
    end = await scene.run(given)
    await scene.ingest(memory)
    assert end.kind is EndKind.OVER
    folder = scene.record().directory
    families: dict[str, type[Contract]] = {
        "spawn_specs": SpawnSpec,
        "task_results": TaskResult,
        "wrappers": WrapperEnvelope,
        "evidence_capsules": EvidenceCapsule,
    }
    for name, model in families.items():
        documents = [read_document(model, path.read_bytes()) for path in (folder / name).iterdir()]
        assert len(documents) == (2 if name == "spawn_specs" else 3)
    assert read_document(WorkQueue, (folder / "queue.json").read_bytes()) == end.queue
    events = [read_document(EventEnvelope, line) for line in (folder / "events.jsonl").read_bytes().splitlines()]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    for fact in all_facts(memory):
        assert read_document(Fact, fact.to_value()) == fact


async def test_a_refusal_sets_the_policy_reason_alone_and_is_wrapped_with_its_lineage(
    tmp_path: Path, memory: Memory
) -> None:
    untrusted = tool(well, "mine.do", origin=ToolOrigin.PROJECT)
    scene = Scene(tmp_path, FakeRuntime([untrusted]))
    given = planned({"a": Wish(skill_id="mine.do", addresses="TESTS.FAILED")})
    end = await scene.run(given)
    assert entry(end, given, "a").block_reason is BlockReason.GUARD_DENIED
    await scene.ingest(memory)
    fact = tasks(memory, given)["a"]
    assert (fact.outcome.failure_reason_code, fact.outcome.policy_reason_code) == ("NONE", "GUARD.DENIED")
    assert fact.task.failure_reason_code == "TESTS.FAILED"
    (wrapper,) = [each.body.wrapper for each in all_facts(memory) if isinstance(each.body, EvidenceGroupFact)]
    refused = next(event for event in scene.record().log.events if event.topic == "dispatch.attempt_refused")
    assert wrapper.signal == "guard_denial"
    assert (wrapper.lineage.event_id, wrapper.lineage.sequence) == (refused.event_id, refused.sequence)
    said = scene.store.read(wrapper.evidence[0].digest)
    assert b"TOOL_UNTRUSTED" in said
    result = scene.record().kept(TaskResult, fact.group_id)
    assert result is not None
    assert result.rpc_reason == "TOOL_UNTRUSTED"


REQUIRED: list[tuple[dict[str, Any], str]] = [
    ({"version_range": ">=2.0.0"}, "skill work.do >=2.0.0 (there is work.do 1.0.0)"),
    ({"requires": {"capabilities": ["gpu"]}}, "capability gpu (there is none)"),
    (
        {"requires": {"effects": {"filesystem": "none", "network": "none", "starts_processes": False}}},
        "effects filesystem none, network none, starts no processes (there is none)",
    ),
]


@pytest.mark.parametrize(("wish", "told"), REQUIRED)
async def test_what_is_required_and_not_there_is_told_and_nothing_is_asked_for(
    tmp_path: Path, wish: dict[str, Any], told: str
) -> None:
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish(**wish), "b": Wish(depends_on=("a",))})
    end = await scene.run(given)
    assert entry(end, given, "a").block_reason is BlockReason.REQUIREMENT_MISSING
    assert entry(end, given, "b").block_reason is BlockReason.DEPENDENCY_FAILED
    assert await fake.jobs() == []
    (result,) = scene.record().all_kept(TaskResult)
    assert told in (result.message or "")
    (checked,) = [event for event in scene.record().log.events if event.topic == "dispatch.requirements_checked"]
    assert checked.payload["met"] is False


async def test_a_failure_that_the_strategies_name_is_tried_again_with_a_key_of_its_own(tmp_path: Path) -> None:
    outcomes = iter([End(exit_code=1, failure_reason_code="TESTS.HUNG"), End()])
    fake = FakeRuntime([tool(lambda _: [next(outcomes)])])
    given = planned({"a": Wish()})
    end = await Scene(tmp_path, fake).run(given)
    assert entry(end, given, "a").status is EntryStatus.DONE
    keys = {job.idempotency_key for job in await fake.jobs()}
    assert keys == {group_id(RUN_ID, given.ids["a"], number) for number in (1, 2)}


async def test_the_job_has_the_identities_the_pin_and_the_label_of_its_task(tmp_path: Path) -> None:
    fake = FakeRuntime([tool(well)])
    given = planned({"a": Wish()})
    await Scene(tmp_path, fake).run(given)
    (job,) = await fake.jobs()
    correlation = job.correlation
    assert correlation is not None
    expected = (RUN_ID, given.ids["a"], group_id(RUN_ID, given.ids["a"], 1))
    assert (correlation.run_id, correlation.task_id, correlation.group_id) == expected
    assert job.labels == {"dome.repository": REPOSITORY_ID}
    assert job.working_directory == "/work"


async def test_evidence_is_copied_and_found_under_its_digest(tmp_path: Path, memory: Memory) -> None:
    steps: list[Step] = [Produce("change.diff", b"-a\n+b\n", "text/x-diff"), End(result=b'{"ok":true}')]
    scene = Scene(tmp_path, FakeRuntime([tool(lambda _: steps)]))
    given = planned({"a": Wish()})
    await scene.run(given)
    await scene.ingest(memory)
    (capsule,) = scene.record().all_kept(EvidenceCapsule)
    kinds = {member.kind: member.evidence.digest for member in capsule.members}
    assert set(kinds) == {EvidenceKind.DIFF, EvidenceKind.RESULT, EvidenceKind.PROVENANCE}
    assert scene.store.read(kinds[EvidenceKind.DIFF]) == b"-a\n+b\n"
    assert scene.store.read(kinds[EvidenceKind.RESULT]) == b'{"ok":true}'
    assert capsule.run_manifest == kinds[EvidenceKind.PROVENANCE]
    (fact,) = tasks(memory, given).values()
    assert fact.evidence_capsule == digest(capsule.to_value())
    assert scene.store.has(fact.evidence_capsule)


async def test_what_is_ingested_again_by_whomever_is_the_same(tmp_path: Path, memory: Memory) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    await scene.run(planned({"a": Wish(), "b": Wish(depends_on=("a",))}))
    first = await scene.ingest(memory)
    assert (first.jobs, first.facts_known) == (2, 0)
    facts = all_facts(memory)
    assert [type(fact.body) for fact in facts].count(RunFact) == 1
    again = await scene.ingest(memory)
    assert again.facts_new == 0
    assert again.revision == first.revision or again.jobs == 0
    other = open_memory(None, default_policy())
    try:
        await scene.ingest(other)
        assert [canonical_bytes(fact.to_value()) for fact in all_facts(other)] == [
            canonical_bytes(fact.to_value()) for fact in facts
        ]
    finally:
        other.close()


async def test_only_what_follows_the_checkpoint_is_read_again(tmp_path: Path, memory: Memory) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    await scene.run(planned({"a": Wish()}), run_id="run-1")
    await scene.ingest(memory)
    await scene.run(planned({"b": Wish()}), run_id="run-2")
    second = await scene.ingest(memory)
    assert second.jobs == 1
    assert await scene.ingest(memory) == Ingested(facts_known=2)


async def test_jobs_of_nobody_are_counted_and_those_of_other_repositories_are_not_seen(
    tmp_path: Path, memory: Memory
) -> None:
    fake = FakeRuntime([tool(well)])
    await fake.execute("work.do", {}, labels={"dome.repository": REPOSITORY_ID})
    await fake.execute("work.do", {}, labels={"dome.repository": "repo-of-others"})
    await fake.execute("work.do", {})
    taken = await Scene(tmp_path, fake).ingest(memory)
    assert (taken.jobs, taken.unplanned, taken.facts_new) == (0, 1, 0)
    # The same of those that come after the checkpoint.
    await fake.execute("work.do", {}, labels={"dome.repository": "repo-of-others"})
    await fake.execute("work.do", {})
    taken = await Scene(tmp_path, fake).ingest(memory)
    assert (taken.jobs, taken.unplanned, taken.facts_new) == (0, 0, 0)


async def test_following_takes_in_what_ends_later(tmp_path: Path, memory: Memory) -> None:
    fake = FakeRuntime([tool(lambda _: [Hold(), End()])])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    running = asyncio.create_task(scene.run(given))
    async with aclosing(fake.watch()) as changes:
        job_id = (await anext(changes)).job.job_id  # type: ignore[union-attr]
    async with aclosing(scene.ingesting(memory, follow=True)) as steps, asyncio.timeout(10):
        async for taken in steps:
            if taken.revision and not taken.jobs:
                fake.release(job_id)
            if taken.jobs:
                break
    await running
    assert tasks(memory, given)["a"].outcome.status == "SUCCEEDED"


class Died(Exception):
    """As a process that is killed: nothing is put in order."""


class Dying(Silent):
    """Dies as soon as a change is kept for the so-many-th time."""

    def __init__(self, life: int) -> None:
        self._left = life

    def queue_changed(self, queue: WorkQueue) -> None:
        self._left -= 1
        if self._left == 0:
            raise Died


class Forgetful(FakeRuntime):
    """A daemon that has removed the output of its jobs, and its older changes."""

    def __init__(self, tools: Sequence[ScriptedTool]) -> None:
        super().__init__(tools)
        self.is_forgetting = False

    async def events(self, job_id: str, *, since_seq: int = 0, follow: bool = True) -> AsyncGenerator[JobEvent, None]:
        last = (await self.status(job_id)).last_seq
        if self.is_forgetting and since_seq < last - 1:
            raise gone(requested=str(since_seq), oldest=str(last), latest=str(last))
        async with aclosing(super().events(job_id, since_seq=since_seq, follow=follow)) as events:
            async for event in events:
                yield event

    def watch(self, *, since_revision: int = 0, **filters: Any) -> Any:
        if self.is_forgetting and since_revision:
            raise gone(requested=str(since_revision), oldest="99", latest="99")
        return super().watch(since_revision=since_revision, **filters)


def gone(**metadata: str) -> DomeError:
    return DomeError("gone", grpc_status=11, reason="EVENTS_GONE", metadata=metadata)


async def test_events_that_are_gone_become_a_gap_and_changes_that_are_gone_are_listed(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Forgetful([tool(well)])
    scene = Scene(tmp_path, fake)
    await scene.run(planned({"a": Wish()}), run_id="run-1")
    await scene.ingest(memory)
    given = planned({"b": Wish()})
    await scene.run(given, run_id="run-2")
    fake.is_forgetting = True
    taken = await scene.ingest(memory)
    assert taken.gaps == 2
    gaps = [fact.body for fact in all_facts(memory) if isinstance(fact.body, GapFact)]
    assert {gap.cause for gap in gaps} == {"events_gone"}
    ended = [fact.body.task_id for fact in all_facts(memory) if isinstance(fact.body, TaskFact)]
    assert given.ids["b"] in ended


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


async def test_of_what_was_cancelled_nothing_is_learnt(tmp_path: Path, memory: Memory) -> None:
    interruption = Interruption(OnInterrupt.CANCEL)

    def script(_: bytes) -> Sequence[Step]:
        interruption.asked.set()
        return [Hold()]

    scene = Scene(tmp_path, FakeRuntime([tool(script)]))
    given = planned({"a": Wish(), "b": Wish(depends_on=("a",))})
    end = await scene.run(given, interruption=interruption)
    assert (end.kind, end.queue.state) == (EndKind.CANCELED, QueueState.ABANDONED)
    await scene.ingest(memory)
    assert [fact for fact in all_facts(memory) if isinstance(fact.body, EvidenceGroupFact)] == []
    assert tasks(memory, given)["a"].outcome.status == "CANCELED"


async def test_a_run_is_not_gone_on_with_under_another_plan(tmp_path: Path) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    await scene.run(planned({"a": Wish()}))
    with pytest.raises(PlanDiffers):
        await scene.run(planned({"b": Wish()}))


async def test_a_key_that_belongs_to_another_request_is_told_and_not_taken_for_the_task(tmp_path: Path) -> None:
    fake = FakeRuntime([tool(well)])
    given = planned({"a": Wish()})
    await fake.execute("work.do", {"other": 1}, idempotency_key=group_id(RUN_ID, given.ids["a"], 1))
    with pytest.raises(KeyTaken):
        await Scene(tmp_path, fake).run(given)


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


PROOFS = [
    (End(), "SUCCEEDED", "NONE", "task_succeeded"),
    (End(exit_code=1, failure_reason_code="TESTS.FAILED"), "FAILED", "TESTS.FAILED", "task_failed"),
]


@pytest.mark.parametrize(("proof", "status", "code", "signal"), PROOFS)
async def test_what_is_learnt_of_an_answer_is_what_its_proof_found(
    tmp_path: Path, memory: Memory, proof: End, status: str, code: str, signal: str
) -> None:
    fake = FakeRuntime([tool(well), tool(lambda _: [proof], "prove.it")])
    scene = Scene(tmp_path, fake)
    answer = Wish(layer="transform", addresses="TESTS.FAILED")
    given = planned({"mend": answer, "proof": Wish(skill_id="prove.it", depends_on=("mend",), proves="mend")})
    await scene.run(given)
    await scene.ingest(memory)
    mended = tasks(memory, given)["mend"]
    assert (mended.outcome.status, mended.outcome.failure_reason_code) == (status, code)
    wrappers = [fact.body.wrapper for fact in all_facts(memory) if isinstance(fact.body, EvidenceGroupFact)]
    (wrapper,) = [each for each in wrappers if each.task_id == given.ids["mend"]]
    assert wrapper.signal == signal
    result = scene.record().kept(TaskResult, mended.group_id)
    assert result is not None
    assert result.outcome.status == "SUCCEEDED"
    other = open_memory(None, default_policy())
    try:
        await scene.ingest(other)
        assert other.snapshot_digest() == memory.snapshot_digest()
    finally:
        other.close()


async def test_a_worker_whose_word_nobody_proved_teaches_nothing(tmp_path: Path, memory: Memory) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    given = planned({"mend": Wish(), "proof": Wish(skill_id="no.such", depends_on=("mend",), proves="mend")})
    await scene.run(given)
    await scene.ingest(memory)
    assert set(tasks(memory, given)) == {"proof"}


async def test_an_ingestion_that_dies_after_any_job_is_finished_by_the_next_one(tmp_path: Path) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    await scene.run(planned({name: Wish() for name in "abc"}))
    digests = set()
    for life in range(1, 7):
        reading = open_memory(tmp_path / f"{life}.sqlite", default_policy())
        try:
            async with aclosing(scene.ingesting(reading)) as steps:
                for _ in range(life):
                    if await anext(steps, None) is None:
                        break
            await scene.ingest(reading)
            digests.add(reading.snapshot_digest())
            assert reading.verify().holds
        finally:
            reading.close()
    assert len(digests) == 1
