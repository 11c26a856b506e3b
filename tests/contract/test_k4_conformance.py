"""K4, conformance: no capsule is trusted before a gate has seen that its tool conforms to the standard."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.schema.gates.standard_report import ReportStatus, StandardReport
from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_contracts.schema.shared.definitions import GuardDecision
from dome_spec.binding import EvidenceStore, Memory, judge, open_memory
from dome_spec.commands.memory.judging import StoreVerifier
from dome_spec.governance import evaluate
from dome_spec.kernel import read_document
from dome_spec.standards import StandardReports
from tests.histories import NOON, a_policy, a_success
from tests.judged import AT, guard, guardrails, situation

POLICY = a_policy()
EXAMPLES = Path(__file__).parents[2] / "contracts/examples/gates/standard_report/valid"
SHOWN = {"digest": "sha256:" + "a" * 64, "location": "evidence/a"}
PASSED = {"status": "PASS", "assertion_count": 1, "findings": [], "evidence": [SHOWN]}
FAILED = {
    **PASSED,
    "status": "FAIL",
    "findings": [{"failure_reason_code": "TOOL.FAILED", "message": "It opened a socket."}],
}
UNTOLD = {
    **PASSED,
    "evidence": [],
    "status": "NOT_APPLICABLE",
    "assertion_count": 0,
    "why": "It declares no determinism.",
}
UNHELD = {**UNTOLD, "why": "The kernel of this machine does not hold it to: network."}
NO_LIMIT = {**UNTOLD, "why": "It declares no limit.", "unverified": []}


class Resolving(StoreVerifier):
    """Looks into the reports; all evidence is there."""

    def resolves(self, digest: str) -> bool:
        return True


def a_report(version: str = "1.4.0", **subchecks: Any) -> StandardReport:
    """A report on the tool of the histories."""
    value = json.loads(next(iter(sorted(EXAMPLES.iterdir()))).read_bytes())
    value["tool"] |= {"tool_id": "repo.test", "version": version}
    value["subchecks"] = {**dict.fromkeys(value["subchecks"], PASSED), **subchecks}
    value["status"] = "FAIL" if FAILED in subchecks.values() else "PASS"
    return read_document(StandardReport, value)


@pytest.fixture
def memory() -> Iterator[Memory]:
    with closing(open_memory(None, POLICY)) as opened:
        opened.append([fact for number in range(8) for fact in a_success(number, second=number)])
        yield opened


def standing(memory: Memory, state_dir: Path) -> tuple[str, list[str]]:
    """What the capsule may be used for by the reports that are kept, and why no more."""
    (learnt,) = memory.capsules()
    verifier = Resolving(EvidenceStore(state_dir / "evidence"), StandardReports(state_dir))
    now = NOON + timedelta(seconds=10)
    found = judge(learnt, POLICY, now=now, stage=RolloutStage.PRESCRIPTIVE, verifier=verifier)
    return found.use.value, [each.code.value for each in found.reasons]


def test_k4_a_capsule_prescribes_only_with_a_tool_that_conforms(memory: Memory, tmp_path: Path) -> None:
    assert standing(memory, tmp_path) == ("advisory", ["tool_nonconforming"])
    reports = StandardReports(tmp_path)
    reports.keep(a_report(version="1.3.0"))
    assert standing(memory, tmp_path) == ("advisory", ["tool_nonconforming"]), (
        "another version says nothing of this one"
    )
    reports.keep(a_report())
    assert standing(memory, tmp_path) == ("prescriptive", [])


@pytest.mark.parametrize(
    ("subchecks", "reason"),
    [
        ({"side_effects": FAILED}, "tool_nonconforming"),
        ({"contract_validity": FAILED}, "tool_nonconforming"),
        ({"determinism": FAILED}, "tool_nonconforming"),
        ({"observability_split": FAILED}, "tool_nonconforming"),
        ({"spec_as_test": FAILED}, "tool_nonconforming"),
        ({"determinism": UNTOLD}, "tool_nondeterministic"),
        ({"side_effects": {**UNHELD, "unverified": ["network"]}}, "tool_nonconforming"),
        ({"side_effects": {**UNHELD, "unverified": ["filesystem", "network"]}}, "tool_nonconforming"),
        ({"side_effects": UNHELD}, "tool_nonconforming"),
    ],
)
def test_k4_each_subcheck_that_does_not_hold_keeps_a_capsule_advisory(
    memory: Memory, tmp_path: Path, subchecks: dict[str, Any], reason: str
) -> None:
    StandardReports(tmp_path).keep(a_report(**subchecks))
    assert standing(memory, tmp_path) == ("advisory", [reason])


def test_k4_what_a_tool_declares_no_limit_of_is_no_doubt_and_what_nobody_could_check_is_one(
    memory: Memory, tmp_path: Path
) -> None:
    reports = StandardReports(tmp_path)
    report = a_report(side_effects=NO_LIMIT)
    reports.keep(report)
    assert standing(memory, tmp_path) == ("prescriptive", [])
    assert reports.status("repo.test", report.tool.digest) is ReportStatus.PASS
    unheld = a_report(side_effects={**UNHELD, "unverified": ["network"]})
    reports.keep(unheld.model_copy(update={"check_time": "2099-01-01T00:00:00Z"}))
    assert reports.status("repo.test", report.tool.digest) is None


@pytest.mark.parametrize(
    ("status", "decision"),
    [(None, GuardDecision.DENY), (ReportStatus.FAIL, GuardDecision.DENY), (ReportStatus.PASS, GuardDecision.ALLOW)],
)
def test_k4_a_guard_lets_a_prescribed_remedy_start_only_with_a_report_that_passed(
    status: ReportStatus | None, decision: GuardDecision
) -> None:
    asked = situation(tool_status=status, is_prescribed=True)
    conforms = guard({"kind": "tool_conforms"})
    conforms["applies_to"]["prescribed"] = True
    ruling = evaluate(guardrails({"tool.conforms": conforms}), asked, evaluate_time=AT)
    assert [each.decision for each in ruling.evaluations if each.guard_id == "tool.conforms"] == [decision]
    assert ruling.record.failure_reason_code == asked.failure_reason_code
