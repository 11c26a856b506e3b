"""The report from the judgements: what the subchecks found, with the evidence that shows it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.schema.gates.standard_report import (
    CheckedEffect,
    CheckedTool,
    ReportStatus,
    Standard,
    StandardReport,
    Subcheck,
    Subchecks,
    SubcheckStatus,
)
from dome_contracts.schema.shared.definitions import EvidenceRef, VersionContext
from dome_spec.standards.observed import Observed
from dome_spec.standards.subchecks import (
    Judged,
    contract_validity,
    determinism,
    observability_split,
    side_effects,
    spec_as_test,
)

STANDARD: Final = Standard(standard_id="python_standard", version="1.1.0")
"""The standard that is applied. Another judgement of the same observations is another version."""
SUBCHECKS: Final = (contract_validity, determinism, side_effects, observability_split, spec_as_test)
_EVIDENCE_MAX: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was checked, when, and under which versions."""

    tool: CheckedTool
    run_id: str
    versions: VersionContext
    check_time: str


def judged(observed: Observed) -> Mapping[str, Judged]:
    """Every subcheck by its name."""
    return {subcheck.__name__: subcheck(observed) for subcheck in SUBCHECKS}


def observation(name: str, found: Judged, observed: Observed) -> dict[str, Any]:
    """What a subcheck was judged by, as a value that is kept as evidence."""
    runs = [
        {
            "input": run.tried.name,
            "job_id": run.job_id,
            "succeeded": run.succeeded,
            "failure_reason_code": run.failure_reason_code,
            "message": run.message,
            "changed": list(run.changed),
            "enforced": None
            if run.enforced is None
            else {
                "filesystem": run.enforced.filesystem,
                "network": run.enforced.network,
                "processes": run.enforced.processes,
            },
        }
        for run in found.runs
    ]
    edge = [
        {"rule": each.breach.rule.value, "place": each.breach.place, "reason": each.reason} for each in observed.edge
    ]
    return {
        "subcheck": name,
        "status": found.status.value,
        "assertion_count": found.assertion_count,
        "findings": [each.to_value() for each in found.findings],
        "runs": runs,
        "edge": edge,
    }


def report_of(checked: Checked, found: Mapping[str, Judged], evidence: Mapping[str, EvidenceRef]) -> StandardReport:
    """The report. `evidence` is the kept observation of each subcheck; that of its runs follows it."""
    is_failed = any(each.status is SubcheckStatus.FAIL for each in found.values())
    return StandardReport(
        schema_version="1",
        standard=STANDARD,
        tool=checked.tool,
        run_id=checked.run_id,
        versions=checked.versions,
        status=ReportStatus.FAIL if is_failed else ReportStatus.PASS,
        subchecks=Subchecks(**{name: _subcheck(each, evidence[name]) for name, each in found.items()}),
        check_time=checked.check_time,
    )


def _subcheck(found: Judged, kept: EvidenceRef) -> Subcheck:
    shown = {each.digest: each for each in (kept, *(piece for run in found.runs for piece in run.evidence))}
    jobs = list(dict.fromkeys(run.job_id for run in found.runs))
    more: dict[str, Any] = {"jobs": jobs[:_EVIDENCE_MAX]} if jobs else {}
    if found.status is SubcheckStatus.NOT_APPLICABLE:
        more["why"] = found.why
        if found.unverified is not None:
            more["unverified"] = [CheckedEffect(each) for each in found.unverified]
    return Subcheck(
        status=found.status,
        assertion_count=found.assertion_count,
        findings=list(found.findings),
        evidence=list(shown.values())[:_EVIDENCE_MAX],
        **more,
    )
