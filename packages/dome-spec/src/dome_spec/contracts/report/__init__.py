"""What a check found, for people and for programs: text, JSON, SARIF."""

from dome_spec.contracts.report.documents import documents, family_document
from dome_spec.contracts.report.explanation import (
    explain_pair,
    explain_rule,
    explanation_document,
    find_pair,
    rule_document,
)
from dome_spec.contracts.report.findings import Finding, family_findings, findings
from dome_spec.contracts.report.places import Place
from dome_spec.contracts.report.rules import find_rule, rules
from dome_spec.contracts.report.sarif import sarif
from dome_spec.contracts.report.text import finding_lines, render, summary

__all__ = [
    "Finding",
    "Place",
    "documents",
    "explain_pair",
    "explain_rule",
    "explanation_document",
    "family_document",
    "family_findings",
    "find_pair",
    "find_rule",
    "finding_lines",
    "findings",
    "render",
    "rule_document",
    "rules",
    "sarif",
    "summary",
]
