"""A report as words for people."""

from collections.abc import Iterator

from dome_contracts.schema.gates.standard_report import StandardReport, Subcheck, SubcheckStatus
from dome_spec.standards import known_status


def report_lines(report: StandardReport) -> Iterator[str]:
    """Every subcheck, and what does not hold."""
    tool = report.tool
    yield f"{report.status.value}  {tool.tool_id} {tool.version}  {tool.digest}"
    for name in type(report.subchecks).model_fields:
        subcheck: Subcheck = getattr(report.subchecks, name)
        yield f"  {subcheck.status.value:<15}{name}{_more(subcheck)}"
        for finding in subcheck.findings:
            place = f"{finding.place}: " if finding.place else ""
            yield f"      {finding.failure_reason_code}  {place}{finding.message}"
    if report.status is not known_status(report):
        yield "  Its effects could not be checked here, so it is not known to conform: no remedy by it is prescribed."


def _more(subcheck: Subcheck) -> str:
    if subcheck.status is SubcheckStatus.NOT_APPLICABLE:
        return f"  {subcheck.why}"
    jobs = len(subcheck.jobs or ())
    return f"  {subcheck.assertion_count} assertions{f', {jobs} jobs' if jobs else ''}"
