"""What needs somebody, and the columns of the board."""

from dome_contracts.canonical import digest
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.status_event import CommitReceipt, MissionAccepted, MissionIntegrated, ReceiptSource
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.kernel import FixedClock
from dome_spec.mission_runtime import attention, board
from dome_spec.mission_runtime.board import APART, COLUMNS
from dome_spec.missions.status import MissionStatus
from dome_spec.missions.store import MemoryStore
from tests.missions_made import ADA, AT, COMMIT, OTHER, TABLE, a_mission, begun, ids, move, package, review, to_review


def reasons(status: MissionStatus) -> list[tuple[str, str | None]]:
    return [(each.reason, each.work_package_id) for each in attention(status.standing)]


def test_a_mission_without_packages_waits_for_them() -> None:
    status = MissionStatus.create(MemoryStore(), a_mission(), TABLE, clock=FixedClock(AT), ids=ids())
    assert reasons(status) == [("not_finalized", None)]


def test_what_goes_on_by_itself_needs_nobody_and_the_rest_says_a_way_on() -> None:
    status = begun(MemoryStore(), package("WP01"), package("WP02"))
    assert reasons(status) == []
    to_review(status)
    status.review(review(status, "changes_requested"), OTHER)
    move(status, "request_changes", OTHER)
    assert reasons(status) == [("rework", "WP01")]
    move(status, "submit")
    move(status, "block", name="WP02")
    found = attention(status.standing)
    assert [(each.reason, each.work_package_id) for each in found] == [("review_wanted", "WP01"), ("blocked", "WP02")]
    assert all(each.text and each.remedy for each in found)


def test_a_mission_whose_packages_are_through_is_judged_and_then_lands() -> None:
    status = begun(MemoryStore(), package("WP01"), package("WP02"))
    to_review(status)
    status.review(review(status, "approved"), OTHER)
    move(status, "approve", OTHER)
    assert reasons(status) == []
    move(status, "cancel", ADA, name="WP02")
    assert reasons(status) == [("acceptance_wanted", None)]
    for verdict in (AcceptanceVerdict.PENDING, AcceptanceVerdict.ACCEPTED):
        fact = MissionAccepted(kind="mission_accepted", acceptance_digest=digest({}), verdict=verdict)
        status.state(None, fact, ADA)
    assert reasons(status) == [("integration_wanted", None)]
    receipt = CommitReceipt(
        operation_id="op-01hy2y63cm7n59a7hdtrjvmwd0",
        commit=COMMIT,
        parent=COMMIT,
        destination_ref="refs/heads/main",
        found_by=ReceiptSource.ANCESTRY,
    )
    status.state(None, MissionIntegrated(kind="mission_integrated", receipt=receipt), ADA)
    assert reasons(status) == []


def test_every_lane_has_one_place_on_the_board() -> None:
    placed = [lane for lanes in COLUMNS.values() for lane in lanes]
    assert sorted([*placed, *APART]) == sorted(Lane)
    status = begun(MemoryStore(), package("WP01"), package("WP02"))
    move(status, "claim")
    value = board(status.standing).value
    assert (value["columns"]["Planned"], value["columns"]["Doing"]) == (["WP02"], ["WP01"])
