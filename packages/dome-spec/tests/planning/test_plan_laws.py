"""What holds of every plan: the same inputs give the same bytes, it satisfies its schema, and it holds together."""

import random
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.schema.control.control_strategies import PriorsUse
from dome_contracts.schema.planning.plan import Layer, Plan
from dome_spec.kernel import read_document
from dome_spec.planning import (
    PLANNER_VERSION,
    MemorySnapshot,
    PlanTooLarge,
    check_plan,
    decisive,
    document_digest,
    plan_hash,
    task_id,
)
from tests.plans_made import (
    PATHS,
    a_check,
    a_criterion,
    a_failure,
    a_packet,
    a_prior,
    an_answer,
    plan_of,
    some_facts,
    some_strategies,
)

SKILLS = ("codex.exec", "ledger.mend", "process.run")
TESTS = [f"tests/test_{part}.py::test_{name}" for part in ("interest", "fees") for name in "ab"]
CHECKS = {"interest": a_check("tests/test_interest.py"), "unit": a_check(), "other": a_check(skill_id="lint.run")}
LAYERS = st.lists(st.sampled_from([each.value for each in Layer]), max_size=5, unique=True)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    some = st.lists(st.sampled_from(SKILLS), min_size=1, max_size=3)
    codes = draw(st.sets(st.sampled_from(["NONE", "TESTS.FAILED", "TESTS.HUNG"])))
    told = {"test": "{target}", "words": "{instruction}"}
    layers = ("diagnose", "transform", "transform")
    return {
        code: [an_answer(skill, layer=layer, **told) for skill, layer in zip(draw(some), layers, strict=False)]
        for code in sorted(codes)
    }


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, Any]:
    """Everything that a plan is made from."""
    chosen = draw(st.lists(st.sampled_from([*CHECKS, None]), min_size=1, max_size=5))
    constraints = {"allowed_paths": draw(st.sampled_from([["**"], ["docs/**"], ["src/**", "tests/**"]]))}
    packet = a_packet(
        criteria=[a_criterion(number, check) for number, check in enumerate(chosen, 1)],
        checks=CHECKS,
        constraints=constraints,
    )
    codes = st.sampled_from(["TESTS.FAILED", "TESTS.HUNG"])
    failing = draw(st.lists(st.tuples(st.sampled_from(TESTS), codes), max_size=5))
    learnt = draw(st.lists(st.tuples(st.sampled_from(TESTS), st.sampled_from(SKILLS), st.booleans()), max_size=5))
    planner = {
        "priors": draw(st.sampled_from(PriorsUse)).value,
        "wave_tasks_max": draw(st.sampled_from([1, 2, 3, 32])),
        "layers": draw(LAYERS),
    }
    priors = [a_prior(name, skill_id=skill, reasons=[] if fit else ["stale"]) for name, skill, fit in learnt]
    return {
        "packet": packet,
        "facts": some_facts(draw(st.sampled_from([PATHS, PATHS[:2]]))),
        "strategies": some_strategies(responses=draw(answers()), planner=planner),
        "memory": MemorySnapshot(tuple(a_failure(*each) for each in failing), tuple(priors)),
    }


def waiting(plan: Plan, name: str) -> set[str]:
    """All that a task waits for, at once or through others."""
    found: set[str] = set()
    pending = [name]
    while pending:
        task = plan.tasks[pending.pop()]
        for other in (*task.depends_on, *(task.after or ()), *(task.unless or ())):
            if other not in found:
                found.add(other)
                pending.append(other)
    return found


@given(inputs(), st.randoms(use_true_random=False))
def test_the_same_inputs_give_the_same_bytes_in_whatever_order_the_memory_answers(
    given_inputs: dict[str, Any], chance: random.Random
) -> None:
    memory: MemorySnapshot = given_inputs["memory"]
    failures, priors = list(memory.failures), list(memory.priors)
    chance.shuffle(failures)
    chance.shuffle(priors)
    shuffled = MemorySnapshot((*failures, *failures[:1]), (*priors, *priors[:1]), memory.stage)
    first, again = plan_of(**given_inputs), plan_of(**{**given_inputs, "memory": shuffled})
    assert canonical_bytes(first.to_value()) == canonical_bytes(again.to_value())
    assert plan_hash(first) == plan_hash(again)


@given(inputs())
def test_every_plan_satisfies_its_schema_and_holds_together(given_inputs: dict[str, Any]) -> None:
    plan = plan_of(**given_inputs)
    assert read_document(Plan, plan.to_value()) == plan
    assert check_plan(plan, given_inputs["packet"]) == ()


@given(inputs())
def test_every_criterion_is_served_by_a_task_that_decides(given_inputs: dict[str, Any]) -> None:
    plan, packet = plan_of(**given_inputs), given_inputs["packet"]
    served = {each.criterion_id for name in decisive(plan) for each in plan.tasks[name].spec.acceptance_criteria}
    assert served >= {each.criterion_id for each in packet.criteria}


