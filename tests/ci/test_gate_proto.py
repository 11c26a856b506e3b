"""Protos that break a reader, a rule or the format are refused."""

from pathlib import Path

import pytest

from ci.gates import proto
from tests.ci.blessed import blessed
from tests.ci.gate_trees import contracts_with, replace, said, share

JOB = "contracts/proto/dome/runtime/v1/job.proto"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    contracts_with(tmp_path, "proto", "baseline", "jsonschema")
    return share(tmp_path, "buf.yaml", "generated/src/dome_contracts/descriptors.binpb")


def field_of(tree: Path) -> tuple[str, str]:
    """Some declared field: its line, and its name."""
    lines = (tree / JOB).read_text().splitlines()
    line = next(line for line in lines if line.strip().startswith("string job_id = "))
    return line, "job_id"


def test_the_committed_protos_pass(tree: Path) -> None:
    assert proto.lint(tree) == []
    assert proto.form(tree) == []
    assert proto.house_rules(tree) == []


def test_a_baseline_that_is_blessed_agrees(tree: Path) -> None:
    blessed(tree, "wire")
    assert proto.breaking(tree) == []


@pytest.fixture
def blessed_tree(tree: Path) -> Path:
    """A tree whose baseline is the descriptor set as it is generated."""
    blessed(tree, "wire")
    return tree


@pytest.mark.parametrize("before", ["string job_id = ", "rpc CancelJob("])
def test_what_the_generated_descriptors_hold_cannot_go(blessed_tree: Path, before: str) -> None:
    path = JOB if before.startswith("string") else "contracts/proto/dome/runtime/v1/service.proto"
    line = next(line for line in (blessed_tree / path).read_text().splitlines() if before in line)
    replace(blessed_tree, path, line + "\n", "")
    assert proto.breaking(blessed_tree) != []


def test_a_removed_field_breaks_readers(tree: Path) -> None:
    line, name = field_of(tree)
    replace(tree, JOB, line + "\n", "")
    found = said(proto.breaking(tree))
    assert name in found
    assert "reserved" in found


def test_a_reserved_field_may_go(tree: Path) -> None:
    line, name = field_of(tree)
    number = line.rpartition("=")[2].strip(" ;")
    replace(tree, JOB, line, f'  reserved {number};\n  reserved "{name}";')
    assert proto.breaking(tree) == []


def test_a_removed_rpc_breaks_callers(tree: Path) -> None:
    service = "contracts/proto/dome/runtime/v1/service.proto"
    replace(tree, service, "  rpc CancelJob(CancelJobRequest) returns (CancelJobResponse);\n", "")
    assert "CancelJob" in said(proto.breaking(tree))


def test_a_missing_baseline_is_red(tree: Path) -> None:
    (tree / proto.BASELINE).unlink()
    assert "there is no baseline" in said(proto.breaking(tree))


def test_a_bad_name_is_found_by_lint(tree: Path) -> None:
    replace(tree, JOB, "message Job {", "message Job {\n  // A part.\n  string BadName = 900;")
    assert "BadName" in said(proto.lint(tree))


def test_a_crooked_line_is_found_by_format(tree: Path) -> None:
    line, _ = field_of(tree)
    replace(tree, JOB, line, f"   {line}")
    assert [found.place for found in proto.form(tree)] == [JOB]


def test_a_field_without_a_comment_is_found_by_the_house_rules(tree: Path) -> None:
    replace(tree, JOB, "message Job {", "message Job {\n  string bare_field = 900;")
    assert "bare_field has no comment" in said(proto.house_rules(tree))
