"""What ought to be done next, against a model: in whatever order things happen, and however often it is begun anew."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest
from dome_contracts.schema.control.work_queue import BlockReason, EntryStatus, QueueState, WorkQueue
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import AttemptOutcome, AttemptStatus, Effector, EffectorKind
from dome_spec.dispatch.decide.limits import limit_reached
from dome_spec.dispatch.decide.policy import DispatchPolicy, Retry, Stop
from dome_spec.dispatch.decide.queue import (
    TRANSITIONS,
    Accepted,
    Blocked,
    Change,
    ChangeRefused,
    Claimed,
    Ended,
    LeftOut,
    Resumed,
    Stopped,
    advance,
    opened,
)
from dome_spec.dispatch.decide.steps import Block, Carry, Claim, Close, LeaveOut, Step, Wait, next_steps, succeeded
from dome_spec.dispatch.decide.verdict import GivenUp, Succeeded, verdict
from dome_spec.kernel import read_document, timestamp
from tests.planned import NO_DIGEST, RUN_ID, Planned, Wish, planned

BEGIN = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
HOLDER = Effector(kind=EffectorKind.SERVICE, id="pid-1@tests")
DONE, BLOCKED = EntryStatus.DONE, EntryStatus.BLOCKED
POLICY = DispatchPolicy(retry=Retry(backoff_s=1, backoff_s_max=8, retried=frozenset({"TESTS.HUNG"})))
WELL, LOST, FAILS, FLAKY, DENIED, CANCELED = "well", "lost", "fails", "flaky", "denied", "canceled"
OUTCOMES = {
    WELL: ("SUCCEEDED", "NONE", "NONE"),
    LOST: ("FAILED", "PROCESS.LOST", "NONE"),
    FAILS: ("FAILED", "TESTS.FAILED", "NONE"),
    FLAKY: ("FAILED", "TESTS.HUNG", "NONE"),
    DENIED: ("DENIED", "NONE", "GUARD.DENIED"),
    CANCELED: ("CANCELED", "CANCEL.REQUESTED", "NONE"),
}
RETRIED = (LOST, FLAKY)


def outcome(word: str) -> AttemptOutcome:
    status, failure, policy = OUTCOMES[word]
    return AttemptOutcome(status=AttemptStatus(status), failure_reason_code=failure, policy_reason_code=policy)


def queue_of(plan: Plan) -> WorkQueue:
    return opened(plan, plan_hash=digest(plan.to_value()), run_id=RUN_ID, now=BEGIN)


def steps(queue: WorkQueue, plan: Plan, now: datetime = BEGIN, policy: DispatchPolicy = POLICY) -> tuple[Step, ...]:
    return next_steps(queue, plan, plan.budgets, now, policy=policy)


@dataclass
class World:
    """Daemon and clock of a run, which outlive whoever carries it out. Each key is executed at most once."""

    given: Planned
    script: Mapping[str, Sequence[str]]
    """What comes of each attempt at a task; the last word holds for all further ones."""
    now: datetime = BEGIN
    policy: DispatchPolicy = POLICY
    executed: Counter[str] = field(default_factory=Counter)
    began: list[str] = field(default_factory=list)
    kept: list[WorkQueue] = field(default_factory=list)
    parallel_most: int = 0

    def run(self, queue: WorkQueue, choose: "Chooser", *, changes_max: int = 10_000) -> WorkQueue:
        """Carry the run out, keeping every queue, until it is over or whoever does it is killed."""
        self.kept = [queue]
        while queue.state is QueueState.ACTIVE and len(self.kept) <= changes_max:
            found = steps(queue, self.given.plan, self.now, self.policy)
            assert found == steps(queue, self.given.plan, self.now, self.policy)
            settled = [change for step in found for change in self._settled(step)]
            carried = [step for step in found if isinstance(step, Carry)]
            assert settled or found, "a run that is active has something to do"
            if settled:
                queue = self._keep(advance(queue, *settled, now=self.now))
            elif carried:
                self.parallel_most = max(self.parallel_most, len(carried))
                queue = self._keep(advance(queue, self._carried(queue, choose.one(carried)), now=self.now))
            else:
                waits = [step for step in found if isinstance(step, Wait)]
                self.now = waits[0].until
            self.now += timedelta(milliseconds=1)
        return queue

    def _keep(self, queue: WorkQueue) -> WorkQueue:
        again = read_document(WorkQueue, queue.to_value())
        assert again == queue
        assert queue.revision == self.kept[-1].revision + 1
        self.kept.append(queue)
        return queue

    def _settled(self, step: Step) -> tuple[Change, ...]:
        match step:
            case Claim(task_id):
                return (Claimed(task_id, HOLDER),)
            case Block(task_id, reason, by):
                return (Blocked(task_id, reason, by),)
            case LeaveOut(task_id, left_out_for):
                return (LeftOut(task_id, left_out_for),)
            case Close():
                return (Stopped(QueueState.FINISHED),)
            case _:
                return ()

    def _carried(self, queue: WorkQueue, step: Carry) -> Change:
        name = self.given.names[step.task_id]
        if step.job_id is None:
            if not self.executed[step.group_id]:
                self.executed[step.group_id] += 1
                self.began.append(name)
            return Accepted(step.task_id, f"job-{'0' * 25}{step.attempt % 8}")
        words = self.script[name]
        ended = outcome(words[min(step.attempt, len(words)) - 1])
        judged = verdict(
            ended,
            queue.entries[step.task_id],
            self.given.plan.tasks[step.task_id],
            budgets=self.given.plan.budgets,
            policy=self.policy,
        )
        return Ended(step.task_id, ended, judged, NO_DIGEST, timestamp(self.now))


@dataclass
class Chooser:
    """Which of several attempts goes on next."""

    data: st.DataObject

    def one(self, carried: Sequence[Carry]) -> Carry:
        return self.data.draw(st.sampled_from(carried))


class First(Chooser):
    """The first one, always."""

    def __init__(self) -> None:
        pass

    def one(self, carried: Sequence[Carry]) -> Carry:
        return carried[0]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A plan of up to seven tasks, in which some may wait for earlier ones, and what comes of each attempt."""
    wishes: dict[str, Wish] = {}
    for number in range(draw(st.integers(1, 7))):
        earlier = draw(st.lists(st.sampled_from(list(wishes)), unique=True, max_size=3)) if wishes else []
        kinds = [draw(st.sampled_from(["depends_on", "depends_on", "after", "unless"])) for _ in earlier]
        waits = {kind: tuple(e for e, k in zip(earlier, kinds, strict=True) if k == kind) for kind in set(kinds)}
        wishes[f"t{number}"] = Wish(attempts_max=draw(st.none() | st.integers(1, 3)), **waits)  # type: ignore[arg-type]
    script = {name: draw(st.lists(st.sampled_from(list(OUTCOMES)), min_size=1, max_size=4)) for name in wishes}
    attempts_max, parallel_max = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return World(planned(wishes, attempts_max=attempts_max, parallel_max=parallel_max), script)


