"""A report as JSON: one object for each family, one for each file that could not be read, and a summary at the end."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from dome_spec.contracts.check import FamilyChange, Report
from dome_spec.contracts.compatibility import Verdict
from dome_spec.contracts.report.findings import Finding, family_findings, findings
from dome_spec.contracts.report.places import Place


def documents(report: Report) -> Iterator[dict[str, Any]]:
    """Every object of the report, in order."""
    for change in report.changes:
        yield family_document(report, change)
    for finding in findings(report):
        if finding.rule == "file-unreadable":
            yield {"problem": finding_document(finding)}
    yield {"summary": _summary(report)}


def family_document(report: Report, change: FamilyChange) -> dict[str, Any]:
    """One family: what became of it, and every finding with the whole witness."""
    return {
        "family": change.family,
        "kind": change.kind,
        "level": str(change.level),
        "verdict": str(change.comparison.verdict) if change.comparison else _plain_verdict(change),
        "direction": str(change.comparison.direction) if change.comparison else None,
        "tier": str(change.terms.tier) or None,
        "intent": change.terms.intent or None,
        "against": change.against.origin,
        "old_path": change.against.shown(change.old_path) if change.old_path is not None else None,
        "new_path": report.new.shown(change.new_path) if change.new_path is not None else None,
        "findings": [finding_document(each) for each in family_findings(report, change)],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding."""
    document: dict[str, Any] = {
        "rule": finding.rule,
        "level": str(finding.level),
        "verdict": str(finding.verdict) if finding.verdict else None,
        "direction": str(finding.direction) if finding.direction else None,
        "what": finding.what,
        "why": finding.why or None,
        "remedy": finding.remedy,
        "place": place_document(finding.place),
    }
    if (witness := finding.witness) is not None:
        document["witness"] = {
            "document": witness.document,
            "accepted_by": witness.accepted_by,
            "refused_by": witness.refused_by,
            "place": witness.place,
            "keyword": witness.keyword,
            "schema_place": witness.schema_place,
            "message": witness.message,
        }
    return document


def place_document(place: Place) -> dict[str, Any]:
    """A place in a file."""
    position = place.position
    return {
        "path": place.path,
        "pointer": place.pointer,
        "line": position.line if position else None,
        "column": position.column if position else None,
    }


def _plain_verdict(change: FamilyChange) -> str | None:
    """Of what was not compared, because there is nothing to compare or nothing that changed."""
    if change.refusal is not None or change.kind == "shared":
        return None
    return str(Verdict.INCOMPATIBLE if change.kind == "removed" else Verdict.COMPATIBLE)


def _summary(report: Report) -> dict[str, Any]:
    levels, kinds = (Counter(map(str, found)) for found in _counted(report))
    return {
        "level": str(report.level),
        "families": len({change.family for change in report.changes}),
        "levels": dict(sorted(levels.items())),
        "kinds": dict(sorted(kinds.items())),
        "against": [old.origin for old in report.olds],
        "skipped_count": report.new.skipped_count,
    }


def _counted(report: Report) -> tuple[list[str], list[str]]:
    return [change.level for change in report.changes], [change.kind for change in report.changes]