@given(inputs())
def test_nothing_that_changes_the_tree_goes_out_together_with_anything_that_looks_at_it(
    given_inputs: dict[str, Any],
) -> None:
    plan = plan_of(**given_inputs)
    before = {name: waiting(plan, name) for name in plan.tasks}
    changing = [name for name, task in plan.tasks.items() if task.layer is Layer.TRANSFORM]
    for one, other in product(changing, plan.tasks):
        assert one == other or one in before[other] or other in before[one]


@given(inputs())
def test_waves_come_after_all_that_they_wait_for_and_begin_with_what_most_others_wait_for(
    given_inputs: dict[str, Any],
) -> None:
    plan = plan_of(**given_inputs)
    over: set[str] = set()
    for wave in plan.waves:
        assert len(wave) <= given_inputs["strategies"].planner.wave_tasks_max
        counts = [plan.tasks[name].blocks_count or 0 for name in wave]
        assert counts == sorted(counts, reverse=True)
        assert all(waiting(plan, name) <= over for name in wave)
        over.update(wave)
    assert over == set(plan.tasks)
    for name, task in plan.tasks.items():
        assert task.blocks_count == sum(name in waiting(plan, other) for other in plan.tasks)


@given(inputs())
def test_a_remedy_has_one_attempt_and_then_the_ordinary_plan_follows(given_inputs: dict[str, Any]) -> None:
    plan = plan_of(**given_inputs)
    for prior in plan.priors:
        if prior.effect.value == "placed_first":
            assert prior.task_id is not None
            remedy = plan.tasks[prior.task_id]
            proof = next(name for name, task in plan.tasks.items() if task.proves == prior.task_id)
            key = (remedy.spec.target, remedy.spec.failure_reason_code)
            ordinary = [
                (name, task)
                for name, task in plan.tasks.items()
                if (task.spec.target, task.spec.failure_reason_code) == key and name != prior.task_id
            ]
            assert remedy.attempts_max == 1
            for name, task in ordinary:
                assert proof in (task.unless or []) or task.spec.constraints is None
                assert prior.task_id in waiting(plan, name) or task.spec.constraints is None


@given(inputs())
def test_what_a_plan_was_made_from_is_named_by_digest(given_inputs: dict[str, Any]) -> None:
    plan = plan_of(**given_inputs)
    assert plan.inputs.packet_digest == document_digest(given_inputs["packet"])
    assert plan.inputs.strategies_digest == document_digest(given_inputs["strategies"])
    assert plan.inputs.facts_digest == given_inputs["memory"].digest
    assert all(task_id(task.spec) == name for name, task in plan.tasks.items())


@given(inputs())
def test_a_snapshot_of_the_memory_reads_back_as_it_was_written(given_inputs: dict[str, Any]) -> None:
    memory: MemorySnapshot = given_inputs["memory"]
    assert MemorySnapshot.from_value(memory.to_value()).digest == memory.digest


def test_the_planner_has_another_version_when_the_same_inputs_give_another_plan() -> None:
    """A plan that comes out otherwise asks for another PLANNER_VERSION, and then for another line here."""
    plan = plan_of(failures=[a_failure()], priors=[a_prior()]).to_value()
    assert {PLANNER_VERSION: digest([plan["tasks"], plan["waves"]])} == {
        "1.1.0": "sha256:58b4746b7033cdd65c83f743a644dc24d13451128629f5770a73643ca9df4a0a",
    }


IN_ANOTHER_PROCESS = """
from dome_spec.planning import plan_hash
from tests.plans_made import a_failure, a_prior, plan_of
names = [f"tests/test_interest.py::test_{each}" for each in "edcba"]
print(plan_hash(plan_of(failures=[a_failure(each) for each in names], priors=[a_prior(each) for each in names])))
"""


@pytest.mark.parametrize("seed", ["1", "4711"])
def test_another_process_makes_the_same_plan(seed: str) -> None:
    names = [f"tests/test_interest.py::test_{each}" for each in "abcde"]
    here = plan_of(failures=[a_failure(each) for each in names], priors=[a_prior(each) for each in names])
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        cwd=Path(__file__).parents[4],
        capture_output=True,
        timeout=60,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == plan_hash(here)


def test_more_tasks_than_the_strategies_or_the_budget_allow_are_refused_with_the_place() -> None:
    with pytest.raises(PlanTooLarge) as refused:
        plan_of(
            a_packet(budgets={"attempts_max": 1, "parallel_max": 1, "duration_s_max": 1, "jobs_max": 2}),
            strategies=some_strategies(planner={"tasks_max": 3}),
        )
    assert [each.place for each in refused.value.problems] == ["/budgets/jobs_max", "/criteria"]
    assert "tasks_max" in refused.value.problems[1].remedy
