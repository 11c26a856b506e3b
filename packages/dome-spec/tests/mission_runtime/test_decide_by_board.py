"""What comes next once the packages are fixed: the board decides, whatever a run believes."""

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.status_event import (
    CommitReceipt,
    MissionAccepted,
    MissionCanceled,
    MissionIntegrated,
    NoteAdded,
    ReceiptSource,
)
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.kernel import FixedClock
from dome_spec.mission_runtime import (
    attention,
)
from dome_spec.mission_runtime.run import pin
from dome_spec.missions.status import MissionStatus
from dome_spec.missions.store import MemoryStore
from tests.decisions_asked import MISSION, REVIEWER, TOLD, TYPE, asked, finalized, put, reasons, run, step
from tests.missions_made import (
    ADA,
    AGENT,
    COMMIT,
    OTHER,
    PERSON,
    begun,
    ids,
    loaded,
    mission,
    move,
    package,
)
from tests.missions_made import AT as MOMENT


def test_of_a_finalised_mission_the_board_decides_whatever_the_run_believes() -> None:
    status = finalized(package("WP01"), package("WP02", dependencies=["WP01"]))
    decision = asked(status, run())
    assert decision.origin.value == "board"
    found = decision.decision.to_value()
    assert (found["action"], found["package"]["work_package_id"]) == ("implement", "WP01")


def test_work_is_carried_out_then_reviewed_then_judged_then_brought_home() -> None:
    status = finalized(package("WP01"))
    assert step(status)["action"] == "implement"
    for operation in ("claim", "start", "submit"):
        move(status, operation)
    assert step(status, effector=REVIEWER)["action"] == "review"
    move(status, "begin_review", OTHER)
    assert reasons(step(status, effector=AGENT)) == ["review_in_progress"]
    put(status, "WP01", Lane.APPROVED)
    assert step(status)["action"] == "accept"
    accepted = MissionAccepted(kind="mission_accepted", acceptance_digest=TOLD, verdict=AcceptanceVerdict.ACCEPTED)
    status.state(None, accepted, ADA)
    assert step(status)["action"] == "integrate"
    receipt = CommitReceipt(
        operation_id="op-01hy2y63cm7n59a7hdtrjvmwd0",
        commit=COMMIT,
        parent=COMMIT,
        destination_ref="refs/heads/main",
        found_by=ReceiptSource.ANSWER,
    )
    status.state(None, MissionIntegrated(kind="mission_integrated", receipt=receipt), ADA)
    assert step(status) == {"kind": "terminal", "outcome": "done"}


def test_the_holder_goes_on_with_what_it_holds() -> None:
    status = finalized(package("WP01"), package("WP02"))
    move(status, "claim", name="WP02")
    assert step(status, effector=AGENT)["package"]["work_package_id"] == "WP02"
    assert (
        step(status, effector=REVIEWER.model_copy(update={"role": "implementer"}))["package"]["work_package_id"]
        == "WP01"
    )


def test_nobody_is_offered_the_review_of_their_own_work() -> None:
    status = finalized(package("WP01"))
    for operation in ("claim", "start", "submit"):
        move(status, operation)
    assert reasons(step(status, effector=AGENT.model_copy(update={"role": "reviewer"}))) == ["review_in_progress"]


def test_a_canceled_mission_is_over() -> None:
    status = finalized(package("WP01"))
    status.state(None, MissionCanceled(kind="mission_canceled", accountable=PERSON, reason="Enough."), ADA)
    assert step(status) == {"kind": "terminal", "outcome": "canceled"}


def test_a_fork_of_the_mission_itself_blocks_until_somebody_has_looked() -> None:
    store = MemoryStore()
    begun(store, package("WP01"), of=MISSION)
    sides = [loaded(store, maker=ids(start)) for start in (50_000, 60_000)]
    for side in sides:
        side.state(None, NoteAdded(kind="note_added", text="So it is."), ADA)
        store.merge(side.history(), name=store.missions()[0])
    status = loaded(store, maker=ids(70_000))
    assert reasons(step(status)) == ["conflict_unacknowledged"]
    assert [each.reason for each in attention(status.standing)] == ["conflict"]
    status.acknowledge(None, "They say the same.", ADA)
    assert step(status)["action"] == "implement"
    status.save()
    assert step(loaded(store))["action"] == "implement"


def test_a_table_that_asks_for_more_than_an_approval_blocks_and_fails_nobody() -> None:
    value = TYPE.to_value()
    value["transition_table"]["satisfying"] = ["done"]
    strict = MissionType.from_value(value)
    rules = strict.transition_table
    pinned = {"id": rules.id, "version": rules.version, "digest": digest(rules.to_value())}
    of = mission(transition_table=pinned, mission_type=pin(strict))
    status = MissionStatus.create(MemoryStore(), of, rules, clock=FixedClock(MOMENT), ids=ids())
    status.finalize((package("WP01"),), ADA)
    put(status, "WP01", Lane.APPROVED)
    assert reasons(step(status, mission_type=strict)) == ["all_claimed"]


def test_what_waits_for_something_that_was_given_up_needs_somebody() -> None:
    status = finalized(package("WP01"), package("WP02", dependencies=["WP01"]))
    assert attention(status.standing) == ()
    put(status, "WP01", Lane.CANCELED)
    found = [each.reason for each in attention(status.standing) if each.work_package_id == "WP02"]
    assert found == ["dependency_canceled"]
