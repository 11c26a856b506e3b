"""What every memory must do, asked of the model and of SQLite, in a file and without one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from dome_contracts.schema.knowledge.fact import Fact, RunFact
from dome_spec.binding import (
    LIMIT_MAX,
    CapsuleFilter,
    Checkpoint,
    DenialFilter,
    FailureFilter,
    GateFilter,
    LimitOutOfRange,
    Memory,
    MemoryModel,
    open_memory,
)
from dome_spec.binding.capsules import LATEST_MAX
from tests import histories
from tests.histories import (
    STORE,
    a_failure,
    a_policy,
    a_quarantine,
    a_run,
    a_success,
    a_task,
    a_verdict,
    a_wrapper,
    an_evaluation,
    key,
    outcome,
    run_id,
)
from tests.suite import tried

POLICY = a_policy()
OTHER_STORE = STORE.replace("0", "1")


@pytest.fixture(params=["model", "sqlite", "file"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Memory]:
    makers: dict[str, Callable[[], Memory]] = {
        "model": lambda: MemoryModel(POLICY),
        "sqlite": lambda: open_memory(None, POLICY),
        "file": lambda: open_memory(tmp_path / "memory.sqlite", POLICY),
    }
    made = makers[request.param]()
    yield made
    made.close()


def test_an_empty_memory_has_an_answer_to_everything(memory: Memory) -> None:
    several = (Memory.facts, Memory.quarantined, Memory.capsules, Memory.contributions)
    views = (Memory.recent_failures, Memory.gate_rollup, Memory.guard_denials)
    assert [getattr(memory, ask.__name__)() for ask in (*several, *views)] == [()] * 7
    assert memory.run(run_id(0)) is None
    assert memory.checkpoint(STORE) is None
    assert memory.learnt(histories.sha("x")) is None
    assert memory.verify().holds
    assert memory.rebuild() == 0


def test_what_is_appended_is_counted_and_read_back_by_name(memory: Memory) -> None:
    told = [a_run(), *a_failure()]
    appended = memory.append(told)
    assert (appended.new, appended.known, appended.differing) == (3, 0, ())
    assert memory.facts() == tuple(sorted(told, key=lambda fact: fact.fact_id))
    first, second, third = memory.facts()
    assert memory.facts(after=first.fact_id, limit=1) == (second,)
    assert memory.facts(after=third.fact_id) == ()
    assert [fact.body.kind for fact in memory.facts(kind="task")] == ["task"]


def test_a_fact_is_known_by_its_name_once_it_is_kept(memory: Memory) -> None:
    first, second = a_run(1), a_run(2)
    assert not memory.knows(first.fact_id)
    memory.append([first])
    assert (memory.knows(first.fact_id), memory.knows(second.fact_id)) == (True, False)


def test_what_is_appended_twice_is_kept_once(memory: Memory) -> None:
    told = list(a_failure())
    memory.append(told)
    assert memory.append([*told, told[0]]).known == 3
    assert len(memory.facts()) == 2
    assert memory.capsules()[0].tally.sighting_count == 1


def test_of_a_source_that_says_two_things_the_first_stays_and_is_told(memory: Memory) -> None:
    told = a_run(mode="strict")
    assert isinstance(told.body, RunFact)
    lie = Fact.from_value({**told.to_value(), "body": {**told.body.to_value(), "fallback_mode": "lenient"}})
    memory.append([told])
    assert memory.append([lie]).differing == (told.fact_id,)
    assert memory.facts() == (told,)


def test_a_checkpoint_is_kept_for_each_store_and_never_goes_back(memory: Memory) -> None:
    memory.append([a_run()], checkpoint=Checkpoint(STORE, 7))
    memory.append([], checkpoint=Checkpoint(STORE, 3))
    memory.append([], checkpoint=Checkpoint(OTHER_STORE, 0))
    assert (memory.checkpoint(STORE), memory.checkpoint(OTHER_STORE)) == (7, 0)


def test_a_run_is_summed_up(memory: Memory) -> None:
    memory.append([a_task(attempt=1, second=1), a_task(attempt=2, second=2, result=outcome("SUCCEEDED", "NONE"))])
    summary = memory.run(run_id(0))
    assert summary is not None
    assert summary.mode is None
    assert summary.status_counts == (("FAILED", 1), ("SUCCEEDED", 1))
    assert [each.number for each in summary.attempts] == [1, 2]
    memory.append([a_run(mode="lenient")])
    summary = memory.run(run_id(0))
    assert summary is not None
    assert summary.mode == "lenient"


def test_the_mode_of_a_run_holds_for_what_came_before_it(memory: Memory) -> None:
    memory.append([a_task()])
    assert memory.contributions() == ()
    memory.append([a_run(mode="lenient")])
    (line,) = memory.contributions()
    assert line.admitted_by == "lenient"


def test_of_two_facts_on_one_run_the_earlier_states_its_mode(memory: Memory) -> None:
    memory.append([a_task(), a_run(mode="lenient", second=5)])
    memory.append([a_run(mode="strict", second=1)])
    assert memory.contributions() == ()


def test_a_capsule_is_read_with_its_remedy_and_its_last_contributions(memory: Memory) -> None:
    for number in range(1, 21):
        memory.append(a_success(run=number // 5, attempt=number, second=number, template=number))
    (found,) = memory.capsules()
    assert found.remedy is not None
    assert found.remedy.template_digest == histories.sha("template", 20)
    assert [proof.digest for proof in found.remedy.proofs] == [histories.evidence((4, 0, 20, ""))["digest"]]
    assert len(found.latest) == LATEST_MAX
    assert found.latest[-1].order == found.tally.last_support
    assert found.fingerprint.gates == ["lint", "unit-tests"]
    assert memory.learnt(found.tally.capsule_id) == found


def test_a_capsule_is_read_as_it_was_before_a_place(memory: Memory) -> None:
    memory.append(
        [
            *a_success(attempt=1, second=1, template="a"),
            *a_success(attempt=2, second=2, template="b"),
            *a_failure(attempt=3, second=3),
        ]
    )
    (last, middle, first) = memory.contributions()
    before = memory.learnt(last.capsule_id, before=last.order)
    assert before is not None
    assert before.remedy is not None
    assert (before.tally.support_count, before.tally.contradiction_count) == (2, 0)
    assert before.latest == (first, middle)
    earlier = memory.learnt(last.capsule_id, before=middle.order)
    assert earlier is not None
    assert earlier.remedy is not None
    assert earlier.remedy.template_digest == histories.sha("template", "a")
    assert memory.learnt(last.capsule_id, before=first.order) is None


def test_contributions_are_paged_from_the_latest(memory: Memory) -> None:
    memory.append([fact for number in range(5) for fact in a_failure(run=number, second=number)])
    latest, *rest = memory.contributions(limit=2)
    assert [latest.run_id, rest[0].run_id] == [run_id(4), run_id(3)]
    assert [each.run_id for each in memory.contributions(before=rest[0].order)] == [run_id(2), run_id(1), run_id(0)]
    assert memory.contributions(capsule_id=histories.sha("x")) == ()


def test_failures_are_shown_latest_first_and_by_filter(memory: Memory) -> None:
    memory.append([a_task(0, second=1), a_task(1, second=3, task_key=key(1, action="validate")), a_task(2, second=2)])
    assert [row.run_id for row in memory.recent_failures()] == [run_id(1), run_id(2), run_id(0)]
    assert [row.run_id for row in memory.recent_failures(FailureFilter(target_id="tests/test_0.py"), limit=1)] == [
        run_id(2)
    ]
    assert [row.run_id for row in memory.recent_failures(FailureFilter(action_kind="validate"))] == [run_id(1)]
    assert [row.run_id for row in memory.recent_failures(FailureFilter(run_id=run_id(0)))] == [run_id(0)]
    assert memory.recent_failures(FailureFilter(failure_reason_code="OUTPUT.RESULT_INVALID")) == ()
    assert memory.recent_failures(FailureFilter(scope="task", target_kind="path")) == ()


def test_gates_are_rolled_up_by_failure_and_task_and_follow_the_task_when_it_comes(memory: Memory) -> None:
    approved = a_verdict(attempt=2, verdict="APPROVE", failures=(), second=4)
    memory.append([a_verdict(second=3), a_verdict(attempt=3, second=5), approved])
    assert [row.task.target_id for row in memory.gate_rollup()] == ["", ""]
    memory.append([a_task(attempt=number) for number in (1, 2, 3)])
    none, failed = memory.gate_rollup()
    assert (none.failure_reason_code, none.approve_count, none.reject_count) == ("NONE", 1, 0)
    assert (failed.failure_reason_code, failed.reject_count, failed.task.target_id) == (
        "TESTS.FAILED",
        2,
        "tests/test_0.py",
    )
    assert memory.gate_rollup(GateFilter(failure_reason_code="TESTS.FAILED")) == (failed,)
    assert memory.gate_rollup(GateFilter(gate_id="lint")) == ()
    assert memory.gate_rollup(GateFilter(target_id="tests/test_0.py")) == (none, failed)


def test_a_refusal_is_one_line_however_many_say_it(memory: Memory) -> None:
    denied = outcome("DENIED", "TESTS.FAILED", "GUARD.DENIED")
    memory.append([
        an_evaluation(guard="b", second=1), an_evaluation(guard="a", second=3), a_task(second=2, result=denied),
        a_wrapper(signal="guard_denial", second=2, result=denied), an_evaluation(denies=False, guard="c", second=9),
    ])  # fmt: skip
    (row,) = memory.guard_denials()
    assert (row.guard_ids, row.policy_reason_code, row.failure_reason_code) == (
        ("a", "b"),
        "GUARD.DENIED",
        "TESTS.FAILED",
    )
    assert memory.guard_denials(DenialFilter(policy_reason_code="EVIDENCE.MISSING")) == ()
    assert memory.guard_denials(DenialFilter(target_id="tests/test_0.py", run_id=run_id(0))) == (row,)


def test_what_is_put_aside_is_kept_the_latest_first(memory: Memory) -> None:
    first, second = a_quarantine("a", second=1), a_quarantine("b", second=1.5)
    memory.append([first, second, a_run()])
    assert memory.quarantined() == (second, first)
    assert memory.quarantined(limit=1) == (second,)


def test_capsules_are_chosen_by_every_part_of_their_key(memory: Memory) -> None:
    memory.append(
        [*a_failure(0, second=1), *a_failure(1, second=2, version=1), *a_failure(2, task_key=key(1), second=3)]
    )
    latest, middle, first = memory.capsules()
    assert [each.tally.task.target_id for each in (latest, middle)] == ["tests/test_1.py", "tests/test_0.py"]
    chosen = CapsuleFilter(fingerprint_hash=first.tally.fingerprint_hash, target_id="tests/test_0.py")
    assert memory.capsules(chosen) == (first,)
    assert memory.capsules(CapsuleFilter(failure_reason_code="OUTPUT.RESULT_INVALID")) == ()


@pytest.mark.parametrize("limit", [0, LIMIT_MAX + 1, -1])
def test_a_limit_beyond_what_is_stated_is_refused(memory: Memory, limit: int) -> None:
    asked: list[Callable[[], object]] = [
        lambda: memory.facts(limit=limit),
        lambda: memory.quarantined(limit=limit),
        lambda: memory.recent_failures(limit=limit),
        lambda: memory.gate_rollup(limit=limit),
        lambda: memory.guard_denials(limit=limit),
        lambda: memory.capsules(limit=limit),
        lambda: memory.contributions(limit=limit),
    ]
    for ask in asked:
        with pytest.raises(LimitOutOfRange):
            ask()


@settings(max_examples=tried(300, few=20))
@given(histories.retold())
def test_sqlite_and_the_model_agree_on_everything(retold: tuple[list[Fact], list[list[Fact]]]) -> None:
    history, pieces = retold
    model, sqlite = MemoryModel(POLICY), open_memory(None, POLICY)
    try:
        model.append(history)
        for piece in pieces:
            sqlite.append(piece)
        for ask in (Memory.derived, Memory.snapshot_digest, Memory.capsules, Memory.contributions, Memory.facts):
            assert getattr(sqlite, ask.__name__)() == getattr(model, ask.__name__)()
        for number in range(3):
            assert sqlite.run(run_id(number)) == model.run(run_id(number))
        for line in model.contributions():
            at = line.order
            assert sqlite.learnt(line.capsule_id, before=at) == model.learnt(line.capsule_id, before=at)
    finally:
        sqlite.close()
