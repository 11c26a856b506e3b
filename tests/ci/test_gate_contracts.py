"""Generated files, the registry and the reasons stay what the contracts say."""

from pathlib import Path

import pytest

from ci.gates import codegen, examples, families, reasons
from ci.gates.bless import bless
from tests.ci.gate_trees import copy, replace, said, write

EDITED = "generated/src/dome_contracts/families.py"


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    return copy(tmp_path, "contracts", "buf.yaml")


def test_an_edited_generated_file_is_found(contracts: Path) -> None:
    copy(contracts, "generated", "buf.gen.yaml", "ci/gen/support")
    write(contracts, EDITED, (contracts / EDITED).read_text() + "EXTRA = 1\n")
    (found,) = [found for found in codegen.check(contracts) if found.place == EDITED]
    assert found.what == "differs"
    assert "just gen" in found.remedy


def test_the_registry_as_committed_is_whole(contracts: Path) -> None:
    assert families.check(contracts) == []


def test_a_schema_without_a_row_is_found(contracts: Path) -> None:
    write(contracts, "contracts/jsonschema/sample/v1/thing.json", "{}")
    assert "sample/thing has no row" in said(families.check(contracts))


def test_a_service_without_a_row_is_found(contracts: Path) -> None:
    write(contracts, "contracts/proto/dome/sample/v1/sample.proto", "package dome.sample.v1;\nservice OddService {}\n")
    assert "dome.sample.v1.OddService has no row" in said(families.check(contracts))


def test_a_row_without_a_contract_is_found(contracts: Path) -> None:
    replace(contracts, families.REGISTRY, "runtime/v1/runtime_config.json", "runtime/v1/nowhere.json")
    replace(contracts, families.REGISTRY, "family: dome.runtime.v1.JobEvent", "family: dome.runtime.v1.Happening")
    found = said(families.check(contracts))
    assert "runtime/runtime_config leads nowhere" in found
    assert "declares no dome.runtime.v1.Happening" in found


def test_the_reasons_that_are_blessed_pass(contracts: Path) -> None:
    bless(contracts)
    assert reasons.check(contracts) == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("reason: JOB_NOT_FOUND", "reason: JOB_MISLAID", "JOB_NOT_FOUND is not in rpc_errors"),
        ("reason: JOB_NOT_FOUND", "reason: JOB_MISLAID", "JOB_MISLAID is no ErrorReason"),
        ("reason: JOB_NOT_FOUND", "reason: JOB_MISLAID", "JOB_NOT_FOUND is gone"),
        ("code: GUARD.DENIED", "code: TESTS.FAILED", "TESTS.FAILED stands in failure_reasons and in policy_reasons"),
        ("code: PROCESS.LOST", "code: PROCESS.MISLAID", "PROCESS.LOST is gone from failure_reasons"),
        ("grpc: INTERNAL", "grpc: UNKNOWN", "INTERNAL has changed"),
    ],
)
def test_a_changed_reason_is_found(contracts: Path, before: str, after: str, complaint: str) -> None:
    bless(contracts)
    replace(contracts, reasons.CATALOGUE, before, after)
    assert complaint in said(reasons.check(contracts))


def test_a_missing_baseline_of_reasons_is_red(contracts: Path) -> None:
    (contracts / reasons.BASELINE).unlink()
    assert "there is no baseline" in said(reasons.check(contracts))


def test_an_example_that_its_family_refuses_is_found(contracts: Path) -> None:
    valid = next((contracts / "contracts/examples/runtime/runtime_config/valid").glob("*.json"))
    path = valid.relative_to(contracts).as_posix()
    write(contracts, path, '{"surprise": true}')
    assert path in said(examples.check(contracts))
