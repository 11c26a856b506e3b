"""Reports that are kept: the newest on the same tool counts, and nothing is known of another."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.schema.gates.standard_report import StandardReport
from dome_spec.binding import Conformance
from dome_spec.commands.standard.words import report_lines
from dome_spec.kernel import read_document
from dome_spec.standards import ReportDamaged, StandardReports

EXAMPLES = Path(__file__).parents[4] / "contracts/examples/gates/standard_report/valid"


def a_report(name: str = "passed", **tool: Any) -> StandardReport:
    value = json.loads((EXAMPLES / f"{name}.json").read_bytes())
    moment = tool.pop("check_time", value["check_time"])
    return read_document(
        StandardReport, value | {"check_time": moment, "tool": {**value["tool"], "tool_id": "ledger.mend", **tool}}
    )


def test_the_newest_report_on_the_same_tool_counts(tmp_path: Path) -> None:
    reports = StandardReports(tmp_path)
    passed, failed = a_report(check_time="2024-01-02T00:00:00Z"), a_report("failed", check_time="2024-01-01T00:00:00Z")
    failed = failed.model_copy(update={"tool": passed.tool})
    for each in (passed, failed, passed):
        reports.keep(each)
    assert reports.newest("ledger.mend") == passed
    assert reports.status("ledger.mend", passed.tool.digest) == "PASS"
    assert reports.status("ledger.mend", "sha256:" + "0" * 64) is None
    assert reports.status("other.tool", passed.tool.digest) is None
    reports.keep(failed.model_copy(update={"check_time": "2024-01-03T00:00:00Z"}))
    assert reports.conformance("ledger.mend", passed.tool.version) is Conformance.NONCONFORMING


def test_a_tool_that_declares_no_determinism_is_known_for_it(tmp_path: Path) -> None:
    reports = StandardReports(tmp_path)
    undeclared = a_report("determinism_not_declared")
    assert reports.conformance("ledger.mend", undeclared.tool.version) is Conformance.UNKNOWN
    reports.keep(undeclared)
    assert reports.conformance("ledger.mend", undeclared.tool.version) is Conformance.NONDETERMINISTIC
    assert reports.conformance("ledger.mend", "9.9.9") is Conformance.UNKNOWN
    assert reports.versions() == {"ledger.mend": undeclared.tool.version}


def test_a_tool_whose_effects_nobody_could_check_is_not_known(tmp_path: Path) -> None:
    reports = StandardReports(tmp_path)
    report = a_report("effects_that_nobody_could_check")
    reports.keep(report)
    assert reports.conformance("ledger.mend", report.tool.version) is Conformance.UNKNOWN
    assert reports.status("ledger.mend", report.tool.digest) is None
    assert report.status == "PASS"
    assert "not known to conform" in "\n".join(report_lines(report))
    assert "not known to conform" not in "\n".join(report_lines(a_report()))
    assert "not known to conform" not in "\n".join(report_lines(a_report("failed")))


@pytest.mark.parametrize("tool_id", ["../ledger.mend", "", "/etc", "a/b", "."])
def test_what_is_no_tool_is_no_path(tmp_path: Path, tool_id: str) -> None:
    assert StandardReports(tmp_path).newest(tool_id) is None


def test_a_damaged_report_is_named(tmp_path: Path) -> None:
    reports = StandardReports(tmp_path)
    reports.keep(a_report()).write_text("{")
    with pytest.raises(ReportDamaged, match="ledger"):
        reports.newest("ledger.mend")
