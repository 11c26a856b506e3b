"""Assembles the communication artefact: everything that an effector is given for one step, as one value. Pure.

Its digest covers what the effector is asked, told, who is addressed, where they work and the version of the package:
whatever of that changes makes it stale. Priors are attached with a digest of their own. What the effector may do next
is computed from the transition table and its guards, so that the artefact never promises what the status refuses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.governance.mission_type import LaneEdge, LaneGuard
from dome_contracts.schema.mission_runtime.communication_artefact import CommunicationArtefact, Prior
from dome_contracts.schema.mission_runtime.execution_context import ExecutionContext
from dome_contracts.schema.missions.review_result import CommitRange, ReviewVerdict
from dome_contracts.schema.missions.status_event import CommitReceipt, ReceiptSource, ReviewReference, WorkspaceRef
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, LaneOperation
from dome_spec.mission_runtime.artefact.guidance import guidance
from dome_spec.mission_runtime.authority import permitted
from dome_spec.missions.status import Given, PackageState, Standing, Wish

_SKILLS: Final = {
    LaneOperation.CLAIM: "mission.claim",
    LaneOperation.BEGIN_REVIEW: "mission.claim",
    LaneOperation.APPROVE: "mission.review",
    LaneOperation.REQUEST_CHANGES: "mission.review",
}
_MOVE: Final = "mission.move"
_ANY_DIGEST: Final = "sha256:" + "0" * 64
_ANY_COMMIT: Final = "0" * 40
_ANY_OPERATION: Final = "op-" + "0" * 26
_ANY_EVENT: Final = "evt-" + "0" * 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that an artefact is made from."""

    standing: Standing
    package: str | None
    effector: Effector
    governance: GovernanceContext
    execution: ExecutionContext
    priors: tuple[Prior, ...] = ()


def assemble(told: Told) -> CommunicationArtefact:
    """The artefact. Raises PackageUnknown."""
    standing = told.standing
    state = None if told.package is None else standing.package(told.package)
    package = None if told.package is None else standing.packages[told.package]
    mission = standing.snapshot.mission
    version = state.version if state is not None else 1 if mission is None else mission.version
    core: dict[str, Any] = {
        "intent": _intent(standing, package, state),
        "governance_digest": told.governance.digest,
        "effector": told.effector.to_value(),
        "execution": told.execution.identity.to_value(),
        "stream_version": version,
    }
    edges = () if told.package is None else possible(standing, told.package, told.effector, told.governance)
    value: dict[str, Any] = {
        "schema_version": "1",
        "digest": digest(core),
        **core,
        "accountable": standing.mission.accountable.to_value(),
        "allowed_operations": [
            {"edge": each.to_value(), "skill_id": _SKILLS.get(each.operation, _MOVE)} for each in edges
        ],
        "content": list(_content(told, package, state, edges)),
    }
    if told.priors:
        items = [each.to_value() for each in told.priors]
        value["priors"] = {"digest": digest(items), "items": items}
    if policies := told.governance.policies.to_value():
        value["policies"] = policies
    if told.governance.profile is not None:
        value["tools"] = [each.to_value() for each in told.governance.allowance.tools]
    if state is not None and state.approvals:
        value["approvals"] = [each.to_value() for each in state.approvals]
    if told.governance.deferred:
        value["deferred"] = [each.to_value() for each in told.governance.deferred]
    return CommunicationArtefact.from_value(value)


def possible(
    standing: Standing, package: str, effector: Effector, governance: GovernanceContext
) -> tuple[LaneEdge, ...]:
    """The edges that the effector may take now with all that they ask for, and that its profile permits."""
    may = permitted(effector, governance)
    trusting = replace(standing, artefact_digest=lambda *_: _ANY_DIGEST)
    state = standing.package(package)
    found = []
    for edge in standing.table.edges(state.lane):
        wish = Wish(package=package, effector=effector, operation=edge.operation, given=_all_given(state), to=edge.to)
        if edge.operation in may and not trusting.against(wish):
            found.append(edge)
    return tuple(found)


def _all_given(state: PackageState) -> Given:
    """Everything that can be brought along. What only the package's state can give is not among it."""
    review = state.review
    reference = ReviewReference(
        review_event=_ANY_EVENT if review is None else review.event_id,
        verdict=ReviewVerdict.APPROVED if review is None else review.result.verdict,
    )
    receipt = CommitReceipt(
        operation_id=_ANY_OPERATION,
        commit=_ANY_COMMIT,
        parent=_ANY_COMMIT,
        destination_ref="refs/heads/any",
        found_by=ReceiptSource.ANSWER,
    )
    return Given(
        witness=ArtefactWitness(digest=_ANY_DIGEST, stream_version=state.version),
        workspace=WorkspaceRef(branch="refs/heads/any", base=_ANY_COMMIT),
        reason="any",
        evidence=CommitRange(kind="commits", base=_ANY_COMMIT, head=_ANY_COMMIT),
        are_checks_passed=True,
        review=reference,
        receipt=receipt,
    )


