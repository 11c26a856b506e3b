"""The exported decision on promotion is a Statement to the official library of in-toto, and carries its own proof."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from in_toto_attestation.v1 import statement_pb2  # type: ignore[import-untyped]
from in_toto_attestation.v1.statement import Statement  # type: ignore[import-untyped]

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.promotion_decision import PromotionDecision
from dome_spec.gates import BasisMissing, promotion_statement
from dome_spec.kernel import read_document
from tests.remembered import example

GATES = tuple(
    read_document(GateDecision, example("gates/gate_decision", "approved") | {"gate_id": name})
    for name in ("lint", "tests", "types")
)


def a_decision(**changes: Any) -> PromotionDecision:
    value = example("gates/promotion_decision", "approved")
    resting = sorted(digest(each.to_value()) for each in GATES[:2])
    return read_document(PromotionDecision, value | {"gate_decisions": resting} | changes)


def validated(data: bytes) -> dict[str, Any]:
    """The Statement as JSON, after the library has read and validated it, and found nothing that it does not know."""
    message = json_format.Parse(data, statement_pb2.Statement())
    Statement.copy_from_pb(message).validate()
    shown: dict[str, Any] = json.loads(data)
    return shown


def test_the_commit_is_the_subject_by_its_digest() -> None:
    shown = validated(promotion_statement(a_decision(), GATES))
    assert shown["_type"] == "https://in-toto.io/Statement/v1"
    assert shown["predicateType"] == "https://dome.dev/predicates/promotion/v1"
    (commit,) = shown["subject"]
    assert commit == {"name": "repository", "digest": {"gitCommit": a_decision().subject.commit_sha}}


def test_artifacts_are_subjects_beside_the_commit() -> None:
    wheel = {"name": "wheel.whl", "digest": f"sha256:{'ab' * 32}", "size_bytes": 3, "media_type": "application/zip"}
    log = {"name": "log", "digest": f"sha256:{'cd' * 32}", "size_bytes": 1, "media_type": "text/plain"}
    subject = example("gates/promotion_decision", "approved")["subject"] | {"artifacts": [wheel, log]}
    _, *artifacts = validated(promotion_statement(a_decision(subject=subject), GATES))["subject"]
    assert artifacts == [
        {"name": "artifact/log", "digest": {"sha256": "cd" * 32}, "mediaType": "text/plain"},
        {"name": "artifact/wheel.whl", "digest": {"sha256": "ab" * 32}, "mediaType": "application/zip"},
    ]


def test_whoever_has_the_statement_can_recompute_every_digest_in_it() -> None:
    decision = a_decision()
    predicate = validated(promotion_statement(decision, GATES))["predicate"]
    assert predicate["decision"] == decision.to_value()
    assert predicate["decisionDigest"] == {"sha256": digest(predicate["decision"]).removeprefix("sha256:")}
    assert [digest(each) for each in predicate["gateDecisions"]] == decision.gate_decisions
    read_document(PromotionDecision, predicate["decision"])


def test_nothing_is_exported_of_which_a_basis_is_missing() -> None:
    with pytest.raises(BasisMissing, match="sha256:"):
        promotion_statement(a_decision(), GATES[:1])


@given(st.permutations(GATES))
def test_the_same_decision_gives_the_same_canonical_bytes(gates: list[GateDecision]) -> None:
    data = promotion_statement(a_decision(), GATES)
    assert promotion_statement(a_decision(), [*gates, gates[0]]) == data
    assert canonical_bytes(json.loads(data)) + b"\n" == data
