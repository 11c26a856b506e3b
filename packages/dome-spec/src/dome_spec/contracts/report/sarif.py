"""A report as SARIF 2.1.0: what code review and editors show beside the line."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from dome_contracts.canonical import digest
from dome_spec.contracts.check import Report
from dome_spec.contracts.compatibility import Rule
from dome_spec.contracts.policy import Level
from dome_spec.contracts.report.documents import finding_document
from dome_spec.contracts.report.findings import Finding, findings
from dome_spec.contracts.report.places import Place
from dome_spec.contracts.report.rules import rules

VERSION: Final = "2.1.0"
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Level.GREEN: "note", Level.WARNING: "warning", Level.RED: "error", Level.INVALID: "error"}


def sarif(report: Report) -> dict[str, Any]:
    """The whole report as one log with one run."""
    found = findings(report)
    known = {each.id: each for each in rules()}
    used = [known[rule_id] for rule_id in sorted({each.rule for each in found}) if rule_id in known]
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {"driver": {"name": "dome contracts", "rules": [_rule(each) for each in used]}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, [rule.id for rule in used]) for each in found],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.what},
        "help": {
            "text": f"{rule.what} What to do: {rule.remedy}",
            "markdown": f"{rule.what}\n\n**What to do:** {rule.remedy}\n\nMore: `dome contracts explain {rule.id}`.",
        },
        "properties": {"verdict": str(rule.verdict), "direction": str(rule.direction), "tags": list(rule.keywords)},
    }


def _result(finding: Finding, rule_ids: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {"ruleId": finding.rule}
    if finding.rule in rule_ids:
        result["ruleIndex"] = rule_ids.index(finding.rule)
    return result | {
        "level": _LEVELS[finding.level],
        "message": {"text": _message(finding)},
        "locations": [_location(finding.place, finding.family)],
        "partialFingerprints": {"domeContracts/v1": _fingerprint(finding)},
        "properties": finding_document(finding),
    }


def _message(finding: Finding) -> str:
    return f"{finding.family}: {finding.what.rstrip('.')}. What to do: {finding.remedy}"


def _location(place: Place, family: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.path)}}
    if place.position is not None:
        physical["region"] = {"startLine": place.position.line, "startColumn": place.position.column}
    name = f"{family}#{place.pointer}" if place.pointer else family
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name}]}


def _uri(path: str) -> str:
    return PurePosixPath(path).as_uri() if path.startswith("/") else quote(path)


def _fingerprint(finding: Finding) -> str:
    """Equal for the same finding after lines have moved."""
    return digest([finding.rule, finding.family, finding.place.pointer, str(finding.direction)])
