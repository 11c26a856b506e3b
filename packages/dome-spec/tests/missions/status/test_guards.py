"""What guards ask, one after the other: what refuses, with its code, and what lets a package pass."""

from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.status_event import MissionCanceled, NoteAdded, SubtaskStatus
from dome_contracts.schema.shared.definitions import Effector, Lane, LaneOperation
from dome_spec.missions.status import (
    ClaimConflict,
    Force,
    Given,
    MissionFixed,
    MissionStatus,
    Refused,
    StaleArtefact,
    TransitionRefused,
    Wish,
)
from dome_spec.missions.store import MemoryStore
from tests.missions_made import (
    ADA,
    AGENT,
    OTHER,
    PERSON,
    begun,
    everything,
    move,
    package,
    review,
    to_review,
    witness,
)

NOTE = NoteAdded(kind="note_added", text="Something came up.")
FORCE = Force(accountable=PERSON, reason="The house is on fire.")


def test_what_somebody_holds_is_claimed_by_nobody_else() -> None:
    status = begun(MemoryStore())
    move(status, "claim")
    with pytest.raises(ClaimConflict) as refused:
        status.claim("WP01", OTHER, everything(status))
    assert refused.value.holder == AGENT
    with pytest.raises(TransitionRefused) as again:
        status.claim("WP01", AGENT, everything(status))
    assert again.value.reason == "NO_EDGE"


def test_property_14_packages_that_are_fixed_stay_as_they_are() -> None:
    status = begun(MemoryStore(), package("WP01"), package("WP02"))
    others = (
        [package("WP01")],
        [package("WP01"), package("WP02", title="Another")],
        [package("WP01"), package("WP02"), package("WP03")],
    )
    for other in others:
        with pytest.raises(MissionFixed, match=r"WP0[23]"):
            status.finalize(other, ADA)
    status.finalize([package("WP02"), package("WP01")], ADA)
    assert status.save().events == ()


def codes(
    status: MissionStatus, operation: str, who: Effector = AGENT, *, to: Lane | None = None, **more: Any
) -> list[str]:
    given_so = everything(status, **more)
    wish = Wish(package="WP01", effector=who, operation=LaneOperation(operation), given=given_so, to=to)
    return [each.code for each in status.standing.against(wish)]


def started() -> MissionStatus:
    status = begun(MemoryStore(), package("WP01", subtasks=[{"id": "T001", "title": "a"}]))
    move(status, "claim")
    move(status, "start")
    return status


def test_a_package_waits_for_those_before_it() -> None:
    status = begun(MemoryStore(), package("WP02"), package("WP01", dependencies=["WP02"]))
    assert codes(status, "claim") == ["DEPENDENCIES_OPEN"]
    assert status.standing.ready() == ("WP02",)
    move(status, "approve", ADA, name="WP02", to=Lane.APPROVED, force=FORCE)
    assert status.standing.ready() == ("WP01",)


def test_an_artefact_has_to_be_the_current_one() -> None:
    status = begun(MemoryStore())
    assert codes(status, "claim", witness=None) == ["STALE_ARTEFACT"]
    old = witness(status).model_copy(update={"stream_version": 9})
    assert codes(status, "claim", witness=old) == ["STALE_ARTEFACT"]
    other = witness(status).model_copy(update={"digest": "sha256:" + "9" * 64})
    assert codes(status, "claim", witness=other) == ["STALE_ARTEFACT"]
    with pytest.raises(StaleArtefact, match="dome artefact show"):
        status.claim("WP01", AGENT, everything(status, witness=other))


def test_a_claim_is_never_forced() -> None:
    status = begun(MemoryStore())
    for shown in (None, witness(status).model_copy(update={"digest": "sha256:" + "9" * 64})):
        with pytest.raises(TransitionRefused) as refused:
            status.claim("WP01", AGENT, everything(status, witness=shown, force=FORCE))
        assert refused.value.reason == "FORCE_REFUSED"


def test_only_the_holder_goes_on_with_a_package() -> None:
    status = started()
    assert "NOT_HOLDER" in codes(status, "submit", OTHER)
    assert codes(status, "submit", AGENT) == ["SUBTASKS_OPEN"]


def test_a_package_is_submitted_with_its_subtasks_done_and_evidence() -> None:
    from dome_contracts.schema.missions.status_event import SubtaskChanged

    status = started()
    assert codes(status, "submit", evidence=None) == ["SUBTASKS_OPEN", "EVIDENCE_MISSING"]
    done = SubtaskChanged(kind="subtask_changed", subtask_id="T001", status=SubtaskStatus.DONE)
    status.state("WP01", done, AGENT)
    assert codes(status, "submit") == []


def test_nobody_reviews_work_in_which_they_had_a_part() -> None:
    status = begun(MemoryStore())
    for operation in ("claim", "start", "submit"):
        move(status, operation)
    assert codes(status, "begin_review", AGENT) == ["REVIEWER_NOT_INDEPENDENT"]
    assert codes(status, "begin_review", OTHER) == []