def expected(world: World) -> Mapping[str, EntryStatus]:
    """How each task has to end, said without a queue."""
    plan, names = world.given.plan, world.given.names
    ends: dict[str, EntryStatus] = {}
    for name, task_id in world.given.ids.items():
        task = plan.tasks[task_id]
        attempts_max = min(task.attempts_max or 99, plan.budgets.attempts_max)
        words = world.script[name]
        tried = [words[min(number, len(words)) - 1] for number in range(1, attempts_max + 1)]
        last = next((word for word in tried if word not in RETRIED), tried[-1])
        blocked = any(ends[names[each]] is BLOCKED for each in task.depends_on)
        useful = any(ends[names[each]] is DONE for each in task.unless or ())
        ends[name] = DONE if useful or (last == WELL and not blocked) else BLOCKED
    return ends


@given(worlds(), st.data())
def test_every_task_ends_as_the_model_says_whatever_goes_on_first(world: World, data: st.DataObject) -> None:
    ended = world.run(queue_of(world.given.plan), Chooser(data))
    assert ended.state is QueueState.FINISHED
    assert {world.given.names[task_id]: entry.status for task_id, entry in ended.entries.items()} == expected(world)


@given(worlds(), st.data())
def test_limits_and_dependencies_are_kept(world: World, data: st.DataObject) -> None:
    plan = world.given.plan
    ended = world.run(queue_of(plan), Chooser(data))
    assert world.parallel_most <= plan.budgets.parallel_max
    for task_id, entry in ended.entries.items():
        assert len(entry.attempts) <= min(plan.tasks[task_id].attempts_max or 99, plan.budgets.attempts_max)
        if world.given.names[task_id] in world.began:
            assert all(ended.entries[each].status is DONE for each in plan.tasks[task_id].depends_on)
    waves = [ended.entries[world.given.ids[name]].wave for name in world.began]
    assert waves == sorted(waves)


