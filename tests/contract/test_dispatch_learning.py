"""What a run teaches, from the refusal of an attempt to what its capsule may be used for."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dome_client.errors import DomeError
from dome_client.testing import End, FakeRuntime, Hold
from dome_contracts.runtime.v1 import Job, ToolSummary
from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_contracts.schema.shared.definitions import FallbackMode
from dome_spec.binding import Learnt, Memory, judge
from dome_spec.dispatch import Denial
from dome_spec.dispatch.job.result import Assignment
from tests.contract.dispatch_rig import Died, Dying, Scene, tool, well
from tests.contract.test_dispatch_deaths import Elsewhere
from tests.planned import Wish, planned

MENDING = {"mend": Wish(addresses="TESTS.FAILED", layer="transform")}
NOW = datetime(2024, 5, 17, 10, tzinfo=UTC)


class NeverAgain:
    """Guards that refuse everything."""

    def ask(self, assignment: Assignment, tool: ToolSummary) -> Denial | None:
        return Denial("BUDGET.EXHAUSTED", f"{tool.tool_id} was tried often enough")


class Untrusting(FakeRuntime):
    """A daemon that nobody has approved the tool of."""

    async def execute(self, skill_id: str, *arguments: Any, **options: Any) -> Job:
        raise DomeError("Nobody has approved it.", grpc_status=9, reason="TOOL_UNTRUSTED")


async def learnt_of(scene: Scene, memory: Memory) -> Learnt:
    """What six successes come to, each in a run of its own."""
    scene.fallback_mode = FallbackMode.HYBRID
    for number in range(6):
        await scene.run(planned(MENDING), run_id=f"run-{number}")
    await scene.ingest(memory)
    (learnt,) = memory.capsules()
    assert (learnt.tally.support_count, learnt.tally.refusals_since) == (6, 0)
    return learnt


@pytest.mark.parametrize("refuses", ["guards", "daemon"])
async def test_what_is_refused_before_it_is_submitted_stands_against_the_remedy_that_held(
    tmp_path: Path, memory: Memory, refuses: str
) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    before = await learnt_of(scene, memory)
    if refuses == "guards":
        scene.admission = NeverAgain()
        await scene.run(planned(MENDING), run_id="run-refused")
    else:
        reading, scene.plane = scene.plane, Untrusting([tool(well)])
        await scene.run(planned(MENDING), run_id="run-refused")
        scene.plane = reading
    await scene.ingest(memory)
    (learnt,) = memory.capsules()
    assert learnt.tally.capsule_id == before.tally.capsule_id
    assert (learnt.tally.support_count, learnt.tally.refusals_since) == (6, 1)
    found = judge(learnt, memory.policy, now=NOW, stage=RolloutStage.PRESCRIPTIVE)
    assert "policy_incompatible" in {each.code.value for each in found.reasons}


async def test_what_is_lost_with_its_store_counts_for_the_capsule_of_the_tool_it_was_asked_of(
    tmp_path: Path, memory: Memory
) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    await learnt_of(scene, memory)
    given = planned(MENDING, attempts_max=1)
    scene.plane = FakeRuntime([tool(lambda _: [Hold()])])
    with pytest.raises(Died):
        await scene.run(given, run_id="run-lost", listener=Dying(2))
    scene.plane = Elsewhere([tool(well)])
    await scene.run(None, run_id="run-lost")
    await scene.ingest(memory)
    (learnt,) = memory.capsules()
    assert (learnt.tally.support_count, learnt.tally.contradiction_count) == (6, 1)


FAILING = End(exit_code=1, failure_reason_code="TESTS.FAILED")
STORMED = "dome-defaults@1.0.0:repeated-identical-failure@1.0.0"
BY_MODE = [
    ("strict", {("mend", "task_succeeded"): 1, ("kept out", "guard_denial"): 1}, {"kept out"}),
    (
        "hybrid",
        {("mend", "task_succeeded"): 1, ("kept out", "guard_denial"): 1, ("look", STORMED): 1},
        {"kept out", "look", "mend"},
    ),
    (
        "lenient",
        {
            ("mend", "task_succeeded"): 1,
            ("kept out", "guard_denial"): 1,
            ("look", "task_failed"): 3,
            ("search", "task_succeeded"): 3,
        },
        {"kept out", "look", "mend"},
    ),
]


@pytest.mark.parametrize(("mode", "admitted", "begun"), BY_MODE, ids=[each[0] for each in BY_MODE])
async def test_the_same_history_teaches_by_the_mode_of_its_runs(
    tmp_path: Path, memory: Memory, mode: str, admitted: dict[tuple[str, str], int], begun: set[str]
) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well), tool(lambda _: [FAILING], "look.at")]))
    scene.fallback_mode = FallbackMode(mode)
    looks = {"look": Wish(skill_id="look.at", layer="diagnose"), "search": Wish(layer="diagnose")}
    denied = {"kept out": Wish(version_range=">=9.0.0", addresses="TESTS.FAILED")}
    names: dict[str, str] = {}
    for number, wishes in enumerate([looks, looks, {**looks, **MENDING, **denied}]):
        given = planned(wishes)
        names |= given.names
        await scene.run(given, run_id=f"run-{number}")
    await scene.ingest(memory)
    found = Counter((names[each.task_id], each.admitted_by) for each in memory.contributions())
    assert found == admitted
    assert {each.task.target_id for each in (learnt.tally for learnt in memory.capsules())} == begun
    assert len(memory.recent_failures()) == 3, "views show what happened in every mode"