def test_who_gave_the_work_to_somebody_else_had_a_part_in_it_too() -> None:
    status = begun(MemoryStore())
    third = AGENT.model_copy(update={"id": "agent-3"})
    for operation, who in (("claim", AGENT), ("start", AGENT), ("release", AGENT)):
        move(status, operation, who)
    for operation in ("claim", "start", "submit"):
        move(status, operation, third)
    assert codes(status, "begin_review", AGENT) == ["REVIEWER_NOT_INDEPENDENT"]
    assert codes(status, "begin_review", third) == ["REVIEWER_NOT_INDEPENDENT"]
    assert codes(status, "begin_review", OTHER) == []


def test_an_approval_needs_a_review_of_this_cycle_that_approves() -> None:
    status = begun(MemoryStore())
    to_review(status)
    assert codes(status, "approve", OTHER) == ["REVIEW_MISSING", "REVIEW_MISSING"]
    status.review(review(status, "changes_requested"), OTHER)
    assert codes(status, "approve", OTHER) == ["VERDICT_OTHER"]
    assert codes(status, "request_changes", OTHER) == []
    move(status, "request_changes", OTHER)
    move(status, "submit")
    move(status, "begin_review", OTHER)
    assert codes(status, "request_changes", OTHER) == ["REVIEW_MISSING", "REVIEW_MISSING"]


def test_a_review_is_taken_from_its_reviewer_alone() -> None:
    status = begun(MemoryStore())
    move(status, "claim")
    with pytest.raises(TransitionRefused, match="stands in claimed"):
        status.review(review(status, "approved"), OTHER)
    for operation, who in (("start", AGENT), ("submit", AGENT), ("begin_review", OTHER)):
        move(status, operation, who)
    third = OTHER.model_copy(update={"id": "agent-3"})
    for reviewer, who in ((third, third), (ADA, OTHER), (OTHER, third)):
        with pytest.raises(TransitionRefused) as refused:
            status.review(review(status, "approved", reviewer=reviewer), who)
        assert refused.value.reason == "NOT_HOLDER"
    assert status.package("WP01").review is None


def test_a_blocked_package_resumes_where_it_was() -> None:
    status = started()
    move(status, "block")
    assert codes(status, "resume", to=Lane.PLANNED) == ["PRIOR_LANE_OTHER"]
    move(status, "resume")
    assert status.lane("WP01") is Lane.IN_PROGRESS


def test_what_is_not_in_the_table_says_what_is() -> None:
    status = begun(MemoryStore())
    (refused,) = status.standing.against(
        Wish(package="WP01", effector=AGENT, operation=LaneOperation.APPROVE, given=everything(status))
    )
    assert isinstance(refused, Refused)
    assert refused.code == "NO_EDGE"
    assert "claim to claimed" in refused.hint


def test_nothing_moves_the_packages_of_a_mission_that_was_given_up() -> None:
    status = started()
    status.state(None, MissionCanceled(kind="mission_canceled", accountable=PERSON, reason="Enough."), ADA)
    assert codes(status, "submit") == ["MISSION_CANCELED"]
    with pytest.raises(TransitionRefused, match="given up"):
        move(status, "block")


def test_what_may_be_done_is_exactly_what_is_accepted() -> None:
    status = started()
    given_all = everything(status)
    for operation in status.standing.allowed("WP01", AGENT, given_all):
        status.standing.decide(Wish(package="WP01", effector=AGENT, operation=operation, given=given_all))
    assert status.standing.allowed("WP01", AGENT, Given()) == ()


@pytest.mark.parametrize("verdict", ["approved", "changes_requested"])
def test_who_judges_shows_what_was_read_before_the_review_was_said(verdict: str) -> None:
    operation = "approve" if verdict == "approved" else "request_changes"
    status = begun(MemoryStore())
    to_review(status)
    read = witness(status)
    assert codes(status, operation, OTHER, witness=None) == ["STALE_ARTEFACT", "REVIEW_MISSING", "REVIEW_MISSING"]
    status.review(review(status, verdict), OTHER)
    # What was read before the review was said, or after: nothing else has happened since.
    assert codes(status, operation, OTHER, witness=read) == []
    assert codes(status, operation, OTHER) == []
    other = read.model_copy(update={"digest": digest_bytes(b"other")})
    assert codes(status, operation, OTHER, witness=other) == ["STALE_ARTEFACT"]
    status.state("WP01", NOTE, ADA)
    assert codes(status, operation, OTHER, witness=read) == ["STALE_ARTEFACT"]


def test_work_is_handed_in_with_what_was_told_now() -> None:
    status = begun(MemoryStore())
    for operation in ("claim", "start"):
        move(status, operation)
    read = witness(status)
    assert codes(status, "submit", witness=None) == ["STALE_ARTEFACT"]
    assert codes(status, "submit", witness=read) == []
    status.state("WP01", NOTE, ADA)
    assert codes(status, "submit", witness=read) == ["STALE_ARTEFACT"]
    move(status, "submit", witness=None, force=FORCE)
