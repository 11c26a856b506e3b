"""What the pinned bundle means in our words: reasons, guards, transitions, verdicts. Another meaning is a drift."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from dome_contracts import documents
from dome_contracts.failure_reasons import FAILURE_REASONS, FailureReason
from dome_contracts.pinned_reasons import PINNED_REASONS
from dome_contracts.policy_reasons import POLICY_REASONS, PolicyReason
from dome_contracts.schema.control.pin import PinMember, PinRole, PinVocabulary
from dome_contracts.schema.gates.guardrails_bundle import GuardClass, GuardrailsBundle, NextStep
from dome_contracts.schema.shared.definitions import GuardDecision, GuardStatus, Severity, Verdict
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins import Pinned, load, pin_faults, vocabulary
from dome_spec.contracts.pins.reasons import reasons
from dome_spec.contracts.pins.translate import Dictionary, Untranslatable, dictionary, guardrails, split, state

ROOT = Path(__file__).parents[2]
BUNDLE = "xtrlv2"
COMMIT = "de3f0b9d403e50c4c52951abbbc46dfe2ef239a9"
# The bytes of the owner that our renderings were made from.
UPSTREAM = {
    "reason_codes.json": "1bc358383661e7f74162d63b12a67b04af717eb1b9715035b73b9465d74df106",
    "schemas/guardrails_bundle.schema.json": "99c9b34f081bd71bfc73554550f9ad66060dcd09652cad05c078a287b80262c4",
    "schemas/state_space.schema.json": "4b54ba5f6e0793a0a7d1bfeb8ac37c8aa57a06bffa2f77fff0219c93f9258f36",
    "schemas/plant_spec.schema.json": "aee8034de53e42b2554b40a3009f678a714ca41800bbe806f3a3dc32994a255f",
    "schemas/gate_decision.schema.json": "2385604e99085860283f48d0e59c3b1f9edd99dcbfc5a5b54dc00a8cbc616c1c",
}
# Kind and class of every code: what a consumer of the bundle relies on.
CODES = {
    "BUDGET_EXHAUSTED": (PolicyReason.BUDGET_EXHAUSTED, "stop"),
    "TOUCHED_FORBIDDEN_PATH": (PolicyReason.SCOPE_PATH_FORBIDDEN, "structural"),
    "DIFF_BUDGET_EXCEEDED": (PolicyReason.SCOPE_DIFF_TOO_LARGE, "structural"),
    "SCHEMA_INVALID": (FailureReason.SCHEMA_INVALID, "structural"),
    "TESTS_FAILED": (FailureReason.TESTS_FAILED, "repairable"),
    "LINT_FAILED": (FailureReason.LINT_FAILED, "repairable"),
    "TYPECHECK_FAILED": (FailureReason.TYPES_FAILED, "repairable"),
    "DIRTY_REPO_DENIED": (PolicyReason.REPOSITORY_DIRTY, "structural"),
    "AMBIGUOUS_STATE_DENIED": (PolicyReason.STATE_AMBIGUOUS, "structural"),
    "MISSING_EVIDENCE_DENIED": (PolicyReason.EVIDENCE_MISSING, "structural"),
}
PINNED = load(Layout(ROOT), BUNDLE)
DICTIONARY = dictionary(PINNED)


def member(role: PinRole) -> PinMember:
    (found,) = [each for each in PINNED.pin.members if each.role is role]
    return found


def fixtures(of: str, expected: str = "accepted") -> list[Any]:
    found = [each for each in PINNED.pin.members if each.of == of and each.expected == expected]
    return [pytest.param(json.loads(PINNED.files[each.file]), id=each.name) for each in found]


def judge(family: str) -> jsonschema_rs.Draft202012Validator:
    registry = jsonschema_rs.Registry(list(documents.registry()))
    schema = documents.schema(*family.split("/"))
    return jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)


def test_the_pins_of_this_repository_are_what_was_pinned() -> None:
    assert pin_faults(ROOT) == []


def test_the_owners_bytes_are_fixed() -> None:
    assert PINNED.pin.source.commit == COMMIT
    made_from = {each.upstream_path: each.upstream_digest for each in PINNED.pin.members if each.upstream_path}
    assert made_from == {f"control/ssot/{path}": f"sha256:{digest}" for path, digest in UPSTREAM.items()}


@pytest.mark.parametrize(
    "role",
    [PinRole.GUARDRAILS_BUNDLE, PinRole.REASON_SEMANTICS, PinRole.TRANSITION_RECORDS, PinRole.GUARD_RECORDS],
)
def test_everything_that_a_consumer_relies_on_is_pinned_with_fixtures(role: PinRole) -> None:
    name = member(role).name
    judged = {each.expected for each in PINNED.pin.members if each.of == name}
    assert role is PinRole.REASON_SEMANTICS or judged == {"accepted", "refused"}


def test_every_pinned_code_is_exactly_one_of_our_reasons_and_of_its_kind() -> None:
    pinned = reasons(json.loads(PINNED.files[member(PinRole.REASON_SEMANTICS).file]), "codes")
    assert dict(pinned.classes) == {code: kind for code, (_, kind) in CODES.items()}
    assert dict(PINNED_REASONS[BUNDLE]) == {code: reason for code, (reason, _) in CODES.items()}
    assert len(set(PINNED_REASONS[BUNDLE].values())) == len(CODES)


def test_no_two_namespaces_mix() -> None:
    ours = [*FAILURE_REASONS, *POLICY_REASONS]
    named = [str(each) for each in ours if str(each) != "NONE"]
    assert len(named) == len(set(named))
    assert not set(CODES) & set(named), "their syntax and ours cannot be confused"
    assert NONES.isdisjoint(PINNED_REASONS[BUNDLE].values())


NONES = {FailureReason.NONE, PolicyReason.NONE}


def test_classes_take_precedence_in_the_order_in_which_our_guards_are_evaluated() -> None:
    rest = DICTIONARY.reasons.rest
    assert rest["classes_precedence"] == [str(each) for each in GuardClass]
    assert rest["restart_mode_by_class"] == {
        "stop": "STOP",
        "structural": "REITERATE_FROM_LAST_GOOD",
        "repairable": "REITERATE_FROM_CANDIDATE",
        "advisory": "REITERATE_FROM_CANDIDATE",
    }
    assert set(DICTIONARY.words["restart_mode"]) == set(rest["restart_mode_by_class"].values())


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("guard_status", GuardStatus),
        ("guard_decision", GuardDecision),
        ("guard_class", GuardClass),
        ("reason_class", GuardClass),
        ("verdict", Verdict),
        ("severity", Severity),
        ("next_step", NextStep),
    ],
)
def test_a_closed_vocabulary_is_total_both_ways(name: str, ours: Any) -> None:
    words = vocabulary(PINNED.pin, name)
    assert words.from_ours is not None
    assert set(words.from_ours) == {str(each) for each in ours}
    assert set(words.to_ours) == set(pinned_words(words))
    assert set(words.to_ours.values()) <= set(words.from_ours)
    assert set(words.from_ours.values()) <= set(words.to_ours)


def test_nothing_that_refuses_ever_becomes_something_that_allows() -> None:
    status, decision = (vocabulary(PINNED.pin, name) for name in ("guard_status", "guard_decision"))
    verdict, known = (vocabulary(PINNED.pin, name) for name in ("verdict", "state_status"))
    assert {word for word, ours in decision.to_ours.items() if ours == "ALLOW"} == {"ALLOW"}
    assert {word for word, ours in known.to_ours.items() if ours == "ALLOW"} == {"RESOLVED"}
    assert {word for word, ours in verdict.to_ours.items() if ours == "APPROVE"} == {"PROMOTE"}
    assert status.from_ours is not None
    assert status.from_ours["UNKNOWN"] == "FAIL", "what could not be evaluated refuses"


def test_verdicts_answer_to_each_other_one_to_one() -> None:
    words = vocabulary(PINNED.pin, "verdict")
    assert words.to_ours == {"PROMOTE": "APPROVE", "DENY": "REJECT", "STOP": "NEEDS_HUMAN"}
    assert words.from_ours == {ours: theirs for theirs, ours in words.to_ours.items()}
    assert words.rationale


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


def pinned_words(words: PinVocabulary) -> list[str]:
    assert words.pinned is not None
    files = {each.name: each.file for each in PINNED.pin.members}
    value = json.loads(PINNED.files[files[words.pinned.member]])
    for step in words.pinned.pointer.split("/")[1:]:
        value = value[step]
    return list(value)


def example(family: str) -> Any:
    """Any valid example: for the fields that the pinned record has no word of."""
    return json.loads(sorted((ROOT / "contracts/examples" / family / "valid").glob("*.json"))[0].read_text())


def facts_of_theirs(document: Any) -> dict[str, Any]:
    """What both sides can say, in our words; each word by the pin, none by the code under test."""
    facts: dict[str, Any] = {"bundle": document["bundle_id"], "unknown": unknown(document)}
    for guard in document["guards"]:
        applies = guard["applies_to"]
        ends = [each.split("->") for each in applies.get("transitions", [])]
        ends += [[applies["transition"]["from"], applies["transition"]["to"]]] if "transition" in applies else []
        feedback = guard.get("feedback", {})
        facts[guard["guard_id"]] = (
            {tuple(each.lower().replace(".", "_") for each in pair) for pair in ends},
            str(CODES[guard["reason_code"]][0]),
            "stop" if guard["deny_decision"] == "STOP" else CODES[guard["reason_code"]][1],
            bool(guard["required_evidence"]),
            feedback.get("operator_message"),
        )
    return facts


def facts_of_ours(document: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"bundle": document["bundle_id"]}
    facts["unknown"] = document["unknowns_policy"]["policy_reason_code"]
    meanings = {each.meaning for each in POLICY_REASONS.values()}
    for name, guard in document["guards"].items():
        message = guard["feedback"]["message"]
        facts[name] = (
            {(each["from"], each["to"]) for each in guard["applies_to"]["transitions"]},
            guard["policy_reason_code"],
            guard["guard_class"],
            bool(guard["required_evidence"]),
            None if message in meanings else message,
        )
    return facts


def unknown(document: Any) -> str:
    return str(CODES[document["meta"]["requirements"]["unknowns_policy"]["reason_code"]][0])


def test_a_pin_without_a_catalogue_has_no_dictionary() -> None:
    members = [each for each in PINNED.pin.members if each.role is not PinRole.REASON_SEMANTICS]
    with pytest.raises(KeyError):
        dictionary(Pinned(PINNED.pin.model_copy(update={"members": members}), PINNED.files))
    empty = Dictionary("elsewhere", {}, DICTIONARY.reasons)
    with pytest.raises(Untranslatable, match="none of our reasons"):
        empty.reason("TESTS_FAILED", "")