def _intent(standing: Standing, package: WorkPackage | None, state: PackageState | None) -> dict[str, Any]:
    mission = standing.mission
    served = {each.id for each in mission.requirements} if package is None else set(package.requirements)
    subtasks = [] if package is None else package.subtasks
    known = {} if state is None else state.subtasks
    intent: dict[str, Any] = {
        "goal": mission.purpose.summary if package is None else package.goal,
        "requirements": [each.to_value() for each in mission.requirements if each.id in served],
        "subtasks": [{"subtask": each.to_value(), "status": known.get(each.id, "open")} for each in subtasks],
    }
    if package is not None:
        intent["authored"] = package.authored.to_value()
        if package.owned_files:
            intent["owned_files"] = list(package.owned_files)
    elif mission.authored is not None:
        intent["authored"] = mission.authored.to_value()
    if state is not None and state.review is not None:
        review = state.review
        intent["review"] = {"review_event": review.event_id, "verdict": review.result.verdict.value}
    return intent


def _content(
    told: Told, package: WorkPackage | None, state: PackageState | None, edges: Sequence[LaneEdge]
) -> Iterator[dict[str, Any]]:
    mission = told.standing.mission
    title = mission.title if package is None else package.title
    goal = mission.purpose.summary if package is None else package.goal
    yield {"kind": "text", "title": title, "text": goal}
    yield from guidance(told.governance)
    if state is not None and state.review is not None and state.review.result.findings:
        findings = [each.to_value() for each in state.review.result.findings]
        yield {"kind": "feedback", "findings": findings}
    authored = mission.authored if package is None else package.authored
    if authored is not None:
        yield {"kind": "file", "title": "As it was written", "file": authored.to_value()}
    for edge in edges:
        yield {"kind": "command", "title": _what(edge), "argv": _command(told, edge)}


def _what(edge: LaneEdge) -> str:
    return f"{edge.operation.value.replace('_', ' ').capitalize()}: {edge.from_.value} to {edge.to.value}"


_ASKED: Final[Mapping[LaneGuard, tuple[str, ...]]] = MappingProxyType(
    {
        LaneGuard.ARTEFACT_CURRENT: ("--witness", "DIGEST"),
        LaneGuard.EVIDENCE_PRESENT: ("--commits", "BASE..HEAD"),
        LaneGuard.CHECKS_PASSED: ("--check", "JOB"),
        LaneGuard.REVIEW_REFERENCED: ("--review", "EVENT"),
        LaneGuard.REASON_GIVEN: ("--reason", "TEXT"),
    }
)
"""What a command has to bring along for a guard."""


def _command(told: Told, edge: LaneEdge) -> list[str]:
    """The command for an edge, as this effector gives it. Words in capitals are for it to fill in."""
    mission, package = told.standing.mission.mission_id, str(told.package)
    acting = ["--as", _acting(told.effector)]
    asked = [word for guard, words in _ASKED.items() if guard in edge.guards for word in words]
    shown = _ASKED[LaneGuard.ARTEFACT_CURRENT] if LaneGuard.ARTEFACT_CURRENT in edge.guards else ()
    match edge.operation:
        case LaneOperation.CLAIM | LaneOperation.BEGIN_REVIEW:
            return ["dome", "mission", "claim", mission, package, *_ASKED[LaneGuard.ARTEFACT_CURRENT], *acting]
        case LaneOperation.APPROVE:
            checked = _ASKED[LaneGuard.CHECKS_PASSED] if LaneGuard.CHECKS_PASSED in edge.guards else ()
            return ["dome", "mission", "review", mission, package, "--verdict", "approved", *shown, *checked, *acting]
        case LaneOperation.REQUEST_CHANGES:
            found = ["--verdict", "changes_requested", "--finding", "TEXT"]
            return ["dome", "mission", "review", mission, package, *found, *shown, *acting]
        case LaneOperation.INTEGRATE:
            return ["dome", "mission", "integrate", mission, *acting]
        case operation:
            return ["dome", "mission", "move", mission, package, operation.value, *asked, *acting]


def _acting(effector: Effector) -> str:
    """The effector as a command takes it."""
    fields = (("role", effector.role), ("profile", effector.profile_ref), ("tool", effector.tool))
    more = (*fields, ("model", effector.model))
    return ",".join([f"{effector.kind.value}:{effector.id}", *(f"{name}={value}" for name, value in more if value)])
