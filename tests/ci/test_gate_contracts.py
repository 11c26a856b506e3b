"""Generated files, examples and the reasons stay what the contracts say."""

from pathlib import Path

import pytest

from ci.gates import codegen, examples, reasons
from tests.ci.blessed import blessed
from tests.ci.gate_trees import contracts_with, copy, replace, said, share, write

EDITED = "generated/src/dome_contracts/families.py"


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    return contracts_with(tmp_path, "reasons.yaml", "baseline", "jsonschema")


def test_the_same_contracts_give_the_same_bytes_anywhere_and_an_edited_file_is_found(tmp_path: Path) -> None:
    copy(share(tmp_path, "contracts", "buf.yaml", "buf.gen.yaml", "ci/gen/support"), "generated")
    write(tmp_path, EDITED, (tmp_path / EDITED).read_text() + "EXTRA = 1\n")
    (found,) = codegen.check(tmp_path)
    assert (found.place, found.what) == (EDITED, "differs")
    assert "just gen" in found.remedy


def test_the_reasons_that_are_blessed_pass(contracts: Path) -> None:
    blessed(contracts, "reasons")
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
    blessed(contracts, "reasons")
    replace(contracts, reasons.CATALOGUE, before, after)
    assert complaint in said(reasons.check(contracts))


def test_a_missing_baseline_of_reasons_is_red(contracts: Path) -> None:
    (contracts / reasons.BASELINE).unlink()
    assert "there is no baseline" in said(reasons.check(contracts))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("    retryable: false\n", "    retryable: perhaps\n", '"perhaps" is not of type "boolean"'),
        ("code: GUARD.DENIED", "code: guard denied", "guard denied"),
        ("    grpc: INTERNAL\n", "", '"grpc" is a required property'),
    ],
)
def test_a_catalogue_out_of_shape_is_found(contracts: Path, before: str, after: str, complaint: str) -> None:
    replace(contracts, reasons.CATALOGUE, before, after)
    assert complaint in said(reasons.check(contracts))


def test_an_example_that_its_family_refuses_is_found(tmp_path: Path) -> None:
    copy(tmp_path, *(f"contracts/{kind}/runtime" for kind in ("jsonschema", "examples")), "contracts/jsonschema/shared")
    assert examples.check(tmp_path) == []
    valid = next((tmp_path / "contracts/examples/runtime/runtime_config/valid").glob("*.json"))
    path = valid.relative_to(tmp_path).as_posix()
    write(tmp_path, path, '{"surprise": true}')
    assert path in said(examples.check(tmp_path))
