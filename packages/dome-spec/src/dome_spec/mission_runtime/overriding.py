"""A person decides against a review that asked for changes: whether that may be, and what follows from it. Pure.

The review stays as it was said. The package is approved by an override of the table, which is counted and names who
answers for it. Nobody decides so about work in which they had a part.
"""

from collections.abc import Sequence
from typing import Final

from dome_contracts.schema.missions.review_result import ReviewVerdict
from dome_contracts.schema.missions.status_event import ReviewOverridden, ReviewReference
from dome_contracts.schema.shared.definitions import Accountable, Effector, EvidenceRef, Lane, LaneOperation
from dome_spec.missions.status import Force, Given, Standing, TransitionRefused, Wish, overridden, same

_WHERE: Final = frozenset({Lane.IN_PROGRESS, Lane.FOR_REVIEW, Lane.IN_REVIEW})
"""Lanes in which the work that was reviewed may still stand."""


def override(
    standing: Standing,
    package: str,
    accountable: Accountable,
    *,
    effector: Effector,
    reason: str,
    evidence: Sequence[EvidenceRef],
) -> tuple[ReviewOverridden, Wish]:
    """The fact that a review is overridden, and the approval that follows it.

    Raises PackageUnknown, TransitionRefused.
    """
    state, slug = standing.package(package), standing.mission.slug
    what, review = f"{package}: no review is overridden", state.review
    show = f"`dome mission show {slug} {package}`"
    if not reason.strip():
        raise TransitionRefused("REASON_MISSING", what, why="no reason is given", hint="Say why with `--reason`")
    if review is None:
        raise TransitionRefused("REVIEW_MISSING", what, why="there is none", hint=f"See where it stands: {show}")
    if state.lane not in _WHERE:
        why, hint = f"it stands in {state.lane.value}", f"See what may be done from there: {show}"
        raise TransitionRefused("LANE_OTHER", what, why=why, hint=hint)
    if review.result.verdict is not ReviewVerdict.CHANGES_REQUESTED:
        named = f"--review {review.event_id} --reason TEXT"
        why, hint = "it approves", f"Go against it: `dome mission move {slug} {package} reopen {named}`"
        raise TransitionRefused("VERDICT_OTHER", what, why=why, hint=hint)
    if not review.is_current:
        why, hint = "it is reviewed anew, which decides", "Wait for that review"
        raise TransitionRefused("REVIEW_MISSING", what, why=why, hint=hint)
    if state.evidence is not None and state.evidence != review.result.reviewed:
        why, hint = (
            "other work was submitted since, and nobody reviewed it",
            f"Review it: `dome mission claim {slug} {package} --artefact FILE`",
        )
        raise TransitionRefused("REVIEW_MISSING", what, why=why, hint=hint)
    if any(same(each, effector) for each in state.implementers):
        why = f"{effector.kind.value} {effector.id} had a part in the work"
        raise TransitionRefused("REVIEWER_NOT_INDEPENDENT", what, why=why, hint="Let another person decide")
    fact = overridden(state, accountable, reason, evidence=evidence)
    reference = ReviewReference(review_event=review.event_id, verdict=review.result.verdict)
    given = Given(reason=reason, review=reference, force=Force(accountable=accountable, reason=reason))
    wish = Wish(package=package, effector=effector, operation=LaneOperation.APPROVE, given=given, to=Lane.APPROVED)
    return fact, wish
