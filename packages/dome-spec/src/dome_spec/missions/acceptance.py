"""Whether a mission did what it was for. Pure: findings and the moment are handed in.

What is still to be shown goes before everything else: then the verdict is `pending`, whatever was found besides.
"""

from collections.abc import Collection, Mapping, Sequence

from dome_contracts.schema.missions.acceptance import (
    Acceptance,
    AcceptanceVerdict,
    Criterion,
    CriterionState,
    InvariantFinding,
    InvariantState,
)
from dome_contracts.schema.missions.mission import Mission, Priority
from dome_contracts.schema.missions.work_package import PackageStanding
from dome_contracts.schema.shared.definitions import Accountable, Lane
from dome_spec.missions.refusals import NothingToJudge

_UNKNOWN = frozenset({InvariantState.PENDING, InvariantState.VERIFICATION_FAILED})


def scaffold(mission: Mission) -> tuple[tuple[Criterion, ...], tuple[InvariantFinding, ...]]:
    """A criterion for each requirement and a finding for each negative invariant, nothing of it shown yet."""
    criteria = tuple(
        Criterion.from_value(
            {
                "id": f"AC-{place:03d}",
                "text": requirement.text,
                "requirements": [requirement.id],
                "proof": "code_review",
                "state": "pending",
            }
        )
        for place, requirement in enumerate(mission.requirements, 1)
    )
    findings = (InvariantFinding(id=each.id, state=InvariantState.PENDING) for each in mission.negative_invariants)
    return criteria, tuple(findings)


def judge(
    mission: Mission,
    *,
    standings: Sequence[PackageStanding],
    criteria: Sequence[Criterion],
    findings: Sequence[InvariantFinding],
    satisfying: Collection[Lane],
    reason: str | None = None,
) -> AcceptanceVerdict:
    """The verdict. `satisfying` are the lanes in which a package is done with; canceled ones count for nothing.

    A requirement that must be met, and each negative invariant, decide; one that should be met may be left with a
    reason; one that could be met decides nothing. Raises NothingToJudge where no package counts: of no work nothing
    can be shown.
    """
    if all(each.lane is Lane.CANCELED for each in standings):
        raise NothingToJudge(mission.slug, is_canceled=bool(standings))
    priorities = {each.id: each.priority for each in mission.requirements}
    states = _states(mission, criteria)
    found = {each.id: each for each in findings}
    invariants = [found.get(each.id) for each in mission.negative_invariants]
    open_packages = [each for each in standings if each.lane not in {*satisfying, Lane.CANCELED}]
    asked = [name for name, priority in priorities.items() if priority is not Priority.COULD]
    if (
        open_packages
        or any(states[name] is CriterionState.PENDING for name in asked)
        or any(each is None or each.state in _UNKNOWN for each in invariants)
    ):
        return AcceptanceVerdict.PENDING
    refused = any(
        states[name] is CriterionState.UNMET and (priorities[name] is Priority.MUST or reason is None) for name in asked
    )
    present = any(
        each is not None
        and (
            each.state is InvariantState.STILL_PRESENT
            or (each.state is InvariantState.DEFERRED and each.reason is None)
        )
        for each in invariants
    )
    return AcceptanceVerdict.REFUSED if refused or present else AcceptanceVerdict.ACCEPTED


def accept(
    mission: Mission,
    *,
    commit: str,
    standings: Sequence[PackageStanding],
    criteria: Sequence[Criterion],
    findings: Sequence[InvariantFinding],
    satisfying: Collection[Lane],
    accountable: Accountable,
    decision_time: str,
    reason: str | None = None,
) -> Acceptance:
    """The acceptance document. `decision_time` is RFC 3339. Raises NothingToJudge."""
    verdict = judge(
        mission, standings=standings, criteria=criteria, findings=findings, satisfying=satisfying, reason=reason
    )
    value = {
        "schema_version": "1",
        "mission_id": mission.mission_id,
        "commit": commit,
        "packages": [each.to_value() for each in sorted(standings, key=lambda each: each.work_package_id)],
        "criteria": [each.to_value() for each in sorted(criteria, key=lambda each: each.id)],
        "negative_invariants": [each.to_value() for each in sorted(findings, key=lambda each: each.id)],
        "verdict": verdict,
        "accountable": accountable.to_value(),
        "decision_time": decision_time,
    }
    return Acceptance.from_value(value if reason is None else {**value, "reason": reason})


def _states(mission: Mission, criteria: Sequence[Criterion]) -> Mapping[str, CriterionState]:
    """What was shown of each requirement: met where all of its criteria are, unmet where one is, else pending."""
    states: dict[str, CriterionState] = {}
    for requirement in mission.requirements:
        given = {each.state for each in criteria if requirement.id in each.requirements}
        if CriterionState.PENDING in given or not given:
            states[requirement.id] = CriterionState.PENDING
        else:
            states[requirement.id] = CriterionState.UNMET if CriterionState.UNMET in given else CriterionState.MET
    return states
