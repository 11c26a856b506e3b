"""Verdicts as text and as JSON. Runs no gate."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from ci.gates.run import Verdict

FINDINGS_SHOWN_MAX: Final = 40


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
