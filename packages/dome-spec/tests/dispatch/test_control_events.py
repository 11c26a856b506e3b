"""A run as control events: in one order whatever the clocks say, and foldable into the state of every task."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import ToolSummary
from dome_contracts.schema.control.control_event import ControlEvent, ControlTopic
from dome_contracts.schema.control.event_envelope import Correlation
from dome_contracts.schema.control.work_queue import BlockReason, QueueState, WorkQueue
from dome_contracts.schema.shared.definitions import AttemptOutcome, Effector, EffectorKind
from dome_spec.dispatch import GuardedAdmission, RunRecord, control_events
from dome_spec.dispatch.decide.queue import Accepted, Blocked, Change, Claimed, Ended, Stopped, advance, opened
from dome_spec.dispatch.decide.verdict import GivenUp, Succeeded, TryAgain
from dome_spec.dispatch.job.result import Assignment
from dome_spec.gates import GateRecord, TaskState, task_states
from dome_spec.governance import Guardrails
from dome_spec.kernel import FixedClock, Ids, read_document, timestamp
from tests.judged import bundle, guard, guardrails
from tests.planned import NO_DIGEST, REPOSITORY_ID, RUN_ID, Wish, planned

BEGIN = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
GIVEN = planned({"a": Wish(), "b": Wish(depends_on=("a",))})
A, B = GIVEN.ids["a"], GIVEN.ids["b"]
HOLDER = Effector(kind=EffectorKind.SERVICE, id="pid-1@tests")
JOB = "job-01hy2y66b0shfbrs31a249v0nf"
WELL = AttemptOutcome.from_value({"status": "SUCCEEDED", "failure_reason_code": "NONE", "policy_reason_code": "NONE"})
FAILED = AttemptOutcome.from_value(
    {"status": "FAILED", "failure_reason_code": "TESTS.FAILED", "policy_reason_code": "NONE"}
)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def a_queue(*changes: tuple[Change, float]) -> WorkQueue:
    queue = opened(GIVEN.plan, plan_hash=NO_DIGEST, run_id=RUN_ID, now=BEGIN)
    for change, seconds in changes:
        queue = advance(queue, change, now=at(seconds))
    return queue


def a_record(folder: Path, queue: WorkQueue) -> RunRecord:
    record = RunRecord.prepare(folder, RUN_ID)
    record.keep_plan(GIVEN.plan)
    record.save_queue(queue)
    return record


def ended(task_id: str, *, well: bool, seconds: float, again: bool = False) -> Ended:
    verdict = Succeeded() if well else TryAgain() if again else GivenUp(BlockReason.ATTEMPTS_EXHAUSTED)
    return Ended(task_id, WELL if well else FAILED, verdict, NO_DIGEST, timestamp(at(seconds)))


def say(record: RunRecord, topic: ControlTopic, verdict: str | None, *, task_id: str, seconds: float) -> None:
    payload = {} if verdict is None else {"decision_digest": NO_DIGEST, "verdict": verdict}
    clock = FixedClock(at(seconds))
    about = Correlation.from_value({"task_id": task_id})
    record.log.append(topic, payload, clock=clock, ids=Ids(clock), effector=HOLDER, correlation=about)


RETRIED = (
    (Claimed(A, HOLDER), 1), (Accepted(A, JOB), 2), (ended(A, well=False, seconds=3, again=True), 3.5),
    (Claimed(A, HOLDER), 5), (Accepted(A, JOB.replace("0nf", "0ng")), 6), (ended(A, well=True, seconds=7), 8),
)  # fmt: skip


def test_what_was_dispatched_stands_before_what_gates_said_of_it(tmp_path: Path) -> None:
    record = a_record(tmp_path, a_queue(*RETRIED))
    say(record, ControlTopic.GATE_ASKED, None, task_id=A, seconds=9)
    say(record, ControlTopic.GATE_DECIDED, "APPROVE", task_id=A, seconds=9)
    say(record, ControlTopic.PROMOTION_DECIDED, "APPROVE", task_id=A, seconds=10)
    events = control_events(record)
    assert [event.topic.value for event in events] == [
        "task.dispatched", "task.finished", "task.dispatched", "task.finished",
        "gate.asked", "gate.decided", "promotion.decided",
    ]  # fmt: skip
    assert [event.sequence for event in events] == list(range(1, 8))
    assert [read_document(ControlEvent, event.to_value()) for event in events] == list(events)
    assert len({event.event_id for event in events}) == len(events)
    assert task_states(GIVEN.plan.tasks, events) == {A: TaskState.DONE, B: TaskState.QUEUED}
    assert control_events(RunRecord.find(tmp_path, RUN_ID)) == events


def test_a_rejected_task_that_is_dispatched_again_is_running_again(tmp_path: Path) -> None:
    before, after = RETRIED[:3], RETRIED[3:]
    record = a_record(tmp_path, a_queue(*before))
    say(record, ControlTopic.GATE_DECIDED, "REJECT", task_id=A, seconds=4)
    states = task_states(GIVEN.plan.tasks, control_events(record))
    assert states[A] is TaskState.BLOCKED
    queue = record.queue()
    for change, seconds in after:
        queue = advance(queue, change, now=at(seconds))
    record.save_queue(queue)
    assert task_states(GIVEN.plan.tasks, control_events(record))[A] is TaskState.RUNNING


def test_a_task_that_failed_is_blocked_with_the_end_of_its_attempt(tmp_path: Path) -> None:
    failed = (*RETRIED[:2], (ended(A, well=False, seconds=3), 3.5))
    blocked: tuple[Change, float] = (Blocked(B, BlockReason.DEPENDENCY_FAILED, (A,)), 4.0)
    record = a_record(tmp_path, a_queue(*failed, blocked, (Stopped(QueueState.FINISHED), 5.0)))
    say(record, ControlTopic.GATE_DECIDED, "REJECT", task_id=A, seconds=6)
    assert set(task_states(GIVEN.plan.tasks, control_events(record)).values()) == {TaskState.BLOCKED}


@given(st.integers(-100, 100), st.lists(st.sampled_from(["APPROVE", "REJECT", "NEEDS_HUMAN"]), max_size=3))
def test_no_clock_that_is_set_back_makes_a_run_unreadable(
    tmp_path_factory: pytest.TempPathFactory, skew_s: int, verdicts: list[str]
) -> None:
    first = (Claimed(A, HOLDER), 1), (Accepted(A, JOB), 2), (ended(A, well=True, seconds=skew_s), 3)
    record = a_record(tmp_path_factory.mktemp("run"), a_queue(*first))
    for number, verdict in enumerate(verdicts):
        say(record, ControlTopic.GATE_DECIDED, verdict, task_id=A, seconds=200 - number)
    states = task_states(GIVEN.plan.tasks, control_events(record))
    expected = {None: TaskState.RUNNING, "REJECT": TaskState.BLOCKED}.get(
        verdicts[-1] if verdicts else None, TaskState.GATED
    )
    assert states[A] is expected


def admission(record: RunRecord, guards: Guardrails) -> GuardedAdmission:
    return GuardedAdmission(
        guardrails=guards,
        record=record,
        plan=GIVEN.plan,
        tool_status=lambda tool_id, tool_digest: None,
        is_worktree_clean=lambda: False,
        clock=FixedClock(BEGIN),
    )


def assignment(queue: WorkQueue) -> Assignment:
    return Assignment(
        run_id=RUN_ID,
        plan_hash=NO_DIGEST,
        repository_id=REPOSITORY_ID,
        task_id=A,
        task=GIVEN.plan.tasks[A],
        wave=1,
        attempt=queue.entries[A].attempts[-1],
        working_directory="/work",
        effector=HOLDER,
    )


def test_an_attempt_that_was_asked_about_keeps_its_answer_under_other_guardrails(tmp_path: Path) -> None:
    queue = a_queue((Claimed(A, HOLDER), 1))
    record, tool = a_record(tmp_path, queue), ToolSummary(tool_id="work.do", tool_digest=NO_DIGEST)
    clean = guard({"kind": "worktree_clean"})
    clean["applies_to"]["transitions"] = [{"from": "queued", "to": "running"}]
    strict = bundle({"tree.clean": clean}).to_value()
    strict["transitions"].append({"from": "queued", "to": "running"})
    rails = Guardrails(bundle=type(bundle({})).from_value(strict), invariants=bundle({}, name="invariants"))
    denial = admission(record, rails).ask(assignment(queue), tool)
    assert denial is not None
    assert denial.policy_reason_code == "GUARD.DENIED"
    assert "Guard tree.clean: FAIL, GUARD.DENIED. Refused. Mend it." in denial.message
    # The transition is none of these guardrails': unknown is a refusal, and no fresh one is asked for.
    again = admission(record, guardrails({})).ask(assignment(queue), tool)
    assert again is not None
    assert again.policy_reason_code == "GUARD.DENIED"
    (kept,) = GateRecord(record.directory).judgements()
    assert kept.record.guard_evaluations == [digest(each.to_value()) for each in kept.evaluations]
    assert {each.failure_reason_code for each in kept.evaluations} == {"NONE"}
