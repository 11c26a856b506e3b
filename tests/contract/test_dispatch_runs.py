"""Runs of plans over the fake runtime: refusals, requirements, retries, and what is kept of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dome_client.client import Client
from dome_client.connection import connect
from dome_client.testing import End, FakeRuntime, Hold, Step
from dome_contracts.runtime.v1 import (
    FilesystemEffect,
    NetworkEffect,
    ToolEffects,
    ToolOrigin,
)
from dome_contracts.schema.base import Contract
from dome_contracts.schema.control.event_envelope import EventEnvelope
from dome_contracts.schema.control.spawn_spec import SpawnSpec
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.control.work_queue import BlockReason, EntryStatus, QueueState, WorkQueue
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, Fact
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_spec.binding import Memory
from dome_spec.dispatch import (
    EndKind,
    Interruption,
    KeyTaken,
    OnInterrupt,
    PlanDiffers,
    RuntimePlane,
    group_id,
)
from dome_spec.kernel import read_document
from tests.contract.dispatch_rig import Scene, all_facts, entry, tasks, tool, well
from tests.planned import REPOSITORY_ID, RUN_ID, Wish, planned


def a_plane(plane: RuntimePlane) -> RuntimePlane:
    return plane


def test_the_client_and_the_fake_are_what_dispatch_needs(tmp_path: Path) -> None:
    client: Client = connect(str(tmp_path / "s"), environ={})
    fake = FakeRuntime()
    assert a_plane(client) is client
    assert a_plane(fake) is fake


async def test_everything_that_is_kept_of_a_run_is_a_document_of_its_family(tmp_path: Path, memory: Memory) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    given = planned(
        {
            "a": Wish(addresses="TESTS.FAILED"),
            "b": Wish(addresses="TESTS.FAILED", depends_on=("a",)),
            "c": Wish(skill_id="no.such"),
        }
    )
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
    ({}, "side effects none (there is none)"),
]


@pytest.mark.parametrize(("wish", "told"), REQUIRED)
async def test_what_is_required_and_not_there_is_told_and_nothing_is_asked_for(
    tmp_path: Path, wish: dict[str, Any], told: str
) -> None:
    fake = FakeRuntime([tool(well, effects=None)])
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


async def test_a_tool_that_declares_more_than_its_task_may_do_is_refused_with_what_to_do(
    tmp_path: Path, memory: Memory
) -> None:
    writing = ToolEffects(filesystem=FilesystemEffect.WRITE, network=NetworkEffect.NONE)
    fake = FakeRuntime([tool(well, effects=writing)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    end = await scene.run(given)
    assert entry(end, given, "a").block_reason is BlockReason.REQUIREMENT_MISSING
    assert await fake.jobs() == []
    (result,) = scene.record().all_kept(TaskResult)
    assert "side effects none (there is filesystem write, network none" in (result.message or "")
    assert "Let the tool's manifest declare less, or the task allow more" in (result.message or "")
    (checked,) = [event for event in scene.record().log.events if event.topic == "dispatch.requirements_checked"]
    assert checked.payload["findings"][-1]["requirement"] == "side effects none"
    await scene.ingest(memory)
    fact = tasks(memory, given)["a"]
    assert (fact.outcome.failure_reason_code, fact.outcome.policy_reason_code) == ("NONE", "SCOPE.EFFECTS_TOO_WIDE")


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
