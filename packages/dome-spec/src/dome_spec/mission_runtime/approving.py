"""What becomes of a package once a review is recorded: it moves by it, or waits for another reviewer. Pure."""

from typing import Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.directive import Enforcement
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.missions.review_result import ReviewResult
from dome_contracts.schema.shared.definitions import Effector, LaneOperation
from dome_spec.mission_runtime.refusals import RuntimeRefusal
from dome_spec.missions.status import Given, Refused, Standing, Wish, same

_MISSING: Final = "APPROVALS_MISSING"


class DirectiveBroken(RuntimeRefusal):
    """An approval of work in which the review finds a directive broken that refuses."""

    code = "DIRECTIVE_BROKEN"
    exit_code = Exit.PRECONDITION


def refuse_broken(result: ReviewResult, governance: GovernanceContext) -> None:
    """Refuse to approve work in which the review itself finds a directive broken. Raises DirectiveBroken."""
    refusing = {each.value.id for each in governance.directives if each.value.enforcement is Enforcement.REFUSE}
    broken = sorted({each.directive for each in result.findings if each.directive in refusing} - {None})
    if broken:
        raise DirectiveBroken(
            f"{result.work_package_id}: it is not approved",
            why=f"the review finds {', '.join(map(str, broken))} broken, which refuses",
            hint="Request changes: `--verdict changes_requested`; what is no breach is no finding of it",
        )


def missing_approvals(standing: Standing, wish: Wish) -> Refused | None:
    """What the charter still asks for, where nothing but that is against an approval that was just recorded."""
    against = standing.against(wish)
    is_alone = bool(against) and all(each.code == _MISSING for each in against)
    return against[0] if wish.operation is LaneOperation.APPROVE and is_alone else None


def has_approved(standing: Standing, package: str, effector: Effector) -> bool:
    """Whether the effector has approved the work as it stands."""
    return any(same(each, effector) for each in standing.package(package).approvals)


def given_back(wish: Wish, missing: Refused) -> Wish:
    """That the package is given back after an approval that is not enough, so that somebody else can take it."""
    given = Given(reason=f"Approved, and more is asked: {missing.why}")
    return Wish(package=wish.package, effector=wish.effector, operation=LaneOperation.RELEASE, given=given)
