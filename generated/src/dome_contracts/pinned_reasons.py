# @generated from contracts/reasons.yaml. Do not edit: change the source, then run `just gen`.
"""Which of our reasons each code of a pinned bundle is. Never seen by the daemon: some of them are denials."""

from types import MappingProxyType
from typing import Final, Mapping

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.policy_reasons import PolicyReason

PINNED_REASONS: Final[Mapping[str, Mapping[str, FailureReason | PolicyReason]]] = MappingProxyType(
    {
        "xtrlv2": MappingProxyType(
            {
                "BUDGET_EXHAUSTED": PolicyReason.BUDGET_EXHAUSTED,
                "TOUCHED_FORBIDDEN_PATH": PolicyReason.SCOPE_PATH_FORBIDDEN,
                "DIFF_BUDGET_EXCEEDED": PolicyReason.SCOPE_DIFF_TOO_LARGE,
                "SCHEMA_INVALID": FailureReason.SCHEMA_INVALID,
                "TESTS_FAILED": FailureReason.TESTS_FAILED,
                "LINT_FAILED": FailureReason.LINT_FAILED,
                "TYPECHECK_FAILED": FailureReason.TYPES_FAILED,
                "DIRTY_REPO_DENIED": PolicyReason.REPOSITORY_DIRTY,
                "AMBIGUOUS_STATE_DENIED": PolicyReason.STATE_AMBIGUOUS,
                "MISSING_EVIDENCE_DENIED": PolicyReason.EVIDENCE_MISSING,
            }
        ),
    }
)
"""By bundle and by the code as the bundle writes it. The type says whether it is a failure or a denial."""
