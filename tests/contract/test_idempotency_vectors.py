"""A request has the digest that `contracts/vectors/idempotency.json` fixes for every implementation."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, SkillExecuteRequest
from domed.jobs.idempotency import request_digest

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "vectors" / "idempotency.json").read_text())


def message(fields: dict[str, Any], payload: bytes) -> SkillExecuteRequest:
    correlation = {name: fields[name] for name in ("run_id", "task_id", "group_id") if name in fields}
    constraints = {name: fields[name] for name in ("output_bytes_max",) if name in fields}
    others = {name: value for name, value in fields.items() if name not in correlation | constraints}
    return SkillExecuteRequest(
        input=payload,
        correlation=Correlation(**correlation) if correlation else None,
        constraints=ExecuteConstraints(**constraints) if constraints else None,
        **others,
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_a_request_has_the_digest_of_the_vector(case: dict[str, Any]) -> None:
    payload = case["input"].encode()
    request = message(case["request"], payload)
    computed = request_digest(request, input_hash=digest_bytes(payload), working_directory=case["working_directory"])
    assert computed == case["digest"] == digest_bytes(case["canonical"].encode())


def test_no_two_requests_of_the_vectors_have_the_same_digest() -> None:
    digests = [case["digest"] for case in VECTORS["cases"]]
    assert len(set(digests)) == len(digests)
