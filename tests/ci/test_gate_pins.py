"""Pinned contracts stay what was pinned, and every word and reason of theirs is one of ours."""

import json
from pathlib import Path
from typing import Any

import pytest

from ci.gates import pins
from tests.ci.gate_trees import copy, replace, said, write

PIN = "contracts/pins/xtrlv2/pin.json"
REASONS = "contracts/reasons.yaml"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy(tmp_path, "contracts/pins", "contracts/jsonschema", REASONS)


def change_pin(tree: Path, change: Any) -> None:
    value = json.loads((tree / PIN).read_text())
    change(value)
    write(tree, PIN, json.dumps(value))


def test_the_pins_as_committed_pass(tree: Path) -> None:
    assert pins.check(tree) == []


def test_a_tree_without_pins_passes(tmp_path: Path) -> None:
    assert pins.check(tmp_path) == []


def test_a_pinned_file_that_was_edited_is_found(tree: Path) -> None:
    replace(tree, "contracts/pins/xtrlv2/guardrails_bundle.json", "maxLength", "minLength")
    (found,) = [each for each in pins.check(tree) if "edited by hand" in each.what]
    assert found.place == "contracts/pins/xtrlv2/guardrails_bundle.json"
    assert "dome contracts pin update" in found.remedy


def test_a_pinned_file_that_is_gone_and_a_stray_one_are_found(tree: Path) -> None:
    (tree / "contracts/pins/xtrlv2/gate_decision.json").unlink()
    write(tree, "contracts/pins/xtrlv2/notes.md", "")
    found = said(pins.check(tree))
    assert "gate_decision.json: it was pinned, and is gone" in found
    assert "notes.md: no member of the pin names it" in found


def test_a_wrong_digest_is_found(tree: Path) -> None:
    change_pin(tree, lambda pin: pin["members"][0].update(digest="sha256:" + "0" * 64))
    assert "it is not what was pinned" in said(pins.check(tree))


def test_a_fixture_that_no_longer_behaves_is_found(tree: Path) -> None:
    def turn(pin: Any) -> None:
        next(each for each in pin["members"] if each["role"] == "fixture").update(expected="refused")

    change_pin(tree, turn)
    assert "which was to be refused" in said(pins.check(tree))


def test_a_schema_that_is_none_is_found(tree: Path) -> None:
    replace(tree, "contracts/pins/xtrlv2/guard_records.json", '"type": "object"', '"type": "objekt"')
    assert "guard_records.json is refused as a schema" in said(pins.check(tree))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("code: TYPES.FAILED", "code: TYPES.BROKEN", "TYPECHECK_FAILED of xtrlv2 is TYPES.FAILED, which is not in"),
        ("policy_reason_code: REPOSITORY.DIRTY", "policy_reason_code: TESTS.FAILED", "which is not in policy_reasons"),
        ("    code: LINT_FAILED", "    code: LINTER_FAILED", "LINT_FAILED of xtrlv2 is none of our reasons"),
        ("    code: LINT_FAILED", "    code: LINTER_FAILED", "xtrlv2 has no reason LINTER_FAILED"),
        ("    code: LINT_FAILED", "    code: TESTS_FAILED", "TESTS_FAILED of xtrlv2 has several rows"),
        ("failure_reason_code: LINT.FAILED", "failure_reason_code: TESTS.FAILED", "are the same reason of ours"),
    ],
)
def test_a_mapped_reason_that_does_not_hold_is_found(tree: Path, before: str, after: str, complaint: str) -> None:
    replace(tree, REASONS, before, after)
    assert complaint in said(pins.check(tree))


@pytest.mark.parametrize("location", ["/opt/xtrlv2", "~/xtrlv2", "file:///srv/xtrlv2", "C:\\xtrlv2"])
def test_an_absolute_path_in_a_source_is_found(tree: Path, location: str) -> None:
    change_pin(tree, lambda pin: pin["source"].update(location=location))
    assert "/source/location" in said(pins.check(tree))


def test_a_word_of_ours_without_an_answer_is_found(tree: Path) -> None:
    replace(tree, "contracts/jsonschema/shared/v1/definitions.json", '"NEEDS_HUMAN"', '"NEEDS_HUMAN", "HOLD"')
    found = said(pins.check(tree))
    assert "pin.json#vocabularies/verdict: HOLD has no answer" in found


def test_a_pin_that_is_none_is_found(tree: Path) -> None:
    write(tree, PIN, "{")
    assert f"{PIN}: " in said(pins.check(tree))
    (tree / PIN).unlink()
    assert "it has no pin.json" in said(pins.check(tree))