@given(worlds(), st.data())
def test_a_run_that_is_taken_up_from_any_queue_ever_kept_executes_no_key_twice(
    world: World, data: st.DataObject
) -> None:
    """The runner dies after any change; the world goes on, and so does the next runner with what was kept."""
    queue = queue_of(world.given.plan)
    for _ in range(data.draw(st.integers(0, 4))):
        world.run(queue, Chooser(data), changes_max=data.draw(st.integers(0, 12)))
        # What was done after that queue was kept is done; the next runner asks for it again.
        queue = data.draw(st.sampled_from(world.kept))
        if queue.state is QueueState.ACTIVE:
            queue = advance(queue, Resumed(HOLDER), now=world.now)
    ended = world.run(queue, Chooser(data))
    assert max(world.executed.values(), default=0) <= 1
    assert {world.given.names[task_id]: entry.status for task_id, entry in ended.entries.items()} == expected(world)


@given(worlds(), st.integers(0, 6), st.data())
def test_no_more_jobs_are_begun_than_the_budget_has(world: World, jobs_max: int, data: st.DataObject) -> None:
    budgets = world.given.plan.budgets.model_copy(update={"jobs_max": jobs_max + 1})
    limited = World(Planned(world.given.plan.model_copy(update={"budgets": budgets}), world.given.ids), world.script)
    ended = limited.run(queue_of(limited.given.plan), Chooser(data))
    assert ended.state is QueueState.FINISHED
    assert sum(limited.executed.values()) <= jobs_max + 1


def test_a_task_whose_dependency_failed_is_blocked_by_it_and_never_begun() -> None:
    world = World(planned({"a": Wish(), "b": Wish(depends_on=("a",)), "c": Wish(depends_on=("b",))}), {"a": [FAILS]})
    ended = world.run(queue_of(world.given.plan), First())
    b, c = (ended.entries[world.given.ids[name]] for name in "bc")
    assert world.began == ["a"]
    assert (b.block_reason, b.blocked_by) == (BlockReason.DEPENDENCY_FAILED, [world.given.ids["a"]])
    assert (c.block_reason, c.blocked_by) == (BlockReason.DEPENDENCY_FAILED, [world.given.ids["b"]])


def test_a_remedy_that_succeeds_leaves_the_ordinary_task_out_and_one_that_fails_does_not() -> None:
    wishes = {"remedy": Wish(attempts_max=1), "mend": Wish(unless=("remedy",)), "judge": Wish(depends_on=("mend",))}
    well = World(planned(wishes), {"remedy": [WELL], "judge": [WELL]})
    ended = well.run(queue_of(well.given.plan), First())
    assert well.began == ["remedy", "judge"]
    assert ended.entries[well.given.ids["mend"]].left_out_for == well.given.ids["remedy"]
    ill = World(planned(wishes), {"remedy": [LOST], "mend": [WELL], "judge": [WELL]})
    made_up_for = ill.run(queue_of(ill.given.plan), First())
    assert ill.began == ["remedy", "mend", "judge"]
    assert succeeded(made_up_for, ill.given.plan)


def test_a_failure_that_nothing_made_up_for_is_no_success() -> None:
    world = World(planned({"a": Wish(), "b": Wish()}), {"a": [FAILS], "b": [WELL]})
    assert not succeeded(world.run(queue_of(world.given.plan), First()), world.given.plan)


def test_a_failure_that_was_observed_is_no_failure_of_the_work_and_stops_nothing() -> None:
    wishes = {"look": Wish(layer="observe"), "mend": Wish(layer="transform", after=("look",))}
    wishes |= {"judge": Wish(depends_on=("mend",))}
    stop = DispatchPolicy(stop=Stop(consecutive_failures_max=1, failed_share_max=0.0))
    world = World(planned(wishes), {"look": [FAILS], "mend": [WELL], "judge": [WELL]}, policy=stop)
    assert succeeded(world.run(queue_of(world.given.plan), First()), world.given.plan)
    alone = World(planned({"look": Wish(layer="observe")}), {"look": [FAILS]})
    assert not succeeded(alone.run(queue_of(alone.given.plan), First()), alone.given.plan)


def test_a_lost_job_is_tried_again_after_a_wait_that_doubles() -> None:
    world = World(planned({"a": Wish()}), {"a": [LOST, LOST, WELL]})
    ended = world.run(queue_of(world.given.plan), First())
    attempts = ended.entries[world.given.ids["a"]].attempts
    begins = [datetime.fromisoformat(attempt.create_time or "") for attempt in attempts]
    ends = [datetime.fromisoformat(attempt.end_time or "") for attempt in attempts]
    waits = [(begin - end).total_seconds() for begin, end in zip(begins[1:], ends, strict=False)]
    assert [round(wait) for wait in waits] == [1, 2]


