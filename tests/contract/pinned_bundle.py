"""The pinned bundle as tests hold it against our words: its files, what its codes mean, what its documents say."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from dome_contracts import documents
from dome_contracts.failure_reasons import FailureReason
from dome_contracts.policy_reasons import POLICY_REASONS, PolicyReason
from dome_contracts.schema.control.pin import PinMember, PinRole, PinVocabulary
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins import load
from dome_spec.contracts.pins.translate import dictionary

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
