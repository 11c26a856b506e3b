"""What the words of the pinned bundle mean in ours: reasons, classes, verdicts. Another meaning is a drift."""

import json
from typing import Any

import pytest

from dome_contracts.failure_reasons import FAILURE_REASONS, FailureReason
from dome_contracts.pinned_reasons import PINNED_REASONS
from dome_contracts.policy_reasons import POLICY_REASONS, PolicyReason
from dome_contracts.schema.control.pin import PinRole
from dome_contracts.schema.gates.guardrails_bundle import GuardClass, NextStep
from dome_contracts.schema.shared.definitions import GuardDecision, GuardStatus, Severity, Verdict
from dome_spec.contracts.pins import Pinned, pin_faults, vocabulary
from dome_spec.contracts.pins.reasons import reasons
from dome_spec.contracts.pins.translate import Dictionary, Untranslatable, dictionary
from tests.contract.pinned_bundle import (
    BUNDLE,
    CODES,
    COMMIT,
    DICTIONARY,
    PINNED,
    ROOT,
    UPSTREAM,
    member,
    pinned_words,
)


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


def test_a_pin_without_a_catalogue_has_no_dictionary() -> None:
    members = [each for each in PINNED.pin.members if each.role is not PinRole.REASON_SEMANTICS]
    with pytest.raises(KeyError):
        dictionary(Pinned(PINNED.pin.model_copy(update={"members": members}), PINNED.files))
    empty = Dictionary("elsewhere", {}, DICTIONARY.reasons)
    with pytest.raises(Untranslatable, match="none of our reasons"):
        empty.reason("TESTS_FAILED", "")
