"""What is kept of a run: written once or replaced by who has read it, whole or not at all, and held by one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dome_contracts.schema.control.work_queue import QueueState
from dome_contracts.schema.shared.definitions import Effector, EffectorKind
from dome_spec.dispatch.decide.policy import DispatchPolicy
from dome_spec.dispatch.decide.queue import Stopped, advance, opened
from dome_spec.dispatch.errors import RecordDamaged, RecordStale, RunHeld, RunUnknown
from dome_spec.dispatch.record import Lease, RunRecord, Topic, is_held, run_ids
from dome_spec.kernel import FixedClock, Ids
from dome_spec.planning import default_strategies
from tests.planned import NO_DIGEST, RUN_ID, Wish, planned

CLOCK = FixedClock(datetime(2024, 5, 17, 9, 30, tzinfo=UTC))
HOLDER = Effector(kind=EffectorKind.SERVICE, id="pid-1@tests")
GIVEN = planned({"a": Wish()})
QUEUE = opened(GIVEN.plan, plan_hash=NO_DIGEST, run_id=RUN_ID, now=CLOCK.at)


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    prepared = RunRecord.prepare(tmp_path, RUN_ID)
    prepared.keep_plan(GIVEN.plan)
    prepared.save_queue(QUEUE)
    return prepared


def test_what_was_kept_is_read_again(record: RunRecord, tmp_path: Path) -> None:
    found = RunRecord.find(tmp_path, RUN_ID)
    assert (found.queue(), found.plan()) == (QUEUE, GIVEN.plan)
    assert run_ids(tmp_path) == (RUN_ID,)


def test_a_writer_that_read_another_revision_is_refused(record: RunRecord, tmp_path: Path) -> None:
    other = RunRecord.find(tmp_path, RUN_ID)
    mine, others = record.queue(), other.queue()
    record.save_queue(advance(mine, Stopped(QueueState.RESUMABLE), now=CLOCK.at))
    with pytest.raises(RecordStale):
        other.save_queue(advance(others, Stopped(QueueState.FINISHED), now=CLOCK.at))
    assert other.queue().state is QueueState.RESUMABLE


def test_the_first_plan_of_a_run_stays(record: RunRecord) -> None:
    record.keep_plan(planned({"b": Wish()}).plan)
    assert record.plan() == GIVEN.plan


@pytest.mark.parametrize("run_id", ["run-of-nobody", "../etc", "run-a/b", ""])
def test_a_run_that_is_not_there_is_unknown_and_no_path(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(RunUnknown):
        RunRecord.find(tmp_path, run_id)


def test_a_damaged_queue_is_named(record: RunRecord) -> None:
    (record.directory / "queue.json").write_text("{")
    with pytest.raises(RecordDamaged, match=r"queue\.json"):
        record.queue()


def test_the_lease_is_held_by_one_and_names_it(tmp_path: Path) -> None:
    with Lease.take(tmp_path, RUN_ID, HOLDER, CLOCK):
        assert is_held(tmp_path)
        with pytest.raises(RunHeld, match=r"pid-1@tests since 2024-05-17T09:30:00Z"):
            Lease.take(tmp_path, RUN_ID, HOLDER, CLOCK)
    assert not is_held(tmp_path)
    with Lease.take(tmp_path, RUN_ID, HOLDER, CLOCK):
        assert is_held(tmp_path)


def test_nobody_holds_a_run_that_was_never_begun(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "nowhere")


def test_a_line_that_a_crash_cut_short_is_cut_off_and_the_log_goes_on(record: RunRecord, tmp_path: Path) -> None:
    ids = Ids(CLOCK)
    record.log.append(Topic.RESUMED, {"revision": 1}, clock=CLOCK, ids=ids, effector=HOLDER)
    path = record.directory / "events.jsonl"
    path.write_bytes(path.read_bytes() + b'{"topic":')
    again = RunRecord.find(tmp_path, RUN_ID)
    assert [event.sequence for event in again.log.events] == [1]
    again.log.append(Topic.STOPPED, {}, clock=CLOCK, ids=ids, effector=HOLDER)
    assert [event.sequence for event in RunRecord.find(tmp_path, RUN_ID).log.events] == [1, 2]


def test_a_whole_line_that_is_no_event_is_named(record: RunRecord) -> None:
    (record.directory / "events.jsonl").write_text("{}\n")
    with pytest.raises(RecordDamaged, match="no event"):
        record.log.last(Topic.OPENED)


def test_the_shipped_strategies_wait_a_minute_for_a_lost_daemon() -> None:
    assert DispatchPolicy.of(default_strategies()).lost_daemon_s == DispatchPolicy().lost_daemon_s == 60
