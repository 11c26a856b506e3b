"""What each kind of predicate finds in a situation: one function a kind. Pure.

A predicate answers PASS or FAIL, or says in words what it would have to know: that is UNKNOWN. It knows nothing of
refusals, reasons or classes.
"""

from typing import TYPE_CHECKING, NamedTuple, assert_never

from dome_contracts.schema.gates.guardrails_bundle import (
    AttemptsWithin,
    DiffWithin,
    EffectorAmong,
    EvidencePresent,
    GateApproved,
    Guard,
    PathsOutside,
    PathsWithin,
    ToolConforms,
    WorktreeClean,
)
from dome_contracts.schema.gates.standard_report import ReportStatus
from dome_contracts.schema.knowledge.evidence_capsule import ChangeSummary, EvidenceMember
from dome_contracts.schema.shared.definitions import GuardStatus, Verdict
from dome_spec.governance.globs import path_matches

if TYPE_CHECKING:
    from collections.abc import Callable

    from dome_spec.governance.guardrails.situation import Situation


class Finding(NamedTuple):
    """What a predicate found; `unknowns` says what it would have to know."""

    status: GuardStatus
    unknowns: tuple[str, ...] = ()


def find(guard: Guard, situation: "Situation") -> Finding:
    """Evaluate the guard's predicate. The evidence that the guard requires is there: its caller has seen to that."""
    predicate = guard.predicate
    match predicate:
        case EvidencePresent():
            return _evidence(guard, situation)
        case WorktreeClean():
            return _known(situation.is_worktree_clean, "whether the working tree is clean")
        case PathsWithin():
            return _change(situation, lambda change: all(path_matches(path, predicate.globs) for path in change.paths))
        case PathsOutside():
            return _change(
                situation, lambda change: not any(path_matches(path, predicate.globs) for path in change.paths)
            )
        case DiffWithin():
            return _change(
                situation,
                lambda change: (
                    len(change.paths) <= predicate.files_max
                    and change.lines_added + change.lines_deleted <= predicate.lines_max
                ),
            )
        case AttemptsWithin():
            tried = situation.attempts
            return _known(None if tried is None else tried <= predicate.attempts_max, "how often it was attempted")
        case GateApproved():
            verdict = situation.approvals.get(predicate.gate_id)
            holds = None if verdict is None else verdict is Verdict.APPROVE
            return _known(holds, f"what the gate {predicate.gate_id} decided")
        case EffectorAmong():
            return _known(situation.effector.kind in predicate.effector_kinds, "")
        case ToolConforms():
            status = situation.tool_status
            return _known(None if status is None else status is ReportStatus.PASS, "whether the tool conforms")
        case _:
            assert_never(predicate)


def looked_at(guard: Guard, situation: "Situation") -> list[EvidenceMember]:
    """The evidence that the guard looks at: of the kinds that it requires; where it names none and asks for it, all."""
    asks_for_all = isinstance(guard.predicate, EvidencePresent) and not guard.required_evidence
    return [each for each in situation.evidence if asks_for_all or each.kind in guard.required_evidence]


def _evidence(guard: Guard, situation: "Situation") -> Finding:
    """FAIL where bytes do not have their digest, UNKNOWN where they were not read."""
    asked = [each.evidence.digest for each in looked_at(guard, situation)]
    if any(situation.evidence_intact.get(digest) is False for digest in asked):
        return Finding(GuardStatus.FAIL)
    unread = sorted({digest for digest in asked if digest not in situation.evidence_intact})
    return _unknown(*(f"the bytes of {digest}" for digest in unread)) if unread else Finding(GuardStatus.PASS)


def _change(situation: "Situation", holds: "Callable[[ChangeSummary], bool]") -> Finding:
    return _known(None if situation.change is None else holds(situation.change), "what the attempt changed")


def _known(holds: bool | None, what: str) -> Finding:  # noqa: FBT001 - the answer itself
    if holds is None:
        return _unknown(what)
    return Finding(GuardStatus.PASS if holds else GuardStatus.FAIL)


def _unknown(*what: str) -> Finding:
    return Finding(GuardStatus.UNKNOWN, tuple(sorted(what)))
