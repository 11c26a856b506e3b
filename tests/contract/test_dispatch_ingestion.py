"""What ingestion makes of runs over the fake runtime: evidence, checkpoints, gaps."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from dome_client.errors import DomeError
from dome_client.testing import End, FakeRuntime, Hold, Produce, Say, ScriptedTool, Step
from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.runtime.v1 import (
    JobEvent,
)
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import GapFact, RunFact, TaskFact
from dome_contracts.schema.runtime.run_manifest import RunManifest
from dome_contracts.schema.shared.definitions import EvidenceKind, EvidenceRef
from dome_spec.binding import Memory, default_policy, open_memory
from dome_spec.dispatch import (
    Ingested,
)
from dome_spec.dispatch.job.output import FIRST_PART, LOG_BYTES_MAX, WHOLE, events_of, head_of_record
from tests.contract.dispatch_rig import Scene, all_facts, tasks, tool, well
from tests.planned import REPOSITORY_ID, Wish, planned


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


def printing(text: bytes) -> Sequence[Step]:
    return [Say(text), End(result=b"{}")]


def logged(scene: Scene) -> tuple[EvidenceCapsule, list[EvidenceRef]]:
    """The sealed evidence of the only attempt, and what of it is its output."""
    (capsule,) = scene.record().all_kept(EvidenceCapsule)
    return capsule, [each.evidence for each in capsule.members if each.kind is EvidenceKind.BUILD_LOG]


async def test_the_head_of_the_chain_is_still_to_be_computed_when_the_daemon_has_removed_the_output(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Forgetful([tool(lambda _: printing(b"compiling\n" * 40))])
    scene = Scene(tmp_path, fake)
    await scene.run(planned({"a": Wish()}))
    fake.is_forgetting = True
    await scene.ingest(memory)
    capsule, (log,) = logged(scene)
    record = scene.store.read(log.digest)
    assert log.media_type == WHOLE
    assert record.count(b"compiling\n") == 40
    manifest = RunManifest.from_value(json.loads(scene.store.read(capsule.run_manifest or "")))
    assert head_of_record(record, capsule.job_id or "") == manifest.chain_head
    assert head_of_record(record.replace(b"compiling", b"compelled"), capsule.job_id or "") != manifest.chain_head


async def test_of_more_output_than_is_kept_the_first_part_is_and_no_more_is_read(
    tmp_path: Path, memory: Memory
) -> None:
    line = b"x" * 1023 + b"\n"
    pages = LOG_BYTES_MAX // len(line) // 512 + 4
    fake = Forgetful([tool(lambda _: [*[Say(line * 512)] * pages, End(result=b"{}")])])
    scene = Scene(tmp_path, fake)
    await scene.run(planned({"a": Wish()}))
    await scene.ingest(memory)
    _, (log,) = logged(scene)
    kept = list(events_of(scene.store.read(log.digest)))
    assert log.media_type == FIRST_PART
    assert len(kept) < fake.told < pages + 2
    assert sum(map(len, kept)) <= LOG_BYTES_MAX


async def test_output_that_does_not_give_the_head_of_its_chain_shows_nothing(tmp_path: Path, memory: Memory) -> None:
    fake = Forgetful([tool(lambda _: printing(b"compiling\n"))])
    fake.is_lying = True
    scene = Scene(tmp_path, fake)
    await scene.run(planned({"a": Wish()}))
    await scene.ingest(memory)
    assert logged(scene)[1] == []


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


class Forgetful(FakeRuntime):
    """A daemon that has removed the output of its jobs, and its older changes."""

    def __init__(self, tools: Sequence[ScriptedTool]) -> None:
        super().__init__(tools)
        self.is_forgetting = False
        self.is_lying = False
        self.told = 0

    async def stored_events(self, job_id: str, *, since_seq: int = 0) -> AsyncGenerator[bytes, None]:
        if self.is_forgetting:
            raise gone(requested=str(since_seq), oldest="99", latest="99")
        async with aclosing(super().stored_events(job_id, since_seq=since_seq)) as events:
            async for event in events:
                self.told += 1
                yield event.replace(b"compiling", b"compelled") if self.is_lying else event

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


async def test_a_known_fact_that_now_says_something_else_is_told_and_what_was_kept_first_stays(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Forgetful([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    await scene.run(given)
    assert (await scene.ingest(memory)).facts_differing == 0
    ended = tasks(memory, given)["a"].end_time
    (path,) = (scene.record().directory / "task_results").iterdir()
    path.write_text(path.read_text().replace(ended, "2031-01-01T00:00:00Z"))
    await scene.run(planned({"b": Wish()}), run_id="run-2")
    fake.is_forgetting = True  # so that every job is listed once more
    assert (await scene.ingest(memory)).facts_differing > 0
    told = [fact.body for fact in all_facts(memory) if isinstance(fact.body, TaskFact)]
    assert ended in {each.end_time for each in told if each.task_id == given.ids["a"]}
