"""What speaks against one attempt: every reason with its code, from the evidence, the guards and the task's own bounds.

Pure. Which verdict follows is said by the table in `rules`; what is found here is the same for every gate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.schema.gates.guardrails_bundle import GuardClass
from dome_contracts.schema.knowledge.evidence_capsule import CheckStatus, EvidenceCapsule
from dome_contracts.schema.planning.packet import EvidenceRequirement
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import AttemptStatus, EvidenceKind, GuardDecision
from dome_spec.gates.rules import Against
from dome_spec.governance import Ruling, path_matches

_NONE: Final = "NONE"
_FAILURE_OF_CHECK: Final[Mapping[EvidenceKind, FailureReason]] = MappingProxyType(
    {
        EvidenceKind.TEST_REPORT: FailureReason.TESTS_FAILED,
        EvidenceKind.LINT_REPORT: FailureReason.LINT_FAILED,
        EvidenceKind.TYPE_REPORT: FailureReason.TYPES_FAILED,
        EvidenceKind.SCHEMA_REPORT: FailureReason.SCHEMA_INVALID,
    }
)
"""What went wrong where a check failed, by the kind of evidence that shows it; else the tool failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason against the attempt. At least one of the codes is another than NONE."""

    against: Against
    failure_reason_code: str = _NONE
    policy_reason_code: str = _NONE
    missing_evidence: EvidenceKind | None = None


def findings(spec: TaskSpec, capsule: EvidenceCapsule, ruling: Ruling) -> tuple[Finding, ...]:
    """Everything that speaks against the attempt whose evidence the capsule is; empty where nothing does."""
    return (
        *_of_outcome(capsule),
        *_of_checks(capsule),
        *_of_guards(ruling),
        *_of_bounds(spec, capsule),
        *_of_missing(spec, capsule),
    )


def _of_outcome(capsule: EvidenceCapsule) -> Iterator[Finding]:
    outcome = capsule.outcome
    if outcome.status is AttemptStatus.DENIED or outcome.policy_reason_code != _NONE:
        code = outcome.policy_reason_code
        yield Finding(
            against=Against.OUTCOME_REFUSED, policy_reason_code=PolicyReason.GUARD_DENIED if code == _NONE else code
        )
    if outcome.failure_reason_code != _NONE:
        yield Finding(against=Against.OUTCOME_FAILED, failure_reason_code=outcome.failure_reason_code)
    elif outcome.status in {AttemptStatus.FAILED, AttemptStatus.CANCELED}:
        canceled = outcome.status is AttemptStatus.CANCELED
        code = FailureReason.CANCEL_REQUESTED if canceled else FailureReason.TOOL_FAILED
        yield Finding(against=Against.OUTCOME_FAILED, failure_reason_code=code)


def _of_checks(capsule: EvidenceCapsule) -> Iterator[Finding]:
    kinds = {member.evidence.digest: member.kind for member in capsule.members}
    for check in capsule.checks:
        if check.status is CheckStatus.FAIL:
            kind = kinds.get(check.evidence)
            code = FailureReason.TOOL_FAILED if kind is None else _FAILURE_OF_CHECK.get(kind, FailureReason.TOOL_FAILED)
            yield Finding(against=Against.CHECK_FAILED, failure_reason_code=code)


def _of_guards(ruling: Ruling) -> Iterator[Finding]:
    if not ruling.evaluations and not ruling.is_allowed:  # the guardrails do not know the transition
        yield Finding(against=Against.GUARD_REFUSED, policy_reason_code=ruling.record.policy_reason_code)
    for evaluation, guard_class in zip(ruling.evaluations, ruling.classes, strict=True):
        if evaluation.decision is GuardDecision.DENY:
            mild = guard_class is GuardClass.ADVISORY
            against = Against.ADVISORY_GUARD_REFUSED if mild else Against.GUARD_REFUSED
            code = evaluation.policy_reason_code
            kinds: Sequence[EvidenceKind | None] = evaluation.missing_evidence or [None]
            for kind in kinds:
                yield Finding(against=against, policy_reason_code=code, missing_evidence=kind)


def _of_bounds(spec: TaskSpec, capsule: EvidenceCapsule) -> Iterator[Finding]:
    """The task's own bounds of a change. Where the evidence says nothing of a change, there was none to bound."""
    bounds, change = spec.constraints, capsule.change
    if bounds is None or change is None:
        return
    forbidden = bounds.forbidden_paths or ()
    if any(path_matches(path, forbidden) or not path_matches(path, bounds.allowed_paths) for path in change.paths):
        yield Finding(against=Against.CHANGE_OUT_OF_BOUNDS, policy_reason_code=PolicyReason.SCOPE_PATH_FORBIDDEN)
    files_max, lines_max = bounds.changed_files_max, bounds.changed_lines_max
    lines = change.lines_added + change.lines_deleted
    if (files_max is not None and len(change.paths) > files_max) or (lines_max is not None and lines > lines_max):
        yield Finding(against=Against.CHANGE_OUT_OF_BOUNDS, policy_reason_code=PolicyReason.SCOPE_DIFF_TOO_LARGE)


def _of_missing(spec: TaskSpec, capsule: EvidenceCapsule) -> Iterator[Finding]:
    """Evidence that the task asks for. A criterion that no check decides asks for a review by a person."""
    asked: Sequence[EvidenceRequirement] = spec.required_evidence or []
    for kind in [each.kind for each in asked if not _is_met(each, capsule)]:
        by_person = kind is EvidenceKind.REVIEW
        against = Against.REVIEW_MISSING if by_person else Against.EVIDENCE_MISSING
        yield Finding(against=against, policy_reason_code=PolicyReason.EVIDENCE_MISSING, missing_evidence=kind)
    kinds = {member.kind for member in capsule.members}
    if EvidenceKind.REVIEW not in kinds and any(each.check is None for each in spec.acceptance_criteria):
        yield Finding(
            against=Against.REVIEW_MISSING,
            policy_reason_code=PolicyReason.GATE_NEEDS_HUMAN,
            missing_evidence=EvidenceKind.REVIEW,
        )


def _is_met(asked: EvidenceRequirement, capsule: EvidenceCapsule) -> bool:
    members = {member.evidence.digest for member in capsule.members if member.kind is asked.kind}
    if asked.check is not None:
        name = asked.check.replace("_", "-")  # a check is named `unit_tests` in a packet and `unit-tests` in evidence
        members &= {each.evidence for each in capsule.checks if each.check == name}
    return len(members) >= (asked.count_min or 1)
