"""Verdicts as text, as JSON and as SARIF. Runs no gate."""

import json
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from ci.gates.finding import Finding
from ci.gates.run import Verdict

FINDINGS_SHOWN_MAX: Final = 40
SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def line(verdict: Verdict) -> str:
    """Gate, verdict, time, and where it is red how many findings and the first remedy."""
    head = f"{verdict.gate:<18} {'green' if verdict.is_green else 'RED  '} {verdict.duration_s:6.2f} s"
    if verdict.is_green:
        return head
    return f"{head}  {len(verdict.findings)}: {verdict.findings[0].remedy}"


def details(verdicts: Sequence[Verdict]) -> Iterable[str]:
    """Every finding of the red gates."""
    for verdict in verdicts:
        if not verdict.is_green:
            yield f"\n{verdict.gate}\n"
            yield from (f"  {found}\n" for found in verdict.findings[:FINDINGS_SHOWN_MAX])
            if (more := len(verdict.findings) - FINDINGS_SHOWN_MAX) > 0:
                yield f"  ... and {more} more: `./just gates --only {verdict.gate} --json` shows all.\n"


def as_json(verdict: Verdict) -> str:
    """One object on one line."""
    findings = [{"place": found.place, "what": found.what, "remedy": found.remedy} for found in verdict.findings]
    verdict_word = "green" if verdict.is_green else "red"
    duration_s = round(verdict.duration_s, 3)
    return json.dumps({"gate": verdict.gate, "verdict": verdict_word, "duration_s": duration_s, "findings": findings})


def as_sarif(verdicts: Sequence[Verdict]) -> str:
    """All findings as one log in SARIF 2.1.0: a gate is a rule, a finding a result."""
    rules = [{"id": verdict.gate} for verdict in verdicts]
    results = [_result(verdict.gate, found) for verdict in verdicts for found in verdict.findings]
    run = {"tool": {"driver": {"name": "dome-gates", "rules": rules}}, "results": results}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(gate: str, found: Finding) -> dict[str, object]:
    path, _, line = found.place.partition("#")[0].partition(":")
    location: dict[str, object] = {"artifactLocation": {"uri": quote(path)}}
    if line.partition(":")[0].isdecimal() and int(line.partition(":")[0]):
        location["region"] = {"startLine": int(line.partition(":")[0])}
    message = {"text": f"{found.what}. {found.remedy}"}
    return {"ruleId": gate, "level": "error", "message": message, "locations": [{"physicalLocation": location}]}
