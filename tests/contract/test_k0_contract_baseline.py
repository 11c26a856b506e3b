"""K0, the contract baseline: what is consumed of the owner's contracts is pinned, says what ours say, and is tested."""

from typing import Any

from dome_contracts import documents
from dome_contracts.canonical import canonical_bytes
from dome_contracts.failure_reasons import FailureReason
from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.schema.control.pin import PinRole
from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
from dome_contracts.schema.shared.definitions import AttemptOutcome
from dome_spec.binding.wrapper import Accepted, accept
from dome_spec.contracts.pins import pin_faults
from dome_spec.contracts.pins.translate import guardrails
from tests.contract.pinned_bundle import DICTIONARY, PINNED, ROOT, fixtures, judge
from tests.remembered import NOW, OURS, a_wrapper

CONSUMED = {PinRole.GUARDRAILS_BUNDLE, PinRole.REASON_SEMANTICS, PinRole.TRANSITION_RECORDS, PinRole.GUARD_RECORDS}
RECORDS = ("guard_evaluation", "transition_record")


def test_k0_the_pinned_contracts_are_there_with_fixtures_and_ours_are_compatible() -> None:
    assert pin_faults(ROOT) == []
    assert {each.role for each in PINNED.pin.members} >= CONSUMED
    for given in fixtures("guardrails-bundle"):
        ours = guardrails(given.values[0], DICTIONARY)
        assert judge("gates/guardrails_bundle").is_valid(ours)
        assert GuardrailsBundle.from_value(ours).to_value() == ours
    for family in RECORDS:
        asked: Any = documents.schema("knowledge", family)
        assert {"failure_reason_code", "policy_reason_code"} <= set(asked["properties"]) & set(asked["required"])
    assert {str(each) for each in FailureReason} & {str(each) for each in PolicyReason} == {"NONE"}


def test_k0_the_alias_of_the_failure_reason_is_taken_and_never_written() -> None:
    wrapper = a_wrapper()
    wrapper["outcome"]["reason_code"] = wrapper["outcome"].pop("failure_reason_code")
    found = accept(canonical_bytes(wrapper), repository_id=OURS, now=NOW)
    assert isinstance(found, Accepted)
    assert all(b'"reason_code"' not in fact.to_json() for fact in found.facts)
    assert "failure_reason_code" in AttemptOutcome.model_fields
