"""What the daemon's audit says of refused requests becomes guard denials, once, whoever died before keeping them."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dome_client.errors import DomeError
from dome_client.testing import FakeRuntime, ScriptedTool
from dome_contracts import ids
from dome_contracts.canonical import digest_bytes
from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.runtime.v1 import (
    Correlation,
    Job,
    ListCapabilitiesResponse,
    ListJobsResponse,
    RefusedRequest,
    Requester,
    SkillExecuteRequest,
)
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, Fact, QuarantineFact, TaskFact
from dome_spec.binding import Appended, Checkpoint, Memory, default_policy, open_memory
from dome_spec.dispatch import Lease
from domed.jobs.idempotency import request_digest
from tests.contract.dispatch_rig import HOLDER, Died, Scene, all_facts, entry, tasks, tool, well
from tests.planned import RUN_ID, Wish, planned


class Audited(FakeRuntime):
    """A daemon that refuses an execution, and keeps that. Who asked may die of it before hearing the answer."""

    def __init__(self, tools: Sequence[ScriptedTool]) -> None:
        super().__init__(tools)
        self.rows: list[RefusedRequest] = []
        self.is_refusing = True
        self.kills = False

    async def capabilities(self) -> ListCapabilitiesResponse:
        return replace(await super().capabilities(), feature_flags=["job.refused"])

    async def execute(self, skill_id: str, tool_input: Any = b"", **options: Any) -> Job:
        if not self.is_refusing:
            return await super().execute(skill_id, tool_input, **options)
        asked = options["correlation"]
        request = SkillExecuteRequest(
            skill_id=skill_id,
            input=tool_input,
            tool_digest=options["tool_digest"],
            constraints=options["constraints"],
            correlation=asked,
        )
        named = request_digest(
            request, input_hash=digest_bytes(tool_input), working_directory=options["working_directory"]
        )
        self.refused(said=asked, request_digest=named)
        if self.kills:
            raise Died
        raise DomeError("It was not approved.", grpc_status=9, reason="TOOL_UNTRUSTED")

    def refused(self, said: Correlation | None = None, **more: Any) -> RefusedRequest:
        told = said or Correlation()
        made = ids.body(time_ms=1_715_938_200_000 + len(self.rows), entropy=bytes(10))
        requester = Requester(client_session_id=told.client_session_id, client_call_id=told.client_call_id)
        row = RefusedRequest(
            refusal_id=ids.refusal_id(made),
            occur_time=datetime(2024, 5, 17, 9, 30, tzinfo=UTC) + timedelta(seconds=len(self.rows)),
            requester=requester,
            skill_id="work.do",
            **{"reason": ErrorReason.TOOL_UNTRUSTED, "method": "SkillExecute", **more},
        )
        self.rows.append(row)
        return row

    async def listing(self, *, include_refused: bool = False, limit: int = 100, **filters: Any) -> ListJobsResponse:
        found = await super().listing(limit=limit, **filters)
        newest_first = self.rows[::-1][:limit] if include_refused else []
        more = "more" if include_refused and len(self.rows) > limit else ""
        return replace(found, refused=newest_first, next_page_token=more)


def denials(facts: Iterable[Fact]) -> list[EvidenceGroupFact]:
    return [fact.body for fact in facts if isinstance(fact.body, EvidenceGroupFact)]


async def a_refusal_that_nobody_kept(scene: Scene, fake: Audited) -> Any:
    """A run whose runner dies as the daemon refuses its only task."""
    given = planned({"a": Wish(addresses="TESTS.FAILED")})
    fake.kills = True
    with pytest.raises(Died):
        await scene.run(given)
    return given


async def test_a_refusal_whose_runner_died_is_a_guard_denial_once_and_stays_one(tmp_path: Path, memory: Memory) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)
    given = await a_refusal_that_nobody_kept(scene, fake)
    taken = await scene.ingest(memory)
    assert (taken.refusals, taken.damaged) == (1, ())
    fact = tasks(memory, given)["a"]
    assert (fact.outcome.failure_reason_code, fact.outcome.policy_reason_code) == ("NONE", "GUARD.DENIED")
    (denial,) = denials(all_facts(memory))
    (event,) = [each for each in scene.record().log.events if each.topic == "dispatch.attempt_refused"]
    assert denial.wrapper.signal == "guard_denial"
    assert (denial.wrapper.lineage.event_id, denial.wrapper.lineage.run_id) == (event.event_id, RUN_ID)
    assert event.payload["refusal_id"] == fake.rows[0].refusal_id
    assert (await scene.ingest(memory)).facts_new == 0
    other = open_memory(None, default_policy())
    try:
        await scene.ingest(other)
        assert other.snapshot_digest() == memory.snapshot_digest()
    finally:
        other.close()
    # Whoever goes on with the run finds the attempt refused, and asks for nothing.
    fake.is_refusing = False
    end = await scene.run(None)
    assert entry(end, given, "a").block_reason == "guard_denied"
    assert (len(fake.rows), await fake.jobs()) == (1, [])
    assert (await scene.ingest(memory)).facts_new == 0


async def test_what_its_runner_has_kept_is_not_taken_in_a_second_time(tmp_path: Path, memory: Memory) -> None:
    scene = Scene(tmp_path, Audited([tool(well)]))
    await scene.run(planned({"a": Wish()}))
    taken = await scene.ingest(memory)
    assert (taken.refusals, taken.refusals_put_aside, len(denials(all_facts(memory)))) == (0, 0, 1)


async def test_who_was_refused_asked_again_and_was_not_was_not_denied(tmp_path: Path, memory: Memory) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)
    given = await a_refusal_that_nobody_kept(scene, fake)
    fake.is_refusing = False
    await scene.run(None)
    taken = await scene.ingest(memory)
    assert taken.refusals == 0
    assert tasks(memory, given)["a"].outcome.status == "SUCCEEDED"


async def test_a_refusal_in_a_run_that_is_being_carried_out_is_left_to_its_holder(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)
    given = await a_refusal_that_nobody_kept(scene, fake)
    with Lease.take(scene.record().directory, RUN_ID, HOLDER, scene.clock):
        assert (await scene.ingest(memory)).refusals == 0
        assert tasks(memory, given) == {}
    assert (await scene.ingest(memory)).refusals == 1
    assert tasks(memory, given)["a"].outcome.status == "DENIED"


async def test_a_row_that_names_an_attempt_and_another_request_is_put_aside_with_its_faults(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)
    given = await a_refusal_that_nobody_kept(scene, fake)
    group = scene.record().queue().entries[given.ids["a"]].attempts[0].group_id
    fake.rows.clear()
    for said, named in (
        (Correlation(client_session_id=RUN_ID, client_call_id=group), f"sha256:{'0' * 64}"),
        (Correlation(client_session_id=RUN_ID, client_call_id="sha256:of-nothing"), ""),
    ):
        fake.refused(said, request_digest=named)
    taken = await scene.ingest(memory)
    assert (taken.refusals, taken.refusals_put_aside) == (0, 2)
    aside = [fact.body for fact in memory.quarantined()]
    assert {each.cause.value for each in aside if isinstance(each, QuarantineFact)} == {"lineage_invalid"}
    told = {each.message for body in aside if isinstance(body, QuarantineFact) for each in body.violations}
    assert "the run has no such attempt" in told
    assert "what was refused is another request than that of the attempt" in told
    assert b'"signal":"guard_denial"' in scene.store.read(aside[0].document.digest)  # type: ignore[union-attr]
    assert denials(all_facts(memory)) == []
    again = await scene.ingest(memory)
    assert (again.refusals_put_aside, again.facts_new) == (0, 0)


NOBODYS: list[dict[str, Any]] = [
    {},
    {"said": Correlation(client_session_id="an agent's session", client_call_id="7")},
    {"said": Correlation(client_session_id="run-of-another-repository", client_call_id="sha256:x")},
    {"said": Correlation(client_session_id=RUN_ID, client_call_id="x"), "method": "GetTool"},
    {"said": Correlation(client_session_id=RUN_ID, client_call_id="x"), "reason": ErrorReason.LOCK_CONFLICT},
]


async def test_looking_what_is_busy_and_the_requests_of_others_deny_nothing_here(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)
    fake.is_refusing = False
    await scene.run(planned({"a": Wish()}))
    for row in NOBODYS:
        fake.refused(**row)
    taken = await scene.ingest(memory)
    assert (taken.refusals, taken.refusals_put_aside, memory.quarantined()) == (0, 0, ())


async def test_a_damaged_run_holds_its_rows_back_and_those_of_others_are_taken_in(
    tmp_path: Path, memory: Memory
) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)
    fake.kills = True
    for name in "ab":
        with pytest.raises(Died):
            await scene.run(planned({name: Wish()}), run_id=f"run-{name}")
    queue = scene.record("run-a").directory / "queue.json"
    whole = queue.read_bytes()
    queue.write_bytes(b"{")
    taken = await scene.ingest(memory)
    assert (taken.refusals, [each.run_id for each in taken.damaged]) == (1, ["run-a"])
    queue.write_bytes(whole)
    taken = await scene.ingest(memory)
    assert (taken.refusals, taken.damaged) == (1, ())
    assert {fact.body.run_id for fact in all_facts(memory) if isinstance(fact.body, TaskFact)} == {"run-a", "run-b"}


class Mortal:
    """A memory whose process dies at an append, as often as it is told to."""

    def __init__(self, memory: Memory, *, life: int) -> None:
        self._memory = memory
        self._left = life

    def __getattr__(self, name: str) -> Any:
        return getattr(self._memory, name)

    def append(self, facts: Iterable[Fact], *, checkpoint: Checkpoint | None = None) -> Appended:
        self._left -= 1
        if self._left == 0:
            raise Died
        return self._memory.append(facts, checkpoint=checkpoint)


async def test_an_ingestion_that_dies_at_any_append_loses_no_refusal_and_doubles_none(tmp_path: Path) -> None:
    fake = Audited([tool(well)])
    digests, deaths = set(), 0
    for life in range(1, 10):
        fake.rows.clear()
        scene = Scene(tmp_path / str(life), fake)
        given = await a_refusal_that_nobody_kept(scene, fake)
        memory: Any = open_memory(None, default_policy())
        try:
            try:
                await scene.ingest(Mortal(memory, life=life))
            except Died:
                deaths += 1
            await scene.ingest(memory)
            assert len(denials(all_facts(memory))) == 1
            assert tasks(memory, given)["a"].outcome.status == "DENIED"
            digests.add(memory.snapshot_digest())
        finally:
            memory.close()
        if deaths < life:
            break
    assert deaths >= 2


async def test_rows_beyond_a_page_and_beyond_the_checkpoint_are_each_read_once(tmp_path: Path, memory: Memory) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)
    given = await a_refusal_that_nobody_kept(scene, fake)
    for _ in range(450):
        fake.refused()
    assert (await scene.ingest(memory)).refusals == 1
    asked: list[int] = []
    plain = fake.listing

    async def counted(*, limit: int = 100, include_refused: bool = False, **options: Any) -> ListJobsResponse:
        asked.extend([limit] if include_refused else [])
        return await plain(limit=limit, include_refused=include_refused, **options)

    fake.listing = counted  # type: ignore[method-assign]
    await scene.ingest(memory)
    assert asked == [200]
    assert tasks(memory, given)["a"].outcome.status == "DENIED"


async def test_following_reads_the_audit_as_changes_come(tmp_path: Path, memory: Memory) -> None:
    fake = Audited([tool(well)])
    scene = Scene(tmp_path, fake)

    async with aclosing(scene.ingesting(memory, follow=True)) as following, asyncio.timeout(10):
        async for taken in following:
            if fake.is_refusing:
                await a_refusal_that_nobody_kept(scene, fake)
                fake.is_refusing = False
                await scene.run(planned({"b": Wish(addresses="TESTS.FAILED")}), run_id="run-b")
            if taken.refusals and taken.jobs:
                break
    assert len(denials(all_facts(memory))) == 2
