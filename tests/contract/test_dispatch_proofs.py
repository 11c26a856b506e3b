"""What is learnt of an answer that another task is to prove."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dome_client.testing import End, FakeRuntime, Hold, Step
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact
from dome_contracts.schema.shared.definitions import EvidenceKind
from dome_spec.binding import Memory, default_policy, open_memory
from dome_spec.dispatch import Interruption, OnInterrupt
from tests.contract.dispatch_rig import Scene, all_facts, tasks, tool, well
from tests.planned import RUN_ID, Wish, planned

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


UNPROVEN = [
    ("no.such", None, "not_executed"),
    ("prove.it", OnInterrupt.CANCEL, "inconclusive"),
]


@pytest.mark.parametrize(("prover", "interrupted", "state"), UNPROVEN)
async def test_a_worker_whose_word_nobody_proved_leaves_a_fact_that_says_so_and_teaches_nothing(
    tmp_path: Path, memory: Memory, prover: str, interrupted: OnInterrupt | None, state: str
) -> None:
    interruption = Interruption(interrupted or OnInterrupt.DETACH)

    def proof(_: bytes) -> Sequence[Step]:
        interruption.asked.set()
        return [Hold()]

    scene = Scene(tmp_path, FakeRuntime([tool(well), tool(proof, "prove.it")]))
    answer = Wish(layer="transform", addresses="TESTS.FAILED")
    given = planned({"mend": answer, "proof": Wish(skill_id=prover, depends_on=("mend",), proves="mend")})
    await scene.run(given, interruption=interruption)
    await scene.ingest(memory)
    mended = tasks(memory, given)["mend"]
    assert (mended.outcome.status, mended.proof) == ("SUCCEEDED", state)
    assert scene.store.has(mended.evidence_capsule or "")
    wrapped = [fact.body.wrapper for fact in all_facts(memory) if isinstance(fact.body, EvidenceGroupFact)]
    assert given.ids["mend"] not in {each.task_id for each in wrapped}
    assert given.ids["mend"] not in {each.task_id for each in memory.contributions()}
    summary = memory.run(RUN_ID)
    assert summary is not None
    assert dict(summary.status_counts)["UNPROVEN"] == 1
    (kept,) = [each for each in scene.record().all_kept(EvidenceCapsule) if each.task_id == given.ids["mend"]]
    assert EvidenceKind.PROVENANCE in {member.kind for member in kept.members}
    digest = memory.snapshot_digest()
    assert (await scene.ingest(memory)).facts_new == 0
    assert (memory.snapshot_digest(), memory.verify().holds) == (digest, True)


async def test_nothing_is_said_of_an_answer_while_its_proof_may_still_run(tmp_path: Path, memory: Memory) -> None:
    interruption = Interruption()

    def proof(_: bytes) -> Sequence[Step]:
        interruption.asked.set()
        return [Hold(), End()]

    fake = FakeRuntime([tool(well), tool(proof, "prove.it")])
    scene = Scene(tmp_path, fake)
    given = planned({"mend": Wish(), "proof": Wish(skill_id="prove.it", depends_on=("mend",), proves="mend")})
    await scene.run(given, interruption=interruption)
    await scene.ingest(memory)
    assert tasks(memory, given) == {}
    fake.release((await fake.jobs())[0].job_id)
    await scene.run(None)
    await scene.ingest(memory)
    assert {name: (each.outcome.status, each.proof) for name, each in tasks(memory, given).items()} == {
        "mend": ("SUCCEEDED", None),
        "proof": ("SUCCEEDED", None),
    }
