"""What is wrong with a bundle that its schema cannot say: guards that can never pass, or that answer in unknown words.

Pure. That a bundle is of its form is judged where it is read.
"""

from collections.abc import Iterator
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.schema.gates.guardrails_bundle import EvidencePresent, GateApproved, Guard, GuardrailsBundle
from dome_spec.kernel import Violation

_CODES: Final = frozenset(PolicyReason) - {PolicyReason.NONE}


def bundle_faults(bundle: GuardrailsBundle) -> tuple[Violation, ...]:
    """Everything that is wrong, in the order of the places; empty where nothing is."""
    return tuple(sorted(_faults(bundle)))


def _faults(bundle: GuardrailsBundle) -> Iterator[Violation]:
    yield from _of_code("/unknowns_policy/policy_reason_code", bundle.unknowns_policy.policy_reason_code)
    first: dict[str, str] = {}
    for guard_id in sorted(bundle.guards):
        guard, place = bundle.guards[guard_id], f"/guards/{guard_id}"
        yield from _of_code(f"{place}/policy_reason_code", guard.policy_reason_code)
        yield from _of_transitions(place, guard, bundle)
        asked = digest({**guard.to_value(), "feedback": None})
        if (same := first.setdefault(asked, guard_id)) != guard_id:
            yield Violation(place, f"it asks and answers the same as the guard {same}")


def _of_code(place: str, code: str) -> Iterator[Violation]:
    if code not in _CODES:
        known = ", ".join(sorted(_CODES))
        yield Violation(place, f"{code} is no policy reason that a refusal can set: {known}")


def _of_transitions(place: str, guard: Guard, bundle: GuardrailsBundle) -> Iterator[Violation]:
    for number, transition in enumerate(guard.applies_to.transitions):
        steps = transition.to_value()
        where = f"{place}/applies_to/transitions/{number}"
        if transition not in bundle.transitions:
            yield Violation(where, f"the bundle has no transition {steps['from']} -> {steps['to']}")
        before = (steps["from"], steps["to"]) == ("queued", "running")
        if before and (guard.required_evidence or isinstance(guard.predicate, EvidencePresent)):
            yield Violation(where, "there is no evidence before an attempt, so it would refuse every one")
        if before and isinstance(guard.predicate, GateApproved):
            yield Violation(where, "no gate decides before an attempt, so it would refuse every one")