def test_nothing_is_begun_after_the_time_of_the_run() -> None:
    world = World(planned({"a": Wish(), "b": Wish(depends_on=("a",))}, duration_s_max=60), {"a": [WELL]})
    queue = advance(queue_of(world.given.plan), Claimed(world.given.ids["a"], HOLDER), now=BEGIN)
    late = BEGIN + timedelta(seconds=60)
    assert [type(step) for step in steps(queue, world.given.plan, late)] == [Carry, Block]
    world.now = late
    ended = world.run(queue, First())
    assert ended.entries[world.given.ids["b"]].block_reason is BlockReason.BUDGET_EXHAUSTED


STOPS = [
    (Stop(consecutive_failures_max=2), ["a", "b"]),
    (Stop(failed_share_max=0.2), ["a"]),
    (Stop(), ["a", "b", "c", "d"]),
]


@pytest.mark.parametrize(("stop", "began"), STOPS)
def test_a_run_stops_when_too_much_of_it_fails(stop: Stop, began: list[str]) -> None:
    given = planned({name: Wish() for name in "abcd"}, parallel_max=1)
    world = World(given, {name: [FAILS] for name in "abcd"}, policy=DispatchPolicy(stop=stop))
    world.run(queue_of(given.plan), First())
    assert world.began == began


def test_a_run_stops_when_one_failure_is_observed_too_often_for_one_target() -> None:
    given = planned({"a": Wish(), "b": Wish()}, parallel_max=1, attempts_max=5)
    policy = DispatchPolicy(retry=POLICY.retry, stop=Stop(repeated_failure_max=2))
    world = World(given, {"a": [FLAKY], "b": [WELL]}, policy=policy)
    ended = world.run(queue_of(given.plan), First())
    assert len(ended.entries[given.ids["a"]].attempts) == 2
    assert limit_reached(ended, given.plan, given.plan.budgets, world.now, policy=policy) is not None


def test_what_the_table_does_not_have_cannot_happen() -> None:
    given = planned({"a": Wish()})
    queue, task_id = queue_of(given.plan), given.ids["a"]
    ended = Ended(task_id, outcome(WELL), GivenUp(BlockReason.CANCELED), NO_DIGEST, timestamp(BEGIN))
    for change in (Accepted(task_id, "job-" + "0" * 26), ended):
        assert (EntryStatus.QUEUED, type(change)) not in TRANSITIONS
        with pytest.raises(ChangeRefused):
            advance(queue, change, now=BEGIN)
    running = advance(queue, Claimed(task_id, HOLDER), Accepted(task_id, "job-" + "0" * 26), now=BEGIN)
    with pytest.raises(ChangeRefused, match="and not job-"):
        advance(running, Accepted(task_id, "job-" + "1" * 26), now=BEGIN)
    stopped = advance(running, Stopped(QueueState.RESUMABLE), now=BEGIN)
    with pytest.raises(ChangeRefused):
        advance(stopped, ended, now=BEGIN)
    assert steps(stopped, given.plan) == ()


def test_a_lease_that_is_taken_over_has_a_higher_token() -> None:
    given = planned({"a": Wish()})
    claimed = advance(queue_of(given.plan), Claimed(given.ids["a"], HOLDER), now=BEGIN)
    other = Effector(kind=EffectorKind.SERVICE, id="pid-2@tests")
    resumed = advance(claimed, Resumed(other), now=BEGIN)
    first, second = (queue.entries[given.ids["a"]].lease for queue in (claimed, resumed))
    assert first is not None
    assert second is not None
    assert second.token > first.token
    assert second.holder == other


def test_what_a_task_is_there_instead_of_is_waited_for_so_that_no_end_has_to_come_first() -> None:
    given = planned({"one": Wish(), "two": Wish(), "mend": Wish(unless=("one", "two"))}, parallel_max=2)
    one, two, mend = (given.ids[name] for name in ("one", "two", "mend"))
    queue = advance(queue_of(given.plan), Claimed(one, HOLDER), Claimed(two, HOLDER), now=BEGIN)

    def ended(task_id: str) -> Ended:
        return Ended(task_id, outcome(WELL), Succeeded(), NO_DIGEST, timestamp(BEGIN))

    found = []
    for first, second in ((one, two), (two, one)):
        half = advance(queue, ended(first), now=BEGIN)
        assert not [each for each in steps(half, given.plan) if isinstance(each, LeaveOut)]
        found.append(steps(advance(half, ended(second), now=BEGIN), given.plan))
    assert found == [(LeaveOut(mend, min(one, two)),)] * 2
