"""Evaluates guards over an attempted transition. Pure: the moment is handed in, and nothing is refused here, only said.

Unknown is a refusal: a transition that the guardrails do not name, evidence that is not there, a predicate that lacks
what it looks at. Every guard is evaluated, also after one that refused: what is denied is the act, not the record.

A refusal sets `policy_reason_code`. `failure_reason_code` is carried over as it stood.
"""

from dataclasses import dataclass

from dome_contracts.canonical import digest
from dome_contracts.schema.gates.guardrails_bundle import BundleRef, Guard, GuardClass, GuardrailsBundle
from dome_contracts.schema.knowledge.guard_evaluation import GuardEvaluation
from dome_contracts.schema.knowledge.transition_record import TransitionRecord
from dome_contracts.schema.shared.definitions import GuardDecision, GuardStatus
from dome_spec.governance.guardrails.predicates import Finding, find, looked_at
from dome_spec.governance.guardrails.situation import Attempt, Situation

_EVIDENCE_MAX = 64
"""How many of the pieces that a guard looked at its evaluation names."""
_ORDER = {each: place for place, each in enumerate(GuardClass)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrails:
    """The guardrails of a run, the invariants of its repository and what the run itself adds.

    Invariants and overlay are bundles too. Their guards are asked beside those of the guardrails, so they can tighten
    and never loosen. Which transitions exist is said by the guardrails alone.
    """

    bundle: GuardrailsBundle
    invariants: GuardrailsBundle
    overlay: GuardrailsBundle | None = None

    def guards(self) -> "list[tuple[BundleRef, str, Guard]]":
        """All guards in the order of evaluation: by class, then by id; of one id, the guardrails' own first."""
        bundles = (self.bundle, self.invariants, *(() if self.overlay is None else (self.overlay,)))
        found = [
            (reference(bundle), guard_id, guard) for bundle in bundles for guard_id, guard in bundle.guards.items()
        ]
        return sorted(found, key=lambda each: (_ORDER[each[2].guard_class], each[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the guards said of one attempted transition."""

    evaluations: tuple[GuardEvaluation, ...]
    classes: tuple[GuardClass, ...]
    """The class of the guard of each evaluation."""
    record: TransitionRecord

    @property
    def is_allowed(self) -> bool:
        """Whether the transition may be made."""
        return self.record.decision is GuardDecision.ALLOW


def reference(bundle: GuardrailsBundle) -> BundleRef:
    """The bundle by digest."""
    return BundleRef(bundle_id=bundle.bundle_id, version=bundle.version, digest=digest(bundle.to_value()))


def evaluate(guardrails: Guardrails, situation: Situation, *, evaluate_time: str) -> Ruling:
    """Ask every guard about the transition. `evaluate_time` is RFC 3339."""
    unknowns_code = guardrails.bundle.unknowns_policy.policy_reason_code
    if situation.transition not in guardrails.bundle.transitions:
        return Ruling(
            evaluations=(),
            classes=(),
            record=_record(guardrails, situation, evaluations=[], code=unknowns_code, at=evaluate_time),
        )
    inputs = situation.to_value()
    asked = guardrails.guards()
    evaluations = [
        _evaluate(bundle, guard_id, guard, situation, inputs=inputs, unknowns_code=unknowns_code, at=evaluate_time)
        for bundle, guard_id, guard in asked
    ]
    refusals = (each.policy_reason_code for each in evaluations if each.decision is GuardDecision.DENY)
    return Ruling(
        evaluations=tuple(evaluations),
        classes=tuple(guard.guard_class for _, _, guard in asked),
        record=_record(guardrails, situation, evaluations=evaluations, code=next(refusals, "NONE"), at=evaluate_time),
    )


def _evaluate(
    bundle: BundleRef,
    guard_id: str,
    guard: Guard,
    situation: Situation,
    *,
    inputs: dict[str, object],
    unknowns_code: str,
    at: str,
) -> GuardEvaluation:
    seen = looked_at(guard, situation)
    missing = sorted(set(guard.required_evidence) - {each.kind for each in seen})
    if not _applies(guard, situation):
        seen, missing, finding = [], [], Finding(GuardStatus.SKIP)
    elif missing:
        finding = Finding(GuardStatus.UNKNOWN)
    else:
        finding = find(guard, situation)
    codes = {GuardStatus.FAIL: guard.policy_reason_code, GuardStatus.UNKNOWN: unknowns_code}
    code = codes.get(finding.status, "NONE")
    return GuardEvaluation(
        schema_version="1",
        **_whose(situation.attempt),
        bundle=bundle,
        guard_id=guard_id,
        transition=situation.transition,
        status=finding.status,
        decision=GuardDecision.DENY if code != "NONE" else GuardDecision.ALLOW,
        failure_reason_code=situation.failure_reason_code,
        policy_reason_code=code,
        evidence=seen[:_EVIDENCE_MAX],
        missing_evidence=missing,
        unknowns=list(finding.unknowns),
        inputs_digest=digest({"guard": guard.to_value(), "situation": inputs}),
        evaluate_time=at,
    )


def _whose(attempt: Attempt) -> dict[str, str]:
    """The ids of the attempt, those that there are."""
    ids = {"run_id": attempt.run_id, "task_id": attempt.task_id}
    return ids if attempt.group_id is None else {**ids, "group_id": attempt.group_id}


def _applies(guard: Guard, situation: Situation) -> bool:
    where, task = guard.applies_to, situation.task
    return (
        situation.transition in where.transitions
        and (where.action_kinds is None or task.action.kind in where.action_kinds)
        and (where.target_kinds is None or task.target.kind in where.target_kinds)
        and (where.prescribed is None or situation.is_prescribed)
    )


def _record(
    guardrails: Guardrails, situation: Situation, *, evaluations: "list[GuardEvaluation]", code: str, at: str
) -> TransitionRecord:
    return TransitionRecord(
        schema_version="1",
        **_whose(situation.attempt),
        transition=situation.transition,
        bundle=reference(guardrails.bundle),
        guard_evaluations=[digest(each.to_value()) for each in evaluations],
        decision=GuardDecision.ALLOW if code == "NONE" else GuardDecision.DENY,
        failure_reason_code=situation.failure_reason_code,
        policy_reason_code=code,
        effector=situation.effector,
        attempt_time=at,
    )
