"""The support modules give the bytes, ids and codes that `contracts/vectors/` fixes for every implementation."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts import exit_codes, ids
from dome_contracts.canonical import NotCanonical, canonical_bytes, digest
from dome_contracts.runtime.v1 import OutcomeCause

VECTORS = Path(__file__).parents[2] / "contracts" / "vectors"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text())


def by_name(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in cases])


CANONICAL = vectors("canonical")
IDS = vectors("ids")
EXIT_CODES = vectors("exit_codes")


@by_name(CANONICAL["cases"])
def test_canonical_bytes_and_digest_are_those_of_the_vector(case: dict[str, str]) -> None:
    value = json.loads(case["json"])
    assert canonical_bytes(value) == case["canonical"].encode()
    assert digest(value) == case["digest"] == "sha256:" + hashlib.sha256(case["canonical"].encode()).hexdigest()


@by_name(CANONICAL["invalid"])
def test_a_value_outside_the_domain_has_no_canonical_form(case: dict[str, str]) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(json.loads(case["json"]))


@by_name(IDS["bodies"])
def test_a_body_is_that_of_the_vector(case: dict[str, Any]) -> None:
    made = ids.body(time_ms=case["time_ms"], entropy=bytes.fromhex(case["entropy_hex"]), after=case["after"])
    assert made == case["body"]
    assert case["after"] is None or made > case["after"]


@pytest.mark.parametrize("case", IDS["ids"], ids=lambda case: str(case["kind"]))
def test_an_id_is_that_of_the_vector(case: dict[str, str]) -> None:
    make = {
        "job": ids.job_id,
        "run": ids.run_id,
        "incident": ids.incident_id,
        "refusal": ids.refusal_id,
        "idempotency_key": ids.idempotency_key,
    }[case["kind"]]
    assert make(ids.Body(case["body"])) == case["id"]
    assert ids.body_of(case["id"]) == case["body"]


@pytest.mark.parametrize("case", IDS["events"], ids=lambda case: str(case["seq"]))
def test_an_event_id_names_its_job_and_seq(case: dict[str, Any]) -> None:
    assert ids.event_id(case["job_id"], case["seq"]) == case["event_id"]
    assert ids.parse_event_id(case["event_id"]) == (case["job_id"], case["seq"])


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in IDS["invalid"].items() for text in texts])
def test_a_text_that_is_no_id_is_refused(kind: str, text: str) -> None:
    parse: Any = {"job": ids.parse_job_id, "run": ids.parse_run_id, "event": ids.parse_event_id}[kind]
    with pytest.raises(ids.InvalidId):
        parse(text)


def test_exit_codes_have_the_names_and_values_of_the_vector() -> None:
    assert {code.name: code.value for code in exit_codes.Exit} == EXIT_CODES["codes"]


def test_every_exit_code_has_a_meaning() -> None:
    assert set(exit_codes.MEANINGS) == set(exit_codes.Exit)


@pytest.mark.parametrize("case", EXIT_CODES["outcomes"], ids=lambda case: str(case["cause"]))
def test_an_outcome_exits_as_the_vector_says(case: dict[str, Any]) -> None:
    numbers = {key: case[key] for key in ("exit_code", "signal", "failure_reason_code")}
    assert exit_codes.of_outcome(case["cause"], **numbers) == case["exit"]


@pytest.mark.parametrize("case", EXIT_CODES["statuses"], ids=lambda case: str(case["grpc_status"]))
def test_a_status_exits_as_the_vector_says(case: dict[str, int]) -> None:
    assert exit_codes.of_status(case["grpc_status"]) == case["exit"]


def test_the_vectors_cover_every_cause_of_the_wire() -> None:
    causes = {cause.name for cause in OutcomeCause if cause.value}
    assert causes <= {case["cause"] for case in EXIT_CODES["outcomes"]}
