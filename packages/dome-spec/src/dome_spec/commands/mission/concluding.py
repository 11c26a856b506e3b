"""What follows from a review: it is recorded, and the package moves by it or waits for another reviewer."""

from dataclasses import replace

from dome_contracts.schema.missions.review_result import ReviewResult
from dome_contracts.schema.missions.status_event import ReviewReference
from dome_contracts.schema.shared.definitions import LaneOperation
from dome_spec.commands.mission.opening import Opened
from dome_spec.mission_runtime import NotPermitted
from dome_spec.mission_runtime.approving import given_back, has_approved, missing_approvals, refuse_broken
from dome_spec.missions.status import Given, MissionStatus, Refused, Wish


def concluded(
    status: MissionStatus,
    result: ReviewResult,
    operation: LaneOperation,
    *,
    opened: Opened,
    are_checks_passed: bool | None,
) -> Refused | None:
    """Record a review, and move the package by it. What the charter still asks for, where an approval is not enough.

    Then the package is given back, so that somebody else can review it. Raises what a transition raises; nothing is
    saved.
    """
    name, missions = result.work_package_id, opened.missions
    if operation is LaneOperation.APPROVE:
        action = missions.action_at(status.lane(name))
        refuse_broken(result, missions.governance(status.standing, action, name, effector=opened.effector))
    has_said_so = has_approved(status.standing, name, opened.effector)
    status.review(result, opened.effector)
    review = status.package(name).review
    assert review is not None
    given = Given(
        witness=result.witness,
        checks=tuple(result.checks or ()),
        are_checks_passed=are_checks_passed,
        review=ReviewReference(review_event=review.event_id, verdict=result.verdict),
    )
    wish = Wish(package=name, effector=opened.effector, operation=operation, given=given)
    missing = None if has_said_so else missing_approvals(status.standing, wish)
    if missing is None:
        status.transition(wish)
        return None
    back = given_back(wish, missing)
    try:
        missions.permit(status.standing, back)
    except NotPermitted:  # then a person takes it back
        return missing
    status.transition(replace(back, given=replace(back.given, witness=result.witness)))
    return missing
