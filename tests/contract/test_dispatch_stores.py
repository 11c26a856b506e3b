"""Jobs whose store was replaced before anybody took them in: nothing of them is lost, and nothing counts twice."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dome_client.testing import End, FakeRuntime, Produce, ScriptedTool, Step
from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.knowledge.fact import GapFact
from dome_spec.binding import Memory, default_policy, open_memory
from tests.contract.dispatch_rig import Died, Dying, Scene, all_facts, tool
from tests.contract.test_dispatch_deaths import Elsewhere
from tests.planned import RUN_ID, Planned, Wish, planned

MENDED = {
    "mend": Wish(layer="transform", addresses="TESTS.FAILED"),
    "proof": Wish(skill_id="prove.it", depends_on=("mend",), proves="mend"),
}


def tools(proof: End) -> Sequence[ScriptedTool]:
    def work(_: bytes) -> Sequence[Step]:
        return [Produce("change.diff", b"-a\n+b\n", "text/x-diff"), End(result=b'{"ok":true}')]

    return [tool(work), tool(lambda _: [proof], "prove.it")]


def said(memory: Memory) -> list[bytes]:
    """Every fact but gaps."""
    return [canonical_bytes(each.to_value()) for each in all_facts(memory) if not isinstance(each.body, GapFact)]


def gaps(memory: Memory) -> list[tuple[str, str]]:
    return [(each.body.cause.value, each.body.job_id) for each in all_facts(memory) if isinstance(each.body, GapFact)]


@pytest.fixture
def other() -> Iterator[Memory]:
    with closing(open_memory(None, default_policy())) as opened:
        yield opened


@pytest.mark.parametrize(
    ("proof", "status"),
    [(End(), "SUCCEEDED"), (End(exit_code=1, failure_reason_code="TESTS.FAILED"), "FAILED")],
)
async def test_an_answer_of_a_store_that_is_gone_is_learnt_of_by_its_proof_in_the_next_one(
    tmp_path: Path, memory: Memory, proof: End, status: str
) -> None:
    given = planned(MENDED)
    scene = Scene(tmp_path, FakeRuntime(tools(proof)))
    with pytest.raises(Died):  # as soon as the answer is done
        await scene.run(given, listener=Dying(3))
    scene.plane = Elsewhere(tools(proof))
    await scene.run(None)
    await scene.run(planned({"a": Wish()}), run_id="run-beside")
    taken = await scene.ingest(memory)
    assert (taken.damaged, taken.gaps) == ((), 1)
    assert {name: each.outcome.status.value for name, each in tasks_of(memory, given).items()} == {
        "mend": status,
        "proof": status,
    }
    (gap,) = gaps(memory)
    assert gap == ("store_replaced", scene.record().queue().entries[given.ids["mend"]].attempts[0].job_id)
    assert memory.run("run-beside") is not None
    digest = memory.snapshot_digest()
    assert (await scene.ingest(memory)).facts_new == 0
    assert (memory.snapshot_digest(), memory.verify().holds) == (digest, True)


@pytest.mark.parametrize("was_taken_in", [False, True], ids=["not taken in before", "taken in before"])
async def test_jobs_of_a_store_that_was_replaced_are_known_from_their_run_as_they_would_be_from_the_store(
    tmp_path: Path, memory: Memory, other: Memory, *, was_taken_in: bool
) -> None:
    scene = Scene(tmp_path, FakeRuntime(tools(End())))
    given = planned({**MENDED, "alone": Wish()})
    await scene.run(given)
    await scene.ingest(other)
    if was_taken_in:
        await scene.ingest(memory)
    taken = await scene.ingest(memory, plane=Elsewhere([]))
    assert said(memory) == said(other)
    assert len(gaps(memory)) == (0 if was_taken_in else 3)
    assert (taken.jobs, taken.gaps) == ((0, 0) if was_taken_in else (3, 3))
    assert (await scene.ingest(memory, plane=Elsewhere([]))).facts_new == 0
    assert (await scene.ingest(memory)).facts_new == 0, "the old store is back"


def tasks_of(memory: Memory, given: Planned) -> Any:
    return {name: each for name, each in _by_name(memory, given) if each.run_id == RUN_ID}


def _by_name(memory: Memory, given: Planned) -> Iterator[tuple[str, Any]]:
    for fact in all_facts(memory):
        if fact.body.kind == "task" and fact.body.task_id in given.names:
            yield given.names[fact.body.task_id], fact.body
