"""What the documents of the pinned bundle say in our words: guards, transitions, gate decisions."""

from typing import Any

import pytest

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
from dome_spec.contracts.pins.translate import Untranslatable, guardrails, split, state
from tests.contract.pinned_bundle import (
    DICTIONARY,
    example,
    facts_of_ours,
    facts_of_theirs,
    fixtures,
    judge,
)


@pytest.mark.parametrize("document", fixtures("guardrails-bundle"))
def test_our_guardrails_say_every_pinned_bundle(document: Any) -> None:
    ours = guardrails(document, DICTIONARY)
    assert judge("gates/guardrails_bundle").is_valid(ours)
    assert GuardrailsBundle.from_value(ours).to_value() == ours
    assert facts_of_ours(ours) == facts_of_theirs(document)


def test_unknowns_are_refused() -> None:
    for document in fixtures("guardrails-bundle"):
        policy = guardrails(document.values[0], DICTIONARY)["unknowns_policy"]
        assert {policy[key] for key in policy if key.startswith("on_unknown")} == {"DENY"}
        assert policy["policy_reason_code"] == PolicyReason.STATE_AMBIGUOUS


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reason_code": "TESTS_FAILED"}, "/guards/0/reason_code"),
        ({"reason_code": "CHECKS_FAILED"}, "/guards/0/reason_code"),
        ({"predicate_ref": "moon_is_full"}, "/guards/0/predicate_ref"),
        ({"required_evidence": ["a feeling"]}, "/guards/0/required_evidence"),
        ({"applies_to": {}}, "/guards/0/applies_to"),
        ({"applies_to": {"transitions": ["anywhere"]}}, "/guards/0/applies_to/transitions/0"),
        ({"applies_to": {"transitions": ["A.b->C", "A_B->C"]}}, "/guards/0/applies_to"),
    ],
)
def test_what_has_no_answer_is_refused_and_never_guessed(change: dict[str, Any], pointer: str) -> None:
    document = fixtures("guardrails-bundle")[0].values[0]
    guard = {**document["guards"][0], **change}
    with pytest.raises(Untranslatable) as caught:
        guardrails({**document, "guards": [guard]}, DICTIONARY)
    assert caught.value.pointer == pointer


def test_two_guards_of_one_name_are_refused() -> None:
    document = fixtures("guardrails-bundle")[0].values[0]
    with pytest.raises(Untranslatable, match="one name"):
        guardrails({**document, "guards": [document["guards"][0]] * 2}, DICTIONARY)


@pytest.mark.parametrize("document", fixtures("guard-records"))
def test_our_guard_evaluation_says_every_pinned_one(document: Any) -> None:
    for record in document["eval"]:
        status = DICTIONARY.words["guard_status"][record["status"]]
        failure, policy = split(record.get("reason_codes", []), DICTIONARY)
        denies = status in ("FAIL", "UNKNOWN")
        said = record.get("decision", "DENY" if denies else "ALLOW")
        ours = {
            **example("knowledge/guard_evaluation"),
            "guard_id": record["guard_id"],
            "status": status,
            "decision": DICTIONARY.words["guard_decision"][said],
            "failure_reason_code": str(failure),
            "policy_reason_code": str(policy) if denies else "NONE",
        }
        assert list(judge("knowledge/guard_evaluation").iter_errors(ours)) == []


def test_a_denial_sets_the_policy_reason_and_leaves_the_failure_alone() -> None:
    both = split(["TESTS_FAILED", "DIRTY_REPO_DENIED"], DICTIONARY)
    assert both == (FailureReason.TESTS_FAILED, PolicyReason.REPOSITORY_DIRTY)
    assert split(["LINT_FAILED"], DICTIONARY) == (FailureReason.LINT_FAILED, PolicyReason.NONE)
    assert split([], DICTIONARY) == (FailureReason.NONE, PolicyReason.NONE)


def test_the_gravest_reason_of_a_kind_speaks_for_it() -> None:
    _, policy = split(["DIRTY_REPO_DENIED", "BUDGET_EXHAUSTED"], DICTIONARY)
    assert policy is PolicyReason.BUDGET_EXHAUSTED
    failure, _ = split(["TESTS_FAILED", "SCHEMA_INVALID"], DICTIONARY)
    assert failure is FailureReason.SCHEMA_INVALID


@pytest.mark.parametrize("document", fixtures("transition-records"))
def test_our_transition_record_says_every_pinned_one(document: Any) -> None:
    evaluation = document["transition_evaluation"]
    told: list[tuple[str, str, list[str]]] = [(each, "ALLOW", []) for each in evaluation["admissible"]]
    told += [(each["transition_id"], each["decision"], each["reason_codes"]) for each in evaluation["denied"]]
    for transition, decision, codes in told:
        left, _, right = transition.partition("->")
        failure, policy = split(codes, DICTIONARY)
        ours = {
            **example("knowledge/transition_record"),
            "transition": {"from": state(left), "to": state(right)},
            "decision": DICTIONARY.words["guard_decision"][decision],
            "failure_reason_code": str(failure),
            "policy_reason_code": str(policy),
        }
        assert list(judge("knowledge/transition_record").iter_errors(ours)) == []
        assert (ours["decision"] == "DENY") == (policy is not PolicyReason.NONE)


@pytest.mark.parametrize("document", fixtures("gate-decision"))
def test_our_gate_decision_says_every_pinned_one(document: Any) -> None:
    failure, policy = split(document["reason_codes"], DICTIONARY)
    ours = {
        **example("gates/gate_decision"),
        "verdict": DICTIONARY.words["verdict"][document["decision"]],
        "failure_reason_codes": [str(failure)] if failure is not FailureReason.NONE else [],
        "policy_reason_codes": [str(policy)] if policy is not PolicyReason.NONE else [],
    }
    assert list(judge("gates/gate_decision").iter_errors(ours)) == []
