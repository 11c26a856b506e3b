"""Policies: the one that ships, the triggers that belong to it, and which part of it decides what is derived."""

import json

import pytest

from dome_contracts.canonical import canonical_bytes, digest
from dome_spec.binding import PolicyUnfit, default_policy, load_policy
from dome_spec.binding.policy import DEMOTION_WINDOW_MAX
from dome_spec.kernel import DocumentInvalid
from tests.histories import a_policy


def test_the_policy_that_ships_is_valid_and_finds_its_triggers() -> None:
    policy = default_policy()
    assert policy.triggers is not None
    assert policy.document.rollout.stage.value == "shadow"
    assert policy.digest == digest(policy.document.to_value())


def test_a_policy_is_read_with_its_triggers() -> None:
    policy = a_policy()
    assert policy.triggers is not None
    given = canonical_bytes(policy.document.to_value()), canonical_bytes(policy.triggers.to_value())
    assert load_policy(*given) == policy


def test_a_policy_without_its_triggers_is_refused() -> None:
    document = canonical_bytes(a_policy().document.to_value())
    default = default_policy().triggers
    assert default is not None
    with pytest.raises(PolicyUnfit, match="keen"):
        load_policy(document)
    with pytest.raises(PolicyUnfit, match="dome-defaults"):
        load_policy(document, canonical_bytes(default.to_value()))


def test_a_window_that_would_never_fill_is_refused() -> None:
    widest = a_policy(window=DEMOTION_WINDOW_MAX)
    assert widest.document.rollout.demotion.window_count == DEMOTION_WINDOW_MAX
    with pytest.raises(PolicyUnfit, match="window_count"):
        a_policy(window=DEMOTION_WINDOW_MAX + 1)


def test_a_policy_of_another_form_is_refused() -> None:
    value = a_policy().document.to_value()
    with pytest.raises(DocumentInvalid):
        load_policy(json.dumps({**value, "confidence": {}}).encode())


def test_only_what_decides_what_is_derived_is_in_the_rules() -> None:
    here = a_policy().rules.digest()
    assert a_policy(stage="shadow", window=3).rules.digest() == here
    assert a_policy(mode="strict").rules.digest() != here
    assert a_policy(binder="v2").rules.digest() != here
